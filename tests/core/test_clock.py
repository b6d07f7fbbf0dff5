"""The clock: never early, never after the task is done, one mail of a ladder after an outage, dates that move."""

from __future__ import annotations

import pytest

from tests.core.desk import Desk, instant_at, tokyo, two_capitals

REPORT = {"report": {"number": "1/BC", "date": "2022-06-20", "file": "f_1"}}


def screening() -> Desk:
    return Desk().at("2022-06-06 09:00").case_of("F17", tokyo()).does("F17", "submit")


def back_on_17_june() -> Desk:
    """Approved, travelled, back as planned on 17 June: the report is due on the 27th."""
    dossier = two_capitals(departure="2022-06-13", planned_end="2022-06-17")
    desk = Desk().at("2022-05-04 09:00").case_of("F08", dossier).does("F08", "submit").does("F21", "forward").agrees()
    desk.does("F13", "send_up").does("F21", "approve", values={"letter": {"number": "462", "date": "2022-03-01"}})
    assert desk.at("2022-06-18 00:00").state == "REPORT_PENDING"
    assert desk.mails
    return desk


def test_a_reminder_leaves_at_its_hour_and_not_before():
    desk = screening()
    assert desk.due == "2022-06-09 17:00" and desk.mails
    assert desk.at("2022-06-09 07:59:59.999999").mails == []
    assert desk.at("2022-06-09 08:00").mails == ["N-37 F21"]
    assert desk.at("2022-06-09 12:00").mails == []


def test_reminder_and_escalations_of_a_step():
    desk = screening()
    desk.mails  # noqa: B018
    assert desk.at("2022-06-20 09:00").mails == [
        "2022-06-09 08:00 N-37 F21",  # due day: the holder
        "2022-06-10 08:00 N-37 F02",  # one working day later: the head of the department
        "2022-06-14 08:00 N-37 F22",  # three working days later, over a weekend: the Party Civil Affairs Committee
    ]
    assert desk.state == "SCREENING"  # an escalation never decides anything


def test_nothing_is_sent_after_the_task_is_done():
    desk = screening().at("2022-06-09 07:00")
    desk.does("F21", "forward")
    assert desk.mails[-1] == "N-13 F12"
    assert desk.at("2022-06-15 09:00").mails == []  # due days of the screening went by
    assert desk.at("2022-06-16 09:00").mails == ["2022-06-16 08:00 N-37 F12"]


def test_an_act_at_the_very_instant_comes_after_the_clock():
    desk = screening()
    desk.mails  # noqa: B018
    assert desk.at("2022-06-09 08:00").does("F21", "forward").mails == ["N-37 F21", "N-13 F12"]


def test_after_an_outage_each_rung_is_recorded_and_only_the_highest_of_a_ladder_is_mailed():
    desk = back_on_17_june()
    desk.off_until("2022-07-05 09:00")
    assert desk.state == "REPORT_OVERDUE"
    assert desk.mails == ["2022-07-04 08:00 N-27 F13"]
    rungs = [
        n["notice"] for body, _ in desk.events if body["type"] == "deadline.fired" for n in body.get("notices", [])
    ]
    assert rungs == ["N-24r", "N-24r", "N-25", "N-26", "N-27"]
    assert [d.id for d in desk.case.documents].count("D-11") == 1  # the letter of level 1 is written all the same
    assert desk.case.history[-1].at == desk.case.entered == instant_at("2022-06-28 00:00")


def test_after_an_outage_two_ladders_mail_one_notice_each():
    desk = Desk().at("2022-06-06 09:00").case_of("F17", tokyo()).does("F17", "submit").does("F21", "forward").agrees()
    assert desk.state == "DECISION" and desk.mails
    desk.off_until("2022-07-08 09:00")  # past the step's limit, and two days before departure
    assert desk.mails == ["2022-06-16 08:00 N-37 F13", "2022-07-08 08:00 N-37 F13"]


def test_a_lapse_happens_at_its_instant_however_late_it_is_noticed():
    desk = screening().off_until("2022-07-20 09:00")
    assert desk.state == "LAPSED" and desk.case.entered == instant_at("2022-07-10 00:00")
    assert [m for m in desk.mails if "N-18" in m] == ["2022-07-10 00:00 N-18 F17 F21"]
    assert desk.pending() == []


