"""The command line on PostgreSQL: made, walked, verified; several processes need no door."""

from __future__ import annotations


def test_a_site_on_postgresql(fresh, postgres_url):
    fresh.site.edit('"sqlite:///var/trinh.db"', f'"{postgres_url}"')
    assert "no tables yet" in fresh.no("list")
    fresh.clock("2022-05-04 08:00:00")
    assert "delegation-out version 1" in fresh.ok("init")
    case = fresh.submitted()
    fresh.ok("decide", case, "forward", "--as", "F21")
    assert fresh("show", case, "--json").json["state"] == "ORG_REVIEW"
    assert fresh("list", "--json").json["total"] == 1
    assert "clean" in fresh.ok("verify")
    assert fresh("check", "--config").code == 0
