"""What is owed after the end: the owner says it is done, the department that opened it may drop it with a reason."""

from __future__ import annotations

import pytest

from engine.core.blockers import Refused
from engine.core.commands import Actor, Settle
from engine.core.owed import settle
from tests.core.desk import Desk, tokyo


def closed() -> Desk:
    desk = Desk().at("2022-06-06 09:00").case_of("F17", tokyo()).does("F17", "submit").does("F21", "forward").agrees()
    desk.does("F13", "approve").at("2022-07-15 09:00")
    desk.does("F17", "hand_in", values={"report": {"number": "1/BC", "date": "2022-07-15", "file": "f_1"}})
    outcomes = [{"text": "Chương trình chung", "owner": "so_du_lich", "due": "2022-09-30"}]
    desk.does("F21", "accept", values={"outcomes": outcomes})
    assert desk.state == "CLOSED" and desk.pending()[0] == "2022-09-23 08:00 N-24o"
    return desk


def settled(desk: Desk, person: str, state: str, note: str = "", obligation: str = "outcome.1") -> Desk:
    command = Settle("c_1", obligation, state, Actor("person", person, "session"), desk.now, "owed.1", note)
    desk._take(settle(desk.definition, desk.case, command, desk.world(desk.now)))
    return desk


def refused(person: str, state: str, note: str = "", obligation: str = "outcome.1") -> list[str]:
    with pytest.raises(Refused) as found:
        settled(closed(), person, state, note, obligation)
    return list(found.value.codes)


def test_the_owner_says_it_is_done_and_no_reminder_follows():
    desk = settled(closed(), "F05", "DONE", "Đã ký")
    owed = desk.case.obligations["outcome.1"]
    assert (owed.state, owed.vi, desk.state) == ("DONE", "Đôn đốc thực hiện: Chương trình chung", "CLOSED")
    assert desk.pending() == [] and desk.last["type"] == "obligation.closed"
    assert desk.private["comment"] == {"note": "Đã ký"}
    desk.mails  # noqa: B018
    assert desk.at("2023-01-01 09:00").mails == []


def test_the_department_drops_it_with_a_reason():
    assert settled(closed(), "F21", "DROPPED", "Hai bên thôi").case.obligations["outcome.1"].state == "DROPPED"
    assert refused("F21", "DROPPED") == ["reason"]


def test_nobody_else_closes_it_and_the_owner_does_not_drop_it():
    assert refused("F05", "DROPPED", "x") == ["no_authority"]
    assert refused("F24", "DONE") == ["no_authority"]
    assert refused("F17", "DONE") == ["no_authority"]


def test_what_is_closed_or_unknown_is_not_closed_again():
    assert refused("F05", "DONE", obligation="outcome.9") == ["not_offered"]
    assert refused("F05", "MOOT") == ["not_offered"]
    with pytest.raises(Refused):
        settled(settled(closed(), "F05", "DONE"), "F05", "DONE")
