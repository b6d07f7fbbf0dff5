"""Several holders decide together: nobody alone, nobody twice, and no quorum is lowered."""

from __future__ import annotations

import pytest

from tests.core.desk import Desk
from tests.core.small import paper, small

REQUEST = {"R_01": {"why": "Cần thêm"}}


def board(vote: str = 'vote = "majority"', amount: int = 50) -> Desk:
    """Three people decide for the Standing Committee: F13, F14 and F22."""
    desk = Desk(small(vote)).seat("thuong_truc_thanh_uy", "decide", "F14").seat("thuong_truc_thanh_uy", "decide", "F22")
    desk.at("2022-07-01 09:00").case_of("F08", paper(amount=amount), **(REQUEST if amount > 100 else {}))
    return desk.does("F08", "submit")


def test_a_majority_decides_and_closes_the_other_tasks():
    desk = board().does("F13", "yes")
    assert desk.state == "BOARD" and desk.last["type"] == "vote.cast" and "to" not in desk.last
    assert desk.offered("F13") == [] and desk.offered("F14") == ["yes", "no"]
    desk.does("F22", "yes")
    assert desk.state == "DONE" and desk.case.live_grants() == ()


def test_nobody_votes_twice():
    desk = board()
    grant = next(g.id for g in desk.case.live_grants() if g.person == "F13")
    desk.does("F13", "yes")
    assert desk.refuses("F13", "no", grant=grant, reason="x") == ["grant_closed"]


def test_one_no_ends_a_unanimous_vote():
    desk = board('vote = "all"').does("F13", "yes").does("F14", "no", reason="Chưa rõ")
    assert desk.state == "REFUSED"


def test_a_vote_that_does_not_carry_decides_no_exception():
    desk = board(amount=200)
    assert desk.case.waivers["R-01"].state == "REQUESTED"
    assert desk.refuses("F13", "yes") == ["decision R-01"]
    desk.does("F13", "yes", decisions={"R-01": "GRANTED"})
    assert desk.state == "BOARD" and desk.case.waivers["R-01"].state == "REQUESTED"
    assert set(desk.last) >= {"vote", "grant"} and "waivers" not in desk.last
    desk.does("F14", "yes", decisions={"R-01": "GRANTED"})
    assert desk.state == "DONE" and desk.case.waivers["R-01"].state == "GRANTED"


def chaired(amount: int = 50) -> Desk:
    """F13 and F14 decide, F14 in the chair: the head of the Standing Committee."""
    desk = Desk(small('vote = "majority", chair = "thuong_truc_thanh_uy.head"'))
    desk.seat("thuong_truc_thanh_uy", "decide", "F14").seat("thuong_truc_thanh_uy", "head", "F14")
    desk.at("2022-07-01 09:00").case_of("F08", paper(amount=amount), **(REQUEST if amount > 100 else {}))
    return desk.does("F08", "submit")


def test_the_chair_breaks_a_tie_with_the_last_vote():
    desk = chaired().does("F13", "no", reason="Chưa rõ")
    assert desk.state == "BOARD"
    assert desk.does("F14", "yes").state == "DONE"


def test_the_chair_breaks_a_tie_with_an_earlier_vote_and_its_answers():
    desk = chaired(amount=200).does("F14", "yes", decisions={"R-01": "GRANTED"}, note="Đã cân nhắc")
    assert desk.state == "BOARD" and desk.case.waivers["R-01"].state == "REQUESTED"
    desk.does("F13", "no", reason="Chưa rõ")
    assert desk.state == "DONE" and desk.case.waivers["R-01"].state == "GRANTED"
    assert (desk.last["actor"]["id"], desk.last["actor"]["for"], desk.last["trigger"]) == ("F13", "F14", "yes")
    assert {g.state for g in desk.case.grants.values() if g.seat.startswith("thuong")} == {"spent"}


def test_the_clock_ends_a_vote_that_is_not_finished():
    desk = board().does("F13", "yes").at("2022-07-10 00:00")
    assert desk.state == "LATE" and desk.case.votes == ()


@pytest.mark.parametrize(
    ("clock", "state"),
    [
        ('late = { to = "LATE", at = "day" }\nno2 = { to = "REFUSED", at = "day" }', "LATE"),
        ('no2 = { to = "REFUSED", at = "day" }\nlate = { to = "LATE", at = "day" }', "REFUSED"),
        ('no2 = { to = "REFUSED", at = "day", if = "amount > 100" }\nlate = { to = "LATE", at = "day" }', "LATE"),
    ],
)
def test_two_moves_at_one_instant_go_by_the_order_of_the_file(clock, state):
    desk = Desk(small(clock=clock)).at("2022-07-01 09:00").case_of("F08", paper()).does("F08", "submit")
    assert desk.at("2022-07-10 00:00").state == state


def test_a_rule_that_cannot_tell_stops_and_names_the_empty_field():
    desk = Desk(small()).at("2022-07-01 09:00").case_of("F08", paper(amount=None)).does("F08", "submit")
    (finding,) = desk.case.findings
    assert (finding.kind, finding.key) == ("block", "R-01:E301")
    assert finding.en == "R-01: not enough data to judge; check “Amount”."
    assert desk.case.waivers == {}
