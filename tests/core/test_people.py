"""Who may do what: holders of the task and nobody else, and nobody on a trip of their own."""

from __future__ import annotations

from tests.core.desk import Desk, tokyo, two_capitals


def at_decision(**changes) -> Desk:
    desk = Desk().at("2022-06-06 09:00").case_of("F17", tokyo(**changes)).does("F17", "submit")
    return desk.at("2022-06-08 09:00").does("F21", "forward").at("2022-06-14 09:00").agrees()


def test_only_the_holder_of_the_task_acts():
    desk = Desk().at("2022-06-06 09:00").case_of("F17", tokyo()).does("F17", "submit")
    assert desk.refuses("F17", "forward") == ["no_authority"]
    assert desk.refuses("F12", "forward") == ["no_authority"]
    assert desk.refuses("F08", "forward") == ["no_authority"]  # of the same department, but not its decide seat
    assert desk.refuses("F21", "approve") == ["not_in_state"]
    assert desk.refuses("F21", "withdraw") == ["no_authority"]
    assert desk.offered("F21") == ["return", "not_consider", "reject", "forward"]
    assert desk.offered("F17") == ["withdraw"]


def test_a_spent_task_is_spent():
    desk = Desk().at("2022-06-06 09:00").case_of("F17", tokyo()).does("F17", "submit")
    grant = desk.case.live_grants()[0].id
    desk.does("F21", "forward")
    assert desk.refuses("F21", "forward", grant=grant) == ["not_in_state"]
    assert desk.case.grants[grant].state == "spent"


def test_who_travels_does_not_decide_and_the_case_goes_to_the_standing_board():
    people = ["F06", "F13", "X1"]
    desk = Desk().seat("ban_thuong_vu_thanh_uy", "decide", "F14").at("2022-06-06 09:00")
    desk.case_of("F17", tokyo(people=people)).does("F17", "submit").does("F21", "forward").agrees()
    assert desk.state == "DECISION_BTV"
    assert [g.person for g in desk.case.live_grants()] == ["F14"]
    assert desk.refuses("F13", "approve") == ["own_trip"]
    assert desk.offered("F13") == []
    assert desk.does("F14", "approve").state == "APPROVED"
    assert desk.refuses("F13", "cancel", reason="x") == ["own_trip"]


def test_who_travels_does_not_review_and_another_holder_of_the_body_does():
    desk = Desk().seat("ban_to_chuc_thanh_uy", "decide", "F14").at("2022-06-06 09:00")
    desk.case_of("F17", tokyo(people=["F06", "F12", "X1"])).does("F17", "submit").does("F21", "forward")
    assert [g.person for g in desk.case.live_grants()] == ["F14"]
    assert desk.refuses("F12", "give_opinion") == ["own_trip"]


def test_without_anybody_else_the_step_is_refused_never_approved():
    desk = Desk().at("2022-06-06 09:00").case_of("F17", tokyo(people=["F06", "F12", "X1"])).does("F17", "submit")
    assert desk.refuses("F21", "forward") == ["nobody"]
    assert desk.state == "SCREENING"


def test_a_head_who_is_no_member_does_not_decide_either():
    desk = Desk().at("2022-06-06 09:00").case_of("F17", tokyo(head="F13")).does("F17", "submit").does("F21", "forward")
    assert "nobody" in str(desk.refuses("F12", "give_opinion", columns=columns(7, "AGREE")))


def test_who_joins_by_a_material_change_loses_the_right_to_decide():
    desk = at_decision().does("F13", "approve")
    assert desk.state == "APPROVED" and desk.offered("F13") == ["cancel"]
    members = [{"person": p, "task": f"Nhiệm vụ mẫu số {n}"} for n, p in enumerate(["F06", "F17", "F13"], 1)]
    desk.does("F17", "change", values={"members": members}, reason="Thêm thành viên")
    assert desk.state == "SCREENING"
    desk.does("F21", "forward")
    assert desk.refuses("F12", "give_opinion", columns=columns(3, "AGREE")) == ["nobody"]


def test_a_case_is_started_by_who_holds_the_seat_in_the_body_it_names():
    desk = Desk().at("2022-06-06 09:00").case_of("F08", tokyo())
    assert desk.refuses("F08", "submit") == ["no_authority"]


def test_the_prime_ministers_letter_is_recorded_by_the_department():
    desk = Desk().at("2022-05-04 09:00").case_of("F08", two_capitals()).does("F08", "submit").does("F21", "forward")
    desk.agrees().does("F13", "send_up")
    assert desk.state == "DECISION_PM" and desk.mails[-1] == "N-05 F21 F13 F23"
    assert desk.refuses("F13", "approve", values={"letter": {"number": "462/BNG-CV-m", "date": "2022-03-01"}}) == [
        "no_authority"
    ]
    assert desk.refuses("F21", "approve") == ["required letter"]
    letter = {"number": "462/BNG-CV-m", "date": "2022-03-01", "outcome": "đồng ý", "file": "f_7"}
    scan = {"id": "f_7", "sha256": "ab" * 32, "media_type": "application/pdf", "size": 1200}
    assert desk.refuses("F21", "approve", values={"letter": letter}, files=()) == ["unknown_file letter/file"]
    desk.does("F21", "approve", values={"letter": letter}, files=(scan,))
    assert desk.state == "APPROVED" and desk.case.facts["letter"] == letter
    assert desk.last["files"] == [{"id": "f_7", "media_type": "application/pdf", "size": 1200}]
    assert desk.private["files"] == {"f_7": "ab" * 32}


def test_a_letter_of_an_earlier_act_is_no_answer():
    desk = Desk().at("2022-05-04 09:00").case_of("F08", two_capitals()).does("F08", "submit").does("F21", "forward")
    desk.agrees().does("F13", "send_up")
    letter = {"number": "462/BNG-CV-m", "date": "2022-03-01"}
    desk.does("F21", "approve_if", values={"letter": letter, "conditions": "Bớt một người"})
    assert desk.state == "RETURNED"
    desk.does("F08", "resubmit").does("F21", "forward").agrees().does("F13", "send_up")
    assert desk.refuses("F21", "approve") == ["required letter"]


def columns(count: int, opinion: str) -> dict:
    return {"members": {n: {"opinion": opinion} for n in range(1, count + 1)}}
