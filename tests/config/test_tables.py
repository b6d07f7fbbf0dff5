"""Series, profiles and registers: how a paper is numbered, and what a register's columns hold."""

from __future__ import annotations

from engine.config.tables import ColumnType


def test_papers_are_numbered_by_profile(site):
    series = site.load().site.series
    state, party = series("so_ngoai_vu", "TTr"), series("ban_to_chuc_thanh_uy", "CV")
    assert (state.key, state.pattern, state.org, state.period) == (
        "so_ngoai_vu/TTr",
        "{n}/{kind}-{org}",
        "SNgV",
        "year",
    )
    assert (party.key, party.pattern, party.org) == ("ban_to_chuc_thanh_uy/CV", "{n}-{kind}/{org}", "BTCTU")


def test_one_line_for_two_issuers_has_one_counter_a_kind_through_the_term(site):
    setup = site.load()
    standing, board = setup.site.series("thuong_truc_thanh_uy", "QĐ"), setup.site.series("ban_thuong_vu_thanh_uy", "QĐ")
    assert standing == board and standing.key == "TU/QĐ" and standing.period == "term" and setup.site.term == "XVII"
    assert setup.site.series("thuong_truc_thanh_uy", "TB").key == "TU/TB"


def test_a_unit_stands_in_the_number(site):
    letter = site.load().site.series("so_ngoai_vu", "CV")
    assert letter.pattern.format(n="07", kind="CV", org=letter.org, unit=letter.unit) == "07/SNgV-LS"


def test_kinds_are_compared_composed(site):
    site.edit("TB QĐ TTr CV", "TB QĐ TTr BC")
    assert site.load().site.series("thuong_truc_thanh_uy", "BC").key == "TU/BC"


def test_bodies_outside_have_no_numbers(site):
    series = site.load().site.series
    assert series("thu_tuong_chinh_phu", "CV") is None and series("nobody", "CV") is None


def test_columns_have_types(site):
    setup = site.load()
    assert setup.site.registers["trips"].keys == ("person", "year")
    assert setup.register_types["plan_items"]["countries"] == ColumnType("country", True)
    assert setup.register_types["plan_items"]["title"] == ColumnType("text", False)
    assert setup.site.registers["directives"].kept_by == "so_ngoai_vu"


def test_two_lines_with_one_counter_are_refused(site):
    site.edit(
        '{ pattern = "{n}/SNgV-{unit}", unit = "LS" }', '{ name = "TU", pattern = "{n}/SNgV-{unit}", unit = "LS" }'
    )
    (said,) = site.said()
    assert "would share the counter 'TU/CV'; give one of them a name" in said