def test_two_ladders_that_say_the_same_to_the_same_person_at_the_same_instant_make_one_mail():
    dossier = tokyo(plan_item="", departure="2022-08-25", planned_end="2022-08-28")
    grounds = {"R_04": {"important": "Ký kết", "urgency": "Đối tác đổi lịch"}}
    desk = Desk().at("2022-08-16 09:00").case_of("F17", dossier, **grounds).does("F17", "submit_urgent")
    desk.at("2022-08-17 09:00").does("F21", "forward").at("2022-08-18 09:00").agrees()
    desk.mails  # noqa: B018
    assert desk.at("2022-08-24 23:00").mails == [
        "2022-08-19 08:00 KHẨN N-37 F13", "2022-08-22 08:00 KHẨN N-37 F13", "2022-08-24 08:00 KHẨN N-37 F13",
    ]  # fmt: skip


def test_the_last_instant_is_in_time_and_the_next_is_not():
    in_time = back_on_17_june().at("2022-06-27 23:59:59.999999").does("F08", "hand_in", values=REPORT)
    assert in_time.state == "REPORT_REVIEW"
    late = back_on_17_june().at("2022-06-28 00:00")
    assert late.state == "REPORT_OVERDUE"
    assert late.mails == ["2022-06-24 08:00 N-24r F01 F08", "2022-06-27 08:00 N-24r F01 F08"]
    assert late.does("F08", "hand_in", values=REPORT).state == "REPORT_REVIEW"


def correct(desk: Desk, day: str) -> Desk:
    desk.does("F08", "correct_end", values={"returned_on": day, "evidence": "f_2"})
    return desk.does("F21", "confirm")


def test_a_corrected_return_moves_the_due_date_and_arms_its_reminders_again():
    desk = back_on_17_june().at("2022-06-25 09:00")
    assert desk.mails == ["2022-06-24 08:00 N-24r F01 F08"]
    correct(desk, "2022-06-20")
    assert desk.due == "2022-06-30 23:59:59"
    assert desk.pending() == [
        "2022-06-27 08:00 N-24r", "2022-06-30 08:00 N-24r", "2022-07-01 00:00 overdue", "2022-07-01 08:00 N-25",
        "2022-07-03 08:00 N-26", "2022-07-07 08:00 N-27", "2022-07-30 08:00 N-28",
    ]  # fmt: skip
    assert desk.mails == ["N-24c F21", "N-24 F01 F08"]
    assert desk.at("2022-06-27 09:00").mails == ["2022-06-27 08:00 N-24r F01 F08"]


def test_a_date_that_moves_back_sends_no_rung_twice_and_none_that_lies_behind():
    desk = back_on_17_june().at("2022-06-24 09:00")
    correct(correct(desk, "2022-06-20"), "2022-06-17")  # away and back to the first date
    assert desk.due == "2022-06-27 23:59:59"
    assert "2022-06-24 08:00 N-24r" not in desk.pending() and desk.pending()[0] == "2022-06-27 08:00 N-24r"
    correct(desk, "2022-06-14")  # due on the 24th: its reminder at D-3 lies behind, that of D as well
    assert desk.due == "2022-06-24 23:59:59"
    assert desk.pending()[0] == "2022-06-25 00:00 overdue"


def test_who_confirms_is_told_and_the_act_waits():
    desk = back_on_17_june().at("2022-06-20 09:00")
    assert desk.refuses("F08", "correct_end", values={"returned_on": "2022-06-19"}) == ["required evidence"]
    assert desk.refuses("F21", "correct_end", values={"returned_on": "2022-06-19", "evidence": "f_2"}) == [
        "no_authority"
    ]
    desk.does("F08", "correct_end", values={"returned_on": "2022-06-19", "evidence": "f_2"})
    assert desk.mails == ["N-24c F21"] and desk.due == "2022-06-27 23:59:59"
    assert desk.offered("F08") == ["hand_in"]
    desk.does("F21", "decline")
    assert desk.due == "2022-06-27 23:59:59" and desk.offered("F08") == ["hand_in", "correct_end"]


def test_the_midnight_of_the_due_date_does_not_undo_what_waits_to_be_confirmed():
    desk = back_on_17_june().at("2022-06-27 20:00")
    desk.does("F08", "correct_end", values={"returned_on": "2022-06-20", "evidence": "f_2"})
    desk.at("2022-06-28 09:00")
    assert desk.state == "REPORT_OVERDUE" and desk.case.pending is not None
    desk.does("F21", "confirm")
    assert desk.state == "REPORT_PENDING" and desk.due == "2022-06-30 23:59:59" and desk.case.pending is None


