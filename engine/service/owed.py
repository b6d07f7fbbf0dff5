"""Obligations that outlive a case: who may close them, and closing them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.core import owed
from engine.core.blockers import Refused, blocker
from engine.core.commands import Actor, Settle
from engine.core.plan import Plan
from engine.service.values import Receipt

if TYPE_CHECKING:
    from engine.service.engine import Engine
    from engine.service.snapshot import Snapshot


def offered(snap: Snapshot, case_id: str, person: str) -> dict[str, tuple[str, ...]]:
    """Open obligation -> how this person may close it (DONE, DROPPED); only those that concern the person."""
    case = snap.case(case_id)
    if case is None:
        return {}
    definition, world = snap.definition(case), snap.world(case_id)
    listed = {item.id: owed.answers(definition, case, item, person, world) for item in case.obligations.values()}
    return {key: ways for key, ways in listed.items() if ways and case.obligations[key].state == "OPEN"}


def settle(
    engine: Engine, case_id: str, person: str, obligation: str, state: str, note: str = "", *, auth: str = "session"
) -> Receipt:
    """Close an obligation. Raises Refused."""
    now = engine.clock()
    asked = Settle(case_id, obligation, state, Actor("person", person, auth), now, f"owed.{obligation}", note)

    def plan(snap: Snapshot) -> Plan:
        case = snap.case(case_id)
        if case is None:
            raise Refused([blocker("no_authority")])
        return owed.settle(snap.definition(case), case, asked, snap.world(case_id, now))

    return engine.receipt(engine.commit(plan, now, case_id), "settle")
