"""Random walks through the outgoing delegation: whatever people try, what holds always holds."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.core.blockers import Refused
from engine.core.case import decode, encode
from engine.core.evolve import replay
from engine.core.machine import edges
from engine.core.permission import conflicts
from tests.core.desk import DELEGATION, Desk, local, tokyo, two_capitals

EDGES = set(edges(DELEGATION))
PEOPLE = ("F08", "F12", "F13", "F17", "F21", "F22", "F23", "F01")
VALUES = {
    "letter": {"number": "1/BNG", "date": "2022-05-01"},
    "report": {"number": "1/BC", "date": "2022-06-20", "file": "f_1"},
    "conditions": "Điều kiện",
    "returned_on": "2022-06-12",
    "evidence": "f_2",
    "consulted": {"number": "2/BNG", "date": "2022-05-01"},
    "sensitive": True,
}
BACK = ("return", "reject", "not_consider", "approve_if", "change")  # seldom taken
ENDS = ("withdraw", "cancel")  # always on offer: hardly ever taken
STEPS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 12), st.integers(0, 29)), min_size=6, max_size=24)


@pytest.mark.slow
@settings(max_examples=60)
@given(urgent=st.booleans(), own=st.booleans(), steps=STEPS)
def test_what_holds_after_every_step(urgent, own, steps):
    people = ["F01", "F08", "X1", "X2"] + (["F13"] if own else [])
    dossier = two_capitals(people=people, plan_item="" if urgent else "OUT-03", departure="2022-06-01")
    grounds = {"R_04": {"important": "Quan trọng", "urgency": "Cấp thiết"}} if urgent else {}
    desk = Desk().at("2022-05-04 09:00").case_of("F08", dossier, **grounds)
    desk.does("F08", "submit_urgent" if urgent else "submit")
    for hours, who, choice in steps:
        one_step(desk, hours, who, choice)


@pytest.mark.slow
@settings(max_examples=60)
@given(steps=STEPS)
def test_what_holds_after_the_departure(steps):
    desk = Desk().at("2022-05-04 09:00").case_of("F08", two_capitals()).does("F08", "submit").does("F21", "forward")
    desk.agrees().does("F13", "send_up").does("F21", "approve", values={"letter": VALUES["letter"]})
    desk.at("2022-06-11 09:00")
    for hours, who, choice in steps:
        one_step(desk, hours, who, choice)


def one_step(desk: Desk, hours: int, who: int, choice: int) -> None:
    desk.at(local(desk.now + hours * 3_600_000_000))
    people = [grant.person for grant in desk.case.live_grants()] * 4 + list(PEOPLE)
    person = people[who % len(people)]
    offered = [a for a in desk.offered(person) for _ in range(1 if a in BACK else 5) if a not in ENDS or not choice]
    offered += ["confirm"] * (5 * (desk.case.pending is not None))
    if offered:
        act(desk, person, offered[choice % len(offered)])
    holds(desk)


def act(desk: Desk, person: str, action: str) -> None:
    transition = desk.definition.transitions[desk.case.state].get(action)
    asked = {ask.path for ask in transition.asks} if transition else set()
    if transition and desk.definition.states[desk.state].external and transition.by is None:
        asked.add("letter")
    values = {name: VALUES[name] for name in asked if name in VALUES}
    if action == "accept":
        values["no_outcome"] = "Không có"
    answers: dict[str, Any] = {"values": values, "reason": "Lý do", "note": "Ghi chú"}
    if "members.opinion" in asked:
        members = desk.case.facts["members"]
        answers["columns"] = {"members": {n: {"opinion": "AGREE"} for n in range(1, len(members) + 1)}}
        answers["opinions"] = dict.fromkeys(desk.case.waivers, "AGREE")
    if "waivers.decision" in asked:
        answers["decisions"] = dict.fromkeys(desk.case.waivers, "GRANTED")
    try:
        desk.does(person, action, **answers)
    except Refused:
        return


def holds(desk: Desk) -> None:
    case = desk.case
    state = desk.definition.states[case.state]
    assert replay(desk.events) == case and decode(encode(case)) == case
    travellers = {row["person"] for row in case.facts["members"]}
    for grant in case.live_grants():
        assert not state.final and grant.entry <= case.entry
        assert not (grant.body and grant.person in travellers), f"{grant.person} would decide on an own trip"
    for body, _ in desk.events:
        if body["type"] in ("step.taken", "vote.cast") and "to" in body:
            assert (body["from"], body["trigger"], body["to"]) in EDGES
            seat = body["actor"].get("body")
            assert not (seat and body["actor"]["id"] in travellers)
    if state.final:
        assert not case.deadlines and case.due is None and case.pending is None
    else:
        assert case.live_grants() and conflicts(desk.definition, view_of(desk), case) >= travellers
    assert all(item.at > desk.now for item in case.deadlines.values())
    if case.state in ("APPROVED", "IN_PROGRESS", "CLOSED"):
        assert {w.state for w in case.waivers.values()} <= {"GRANTED", "MOOT"}
    ats = [body["at"] for body, _ in desk.events]
    assert ats == sorted(ats)


def view_of(desk: Desk):
    from engine.core.facts import Facts, scope

    return scope(Facts(desk.definition, desk.case, desk.world(desk.now), desk.case.facts))


def test_a_walk_that_nobody_interrupts():
    desk = Desk().at("2022-06-06 09:00").case_of("F17", tokyo()).does("F17", "submit").at("2023-06-06 09:00")
    assert desk.state == "LAPSED"
    holds(desk)
