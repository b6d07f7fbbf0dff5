"""Random walks through the outgoing delegation: whatever people try, what holds always holds."""

from __future__ import annotations

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
STEPS = st.lists(st.tuples(st.integers(0, 400), st.sampled_from(PEOPLE), st.integers(0, 9)), min_size=4, max_size=18)


@pytest.mark.slow
@settings(max_examples=60)
@given(urgent=st.booleans(), own=st.booleans(), steps=STEPS)
def test_what_holds_after_every_step(urgent, own, steps):
    people = ["F01", "F08", "X1", "X2"] + (["F13"] if own else [])
    dossier = two_capitals(people=people, plan_item="" if urgent else "OUT-03")
    grounds = {"R_04": {"important": "Quan trọng", "urgency": "Cấp thiết"}} if urgent else {}
    desk = Desk().at("2022-05-04 09:00").case_of("F08", dossier, **grounds)
    desk.does("F08", "submit_urgent" if urgent else "submit")
    for hours, person, choice in steps:
        desk.at(local(desk.now + hours * 3_600_000_000))
        offered = desk.offered(person) + ["confirm"] * (desk.case.pending is not None)
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
    answers = {"values": values, "reason": "Lý do", "note": "Ghi chú"}
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
