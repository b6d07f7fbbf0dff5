"""Rights follow the directory (links-mail-web.md A10): who loses a seat, is disabled or moves to another address."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from engine.core.blockers import Refused
from engine.core.case import encode
from engine.core.directory import Directory, Seat
from engine.core.evolve import replay
from engine.service import Answers, Conflict
from engine.service.publishing import set_people
from engine.service.reseating import catch_up
from engine.store import people, views
from tests.support.delegation import Desk, site

FORWARD = Answers("forward", values={"sensitive": False})


def changed(*, seats: dict[str, str] | None = None, **persons: Any) -> Directory:
    """The directory with `decide` seats of bodies given to others, and particulars of persons changed."""
    now = site().directory
    given = seats or {}
    moved = tuple(
        replace(s, person=given[s.body]) if s.right == "decide" and s.body in given and given[s.body] else s
        for s in now.seats
        if not (s.right == "decide" and given.get(s.body) == "")
    )
    known = {key: replace(person, **persons.get(key, {})) for key, person in now.people.items()}
    return replace(now, people=known, seats=moved)


def sound(desk: Desk, case: str) -> None:
    assert encode(replay(desk.history(case))) == encode(desk.case(case))
    with desk.engine.snapshot() as snap:
        held = {row.grant for row in views.tasks(snap.conn, "F21")} | {
            row.grant for row in views.tasks(snap.conn, "F16")
        }
    assert held == {g.id for g in desk.case(case).live_grants()}


def test_a_seat_that_goes_to_somebody_else_takes_the_task_along(desk: Desk):
    case = desk.submitted()
    old = desk.engine.mint(case, "F21", via="mail", action="forward").token
    set_people(desk.engine, changed(seats={"so_ngoai_vu": "F16"}), "F14")
    page = desk.engine.look(old)
    assert page.status == "superseded"
    with pytest.raises(Conflict, match="superseded"):
        desk.engine.decide(old, FORWARD)
    now = desk.case(case)
    assert {(g.person, g.state, g.why) for g in now.grants.values()} >= {
        ("F21", "revoked", "seat"),
        ("F16", "live", ""),
    }
    assert now.state == "SCREENING"
    with desk.engine.snapshot() as snap:
        owed = {(row.person, row.state) for row in views.mails(snap.conn, case) if row.notice == "N-11"}
    assert owed == {("F21", "cancelled"), ("F16", "due")}
    sound(desk, case)
    with pytest.raises(Refused):
        desk.engine.mint(case, "F21", via="mail", action="forward")
    assert desk.act(case, "F16", "forward", values={"sensitive": False}).state == "ORG_REVIEW"


def test_a_new_address_gets_a_new_mail_and_the_old_one_opens_nothing(desk: Desk):
    case = desk.submitted()
    old = desk.engine.mint(case, "F21", via="mail", action="forward").token
    set_people(desk.engine, changed(F21={"mail": "new@example.vn"}), "F14")
    assert desk.engine.look(old).status == "superseded"
    grants = sorted((g for g in desk.case(case).grants.values() if g.person == "F21"), key=lambda g: g.closed_seq == 0)
    assert [(g.state, g.why) for g in grants] == [("revoked", "mail"), ("live", "")]
    assert grants[0].entry == grants[1].entry
    sound(desk, case)
    with desk.engine.snapshot() as snap:
        owed = sorted(row.state for row in views.mails(snap.conn, case) if row.notice == "N-11")
    assert owed == ["cancelled", "due"]
    assert desk.act(case, "F21", "forward", values={"sensitive": False}).state == "ORG_REVIEW"


def test_a_person_who_is_disabled_and_a_body_without_anybody(desk: Desk):
    """The case waits; who takes the seat later gets the task."""
    case = desk.submitted()
    set_people(desk.engine, changed(F21={"active": False}), "F14")
    assert desk.case(case).live_grants() == ()
    sound(desk, case)
    set_people(desk.engine, changed(seats={"so_ngoai_vu": "F16"}, F21={"active": False}), "F14")
    assert [g.person for g in desk.case(case).live_grants()] == ["F16"]
    assert desk.act(case, "F16", "forward", values={"sensitive": False}).state == "ORG_REVIEW"


def test_a_change_that_touches_no_right_makes_no_event(desk: Desk):
    case = desk.submitted()
    before = desk.case(case).seq
    set_people(desk.engine, changed(F21={"post": "Trưởng phòng Lễ tân"}, F01={"mail": "f01@moi.vn"}), "F14")
    assert desk.case(case).seq == before


def test_rights_are_gone_even_when_nobody_took_them_away_yet(desk: Desk, monkeypatch: pytest.MonkeyPatch):
    """A crash between the change of the directory and its consequences: the decision asks the directory all the same,
    and the next start catches up."""
    case = desk.submitted()
    old = desk.engine.mint(case, "F21", via="mail", action="forward").token
    monkeypatch.setattr("engine.service.publishing.reseat", lambda engine: 0)
    version = set_people(desk.engine, changed(seats={"so_ngoai_vu": "F16"}), "F14")
    with pytest.raises((Refused, Conflict)):
        desk.engine.decide(old, FORWARD)
    with desk.engine.snapshot() as snap:
        assert people.reseated(snap.conn) != version
    catch_up(desk.engine)
    assert [g.person for g in desk.case(case).live_grants()] == ["F16"]
    with desk.engine.snapshot() as snap:
        assert people.reseated(snap.conn) == version
    sound(desk, case)


def test_links_are_revoked_by_hand(desk: Desk):
    case = desk.submitted()
    old = desk.engine.mint(case, "F21", via="mail", action="forward").token
    assert desk.engine.revoke(case, "F21", "not me")
    assert desk.engine.look(old).status == "superseded"
    assert not desk.engine.revoke(case, "F13")
    assert [g.person for g in desk.case(case).live_grants()] == ["F21"]
    sound(desk, case)
    assert desk.act(case, "F21", "forward", values={"sensitive": False}).state == "ORG_REVIEW"


def test_nobody_gets_a_task_on_a_trip_of_their_own(desk: Desk):
    """F02 travels with the delegation: the seat alone gives no right."""
    case = desk.submitted()
    set_people(desk.engine, changed(seats={"so_ngoai_vu": "F02"}), "F14")
    assert desk.case(case).live_grants() == ()


def test_a_second_holder_of_a_seat_does_not_enlarge_a_running_step(desk: Desk):
    case = desk.submitted()
    now = site().directory
    more = replace(now, seats=(*now.seats, Seat("so_ngoai_vu", "decide", "F16", id="so_ngoai_vu.decide#2")))
    set_people(desk.engine, more, "F14")
    assert [g.person for g in desk.case(case).live_grants()] == ["F21"]
