"""What counts as an answer: given with the act, by whom it was asked, for the version it was asked about."""

from __future__ import annotations

from tests.core.desk import Desk, tokyo


def reviewed() -> Desk:
    desk = Desk().at("2022-06-06 09:00").case_of("F17", tokyo()).does("F17", "submit")
    return desk.does("F21", "forward")


def opinions(count: int, **others: str) -> dict:
    return {"members": {n: {"opinion": others.get(f"m{n}", "AGREE")} for n in range(1, count + 1)}}


def test_every_member_gets_an_opinion():
    desk = reviewed()
    assert desk.refuses("F12", "give_opinion", columns=opinions(6)) == ["required members/7/opinion"]
    assert desk.refuses("F12", "give_opinion", columns=opinions(7, m3="PERHAPS")) == [
        "choice members/3/opinion", "required members/3/opinion",
    ]  # fmt: skip
    assert desk.does("F12", "give_opinion", columns=opinions(7, m3="DISAGREE")).state == "DECISION"


def test_a_proposer_cannot_write_the_boards_opinion():
    members = [{"person": p, "task": "Nhiệm vụ mẫu " + p, "opinion": "AGREE"} for p in ("F06", "F17")]
    desk = Desk().at("2022-06-06 09:00").case_of("F17", tokyo(members=members)).does("F17", "submit")
    assert [row["opinion"] for row in desk.case.facts["members"]] == [None, None]
    desk.does("F21", "forward")
    assert desk.refuses("F12", "give_opinion") == ["required members/1/opinion", "required members/2/opinion"]


def test_an_opinion_belongs_to_its_version():
    desk = reviewed().does("F12", "return", reason="Bổ sung", columns=opinions(2))
    assert [row.get("opinion") for row in desk.case.facts["members"][:3]] == ["AGREE", "AGREE", None]
    desk.does("F17", "resubmit")
    assert {row.get("opinion") for row in desk.case.facts["members"]} == {None}
    desk.does("F21", "forward")
    assert len(desk.refuses("F12", "give_opinion")) == 7


def test_a_column_nobody_asks_and_a_row_that_is_not_there():
    desk = reviewed()
    wrong = {"members": {1: {"task": "Khác"}, 9: {"opinion": "AGREE"}}}
    assert [b for b in desk.refuses("F12", "give_opinion", columns=wrong) if b.startswith("unknown")] == [
        "unknown_field members/1/task",
        "unknown_field members/9/opinion",
    ]


def test_a_field_that_another_act_asks_does_not_slip_in():
    desk = reviewed().agrees().does("F13", "approve").at("2022-07-15 00:00")
    assert desk.state == "REPORT_PENDING"
    report = {"report": {"number": "1/BC", "date": "2022-07-20", "file": "f_1"}}
    assert desk.refuses("F17", "hand_in", values=report | {"returned_on": "2022-07-20"}) == [
        "unknown_field returned_on"
    ]
    assert desk.does("F17", "hand_in", values=report).state == "REPORT_REVIEW"
    assert desk.refuses("F21", "accept", values=report | {"no_outcome": "x"}) == ["unknown_field report"]


def test_a_report_that_was_sent_back_is_handed_in_anew():
    desk = reviewed().agrees().does("F13", "approve").at("2022-07-15 00:00")
    desk.does("F17", "hand_in", values={"report": {"number": "1/BC", "date": "2022-07-20", "file": "f_1"}})
    desk.does("F21", "return", reason="Thiếu kết quả")
    assert desk.refuses("F17", "hand_in") == ["required report"]
    assert desk.refuses("F17", "hand_in", values={"report": {"number": "2/BC"}}) == ["rule report-written"]


def test_nothing_may_be_set_that_the_state_does_not_open():
    desk = reviewed()
    assert desk.refuses("F12", "return", reason="x", values={"title": "Khác"}) == ["unknown_field title"]
    assert desk.refuses("F12", "return", reason="x", values={"nonsense": 1}) == ["unknown_field nonsense"]


def test_a_computed_column_is_not_filled_in():
    members = [{"person": "F06", "task": "Nhiệm vụ mẫu", "cadre": "CLEARED"}]
    desk = Desk().at("2022-06-06 09:00").case_of("F17", tokyo(members=members))
    assert desk.refuses("F17", "submit") == ["unknown_field members/1/cadre"]
