"""Exceptions are requested with their grounds, opined on, and decided one by one; a block is never lifted by asking."""

from __future__ import annotations

from tests.core.desk import Desk, tokyo

SIZE = {"R_12": {"truly_necessary": "Cần thêm", "added_members": ["X6"]}}
TRIPS = {"R_08": {"important": "Quan trọng", "truly_necessary": "Cần thiết", "specific_task": "Đàm phán"}}
EIGHT = ["F06", "F17", "X1", "X2", "X3", "X4", "X5", "X6"]
TRAVELLED = [{"person": "F06", "year": 2022, "from": f"2022-0{m}-01", "to": f"2022-0{m}-03"} for m in (2, 3)]


def two_exceptions() -> Desk:
    """Eight people under a director who has travelled twice already."""
    desk = Desk(trips=TRAVELLED).at("2022-06-06 09:00").case_of("F17", tokyo(people=EIGHT), **SIZE, **TRIPS)
    return desk.does("F17", "submit")


def states(desk: Desk) -> dict[str, str]:
    return {key: waiver.state for key, waiver in desk.case.waivers.items()}


def test_each_exception_is_decided_by_itself():
    desk = two_exceptions()
    assert states(desk) == {"R-08:F06": "REQUESTED", "R-12": "REQUESTED"}
    desk.does("F21", "forward").agrees()
    assert states(desk) == {"R-08:F06": "OPINION_GIVEN", "R-12": "OPINION_GIVEN"}
    assert desk.refuses("F13", "approve") == ["decision R-08", "decision R-12"]
    assert desk.refuses("F13", "approve", decisions={"R-12": "GRANTED"}) == ["decision R-08"]
    assert desk.refuses("F13", "approve", decisions={"R-12": "GRANTED", "R-08:F06": "REFUSED"}) == ["not_granted R-08"]
    desk.does("F13", "approve", decisions={"R-12": "GRANTED", "R-08:F06": "GRANTED"})
    assert desk.state == "APPROVED" and set(states(desk).values()) == {"GRANTED"}


def test_one_refused_leaves_only_the_way_back():
    desk = two_exceptions().does("F21", "forward").agrees()
    answers = {"R-12": "REFUSED", "R-08:F06": "GRANTED"}
    assert desk.refuses("F13", "approve_if", values={"conditions": "Bảy người"}) == ["decision R-08", "decision R-12"]
    desk.does("F13", "approve_if", values={"conditions": "Bảy người"}, decisions=answers)
    assert desk.state == "RETURNED" and states(desk) == {"R-08:F06": "GRANTED", "R-12": "REFUSED"}


def test_a_new_version_asks_again_and_drops_what_is_no_longer_exceeded():
    desk = two_exceptions().does("F21", "forward").agrees()
    desk.does(
        "F13", "approve_if", values={"conditions": "Bảy người"}, decisions={"R-12": "REFUSED", "R-08:F06": "GRANTED"}
    )
    desk.does("F17", "resubmit", values={"members": tokyo()["members"]})
    assert states(desk) == {"R-08:F06": "REQUESTED", "R-12": "MOOT"}
    assert [f.rule for f in desk.case.findings] == ["R-08"]


def test_the_grounds_are_those_of_the_rule_and_all_of_them():
    desk = Desk(trips=TRAVELLED).at("2022-06-06 09:00").case_of("F17", tokyo())
    part = {"R-08": {"important": "Quan trọng", "truly_necessary": " "}}
    assert desk.refuses("F17", "submit", grounds=part) == ["grounds R-08", "grounds R-08"]
    assert desk.refuses("F17", "submit", grounds={"R-08": {"urgency": "x"}}) == [
        "unknown_field waivers/R-08:F06/urgency"
    ]
    desk.does("F17", "submit")
    assert states(desk) == {"R-08:F06": "DRAFT"}
    assert desk.refuses("F21", "forward") == ["no_request R-08"]


def test_a_block_has_no_exception():
    sponsored = [{"item": "Vé", "amount": 1, "source": "SPONSORSHIP", "payer_kind": "FOUNDATION"}]
    desk = Desk().at("2022-06-06 09:00").case_of("F17", tokyo(funding=sponsored))
    for rule in ("R-20", "R-18", "R-02", "R-10"):
        assert desk.refuses("F17", "submit", grounds={rule: {"important": "x"}})[-1] == f"not_waivable {rule}"
    desk.does("F17", "submit")
    assert desk.case.waivers == {} and [f.kind for f in desk.case.findings] == ["block"]
    assert desk.refuses("F21", "forward") == ["rule R-20"]
    assert desk.refuses("F21", "return", decisions={"R-20": "GRANTED"}, reason="") == ["reason reason"]


def test_a_trip_approved_meanwhile_is_seen_at_the_decision():
    desk = Desk(trips=TRAVELLED[:1]).at("2022-06-06 09:00").case_of("F17", tokyo()).does("F17", "submit")
    assert desk.case.findings == ()
    desk.does("F21", "forward").agrees()
    desk.knows("trips", person="F06", year=2022)
    assert desk.refuses("F13", "approve") == ["not_granted R-08"]


def test_an_opinion_on_every_request():
    desk = two_exceptions().does("F21", "forward")
    columns = {"members": {n: {"opinion": "AGREE"} for n in range(1, 9)}}
    assert desk.refuses("F12", "give_opinion", columns=columns) == ["opinion R-08", "opinion R-12"]
    assert desk.refuses("F12", "give_opinion", columns=columns, opinions={"R-08:F06": "AGREE", "R-12": "MAYBE"}) == [
        "opinion R-12"
    ]


def test_the_event_clause_turns_the_block_into_an_exception_and_keeps_the_cap():
    days = [{"date": f"2022-07-{day}", "kind": "VISIT", "country": "JP"} for day in range(10, 15)]
    event = {"kind": "PROMOTION", "evidence": "f_9"}
    grounds = {"R_13": {"event_need": "Năm ngày"}}
    desk = Desk().at("2022-06-06 09:00").case_of("F17", tokyo(itinerary=days, event=event), **grounds)
    desk.does("F17", "submit")
    assert {(f.rule, f.kind, f.lifted_by) for f in desk.case.findings} == {("R-13", "exception", "R-16")}
    assert states(desk) == {"R-13": "REQUESTED"}
    six = [*days, {"date": "2022-07-15", "kind": "VISIT", "country": "JP"}]
    desk.does("F21", "return", reason="x").does(
        "F17", "resubmit", values={"itinerary": six, "planned_end": "2022-07-15"}
    )
    assert [f.subject for f in desk.case.findings if f.rule == "R-17"] == ["F06"]
    assert desk.refuses("F21", "forward") == ["rule R-17"]