def test_a_report_handed_in_drops_what_waits_to_be_confirmed():
    desk = back_on_17_june().at("2022-06-20 09:00")
    desk.does("F08", "correct_end", values={"returned_on": "2022-06-19", "evidence": "f_2"})
    confirming = next(g.id for g in desk.case.live_grants() if g.kind == "confirm")
    desk.does("F08", "hand_in", values=REPORT)
    assert desk.case.pending is None
    assert desk.refuses("F21", "confirm", grant=confirming) == ["grant_closed"]


def test_a_due_date_that_lies_behind_does_not_take_an_overdue_report_back():
    desk = back_on_17_june().at("2022-06-30 09:00")
    wrong = {"returned_on": "2022-06-18", "evidence": "f_2"}
    assert desk.refuses("F08", "correct_end", values=wrong) == ["rule due-ahead"]
    assert desk.state == "REPORT_OVERDUE"


def test_a_departure_is_held_told_and_not_tried_again():
    desk = Desk().at("2022-06-06 09:00").case_of("F17", tokyo()).does("F17", "submit").does("F21", "forward").agrees()
    desk.does("F13", "approve")
    desk.knows("clearances", country="JP", status="CLOSED")
    desk.mails  # noqa: B018
    desk.at("2022-07-20 09:00")
    assert desk.state == "APPROVED" and desk.case.held
    assert desk.mails == ["2022-07-10 00:00 N-21 F06 F17 F21 F13"]
    assert [(f.rule, f.en) for f in desk.case.findings] == [("R-03", "JP is closed because of the epidemic.")]
    assert desk.pending() == []


def test_a_step_that_begins_anew_keeps_its_date_and_sends_no_second_mail():
    desk = screening().does("F21", "forward", values={"sensitive": True})
    assert desk.due == "2022-06-13 17:00"
    assert [f.rule for f in desk.case.findings] == ["R-45"] and desk.mails[-1] == "N-13 F12"
    before = desk.case.live_grants()[0].id
    desk.at("2022-06-08 09:00").does("F21", "consult", values={"consulted": {"number": "88/BNG", "date": "2022-06-08"}})
    assert desk.state == "ORG_REVIEW" and desk.due == "2022-06-13 17:00"
    assert desk.case.grants[before].state == "revoked" and desk.case.live_grants()[0].person == "F12"
    assert desk.case.findings == ()
    assert desk.mails == ["N-13 F12"]  # the act's own notice: the old link is dead


@pytest.mark.parametrize(
    ("submitted", "due"),
    [
        ("2022-05-04 09:00", "2022-05-09 17:00"),
        ("2022-05-04 23:59", "2022-05-09 17:00"),  # the day counts, not the hour
        ("2022-04-29 09:00", "2022-05-06 17:00"),  # over the 30 April and 1 May holidays
        ("2022-05-06 09:00", "2022-05-11 17:00"),
    ],
)
def test_three_working_days(submitted, due):
    assert Desk().at(submitted).case_of("F08", two_capitals()).does("F08", "submit").due == due


def test_an_urgent_step_has_one_working_day():
    dossier = tokyo(plan_item="")
    grounds = {"R_04": {"important": "Ký kết", "urgency": "Đối tác đổi lịch"}}
    desk = Desk().at("2022-07-01 09:00").case_of("F17", dossier, **grounds).does("F17", "submit_urgent")
    assert desk.case.urgent and desk.due == "2022-07-04 17:00"


def test_a_reply_without_a_limit_is_followed_up_every_ten_working_days():
    dossier = two_capitals(plan_item="", departure="2022-08-01", planned_end="2022-08-07")
    grounds = {"R_04": {"important": "Ký kết", "urgency": "Đối tác đổi lịch"}}
    desk = Desk().at("2022-05-04 09:00").case_of("F08", dossier, **grounds).does("F08", "submit_urgent")
    desk.does("F21", "forward").agrees().does("F13", "send_up", decisions={"R-04": "GRANTED"})
    assert desk.state == "DECISION_PM" and desk.due == "2022-08-01 00:00"
    desk.mails  # noqa: B018
    assert desk.at("2022-06-20 09:00").mails == [
        f"{day} 08:00 KHẨN N-37 F21" for day in ("2022-05-18", "2022-06-01", "2022-06-15")
    ]
