"""Figures of config.toml reach the pages: what a site sets is what holds."""

from __future__ import annotations

from engine.web.limits import PAGES, RESEND, Limiter, sizes


def test_limits_of_the_site_hold_on_the_pages(site):
    site.edit("links_per_minute   = 60", "links_per_minute = 2").edit("body_mb            = 2", "body_mb = 1")
    site.edit("case_mb    = 100", "case_mb = 30")
    settings = site.load().settings
    limiter = Limiter(settings.limits)
    assert [limiter.hit(PAGES, "d", "10.0.0.1") for _ in range(3)] == [True, True, False]
    assert [limiter.hit(RESEND, "g") for _ in range(4)] == [True, True, True, False]
    size = sizes(settings)
    assert size("/sign-in") == 1024 * 1024 and size("/c/x/edit") == 37 * 1024 * 1024
    assert settings.files.file_bytes == 25 * 1024 * 1024
