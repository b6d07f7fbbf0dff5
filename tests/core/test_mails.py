"""Who is told what: once, directly or as a copy, marked urgent where somebody has to act."""

from __future__ import annotations

from tests.core.desk import Desk, tokyo


def urgent() -> Desk:
    grounds = {"R_04": {"important": "Ký kết", "urgency": "Đối tác đổi lịch"}}
    return Desk().at("2022-07-01 09:00").case_of("F17", tokyo(plan_item=""), **grounds).does("F17", "submit_urgent")


def test_urgent_stands_where_somebody_has_to_act():
    desk = urgent()
    assert desk.mails == ["KHẨN N-11 F21", "N-10 F17"]
    assert desk.does("F21", "forward").mails == ["KHẨN N-13 F12"]
    assert desk.agrees().mails == ["KHẨN N-14 F13", "N-15 F17"]


def test_who_is_named_twice_gets_one_mail():
    desk = urgent().does("F21", "forward").agrees().does("F13", "approve", decisions={"R-04": "GRANTED"})
    assert desk.mails[-1] == "N-16 F17 F06 X1 X2 X3 X4 X5 F21 F12 F13 F25 F23"  # F17 proposes and travels


def test_a_copy_goes_to_nobody_who_gets_the_mail_itself():
    desk = Desk().seat("ban_can_su_dang_uy_ban_nhan_dan", "decide", "F17").at("2022-06-06 09:00")
    funding = [{"item": "Vé", "amount": 1, "source": "FOREIGN_LOAN", "payer_kind": "PUBLIC"}]
    desk.case_of("F17", tokyo(funding=funding)).does("F17", "submit").does("F21", "reject", reason="Vốn vay")
    assert desk.mails[-1] == "N-12 F17 cc F22"


def test_a_withdrawal_tells_who_held_an_open_link_and_not_who_withdraws():
    desk = Desk().at("2022-06-06 09:00").case_of("F17", tokyo()).does("F17", "submit").does("F21", "forward")
    desk.mails  # noqa: B018
    assert desk.does("F17", "withdraw").mails == ["N-17 F12"]
    returned = Desk().at("2022-06-06 09:00").case_of("F17", tokyo()).does("F17", "submit")
    returned.does("F21", "return", reason="x").mails  # noqa: B018
    assert returned.does("F17", "withdraw").mails == []
    assert returned.last["notices"] == [{"notice": "N-17", "kind": "info", "to": []}]  # nobody: recorded, not an error


def test_a_change_and_a_cancellation_tell_everybody_who_heard_of_the_approval():
    desk = urgent().does("F21", "forward").agrees().does("F13", "approve", decisions={"R-04": "GRANTED"})
    told = desk.mails[-1].removeprefix("N-16 ")
    assert desk.does("F17", "cancel", reason="Hoãn").mails == [f"N-20 {told}"]


def test_the_report_goes_to_the_board_too_when_a_managed_cadre_travelled():
    report = {"report": {"number": "1/BC", "date": "2022-07-20", "file": "f_1"}}
    people = ["X1", "X2"]
    for head, copies in (("F06", " cc F12"), ("X1", "")):
        desk = Desk().at("2022-06-06 09:00").case_of("F17", tokyo(head=head, people=[head, *people[1:]]))
        desk.does("F17", "submit").does("F21", "forward").agrees()
        desk.does("F13" if copies else "F23", "approve").at("2022-07-15 09:00")
        desk.does("F17", "hand_in", values=report)
        assert desk.mails[-1] == f"N-29 F21{copies}"
