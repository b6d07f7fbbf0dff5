"""Closing an obligation: what was owed after a step is done, or dropped (requirements P-09, outcomes of a trip).

Whom it is owed by says that it is done; whoever may take the step that opened it may say so too, or drop it. The case
itself stays where it is.
"""

from __future__ import annotations

from typing import Any

from engine.core import permission, recording
from engine.core.answers import clean_text
from engine.core.blockers import Refused, blocker
from engine.core.case import Case, Owed
from engine.core.commands import Settle
from engine.core.consequence import Consequence
from engine.core.events import Draft, Private
from engine.core.model import Definition
from engine.core.plan import Plan
from engine.core.world import World

CLOSED = ("DONE", "DROPPED")


def settle(definition: Definition, case: Case, command: Settle, world: World) -> Plan:
    """Raises Refused."""
    owed = case.obligations.get(command.obligation)
    if owed is None or owed.state != "OPEN" or command.state not in CLOSED:
        raise Refused([blocker("not_offered")])
    if command.state not in answers(definition, case, owed, command.actor.id, world):
        raise Refused([blocker("no_authority")])
    if command.state == "DROPPED" and not clean_text(command.note):
        raise Refused([blocker("reason", "note")])
    item = {"id": owed.id, "name": owed.name, "owner": owed.owner, "due": owed.due, "state": command.state}
    private: dict[str, Private] = {f"obligations/{owed.id}": Private({"vi": owed.vi, "en": owed.en})}
    if clean_text(command.note):
        private["comment"] = Private({"note": clean_text(command.note)}, command.actor.id)
    private.update(recording.client(command.actor.client))
    body: dict[str, Any] = {"obligations": [item]}
    by = recording.by(command.actor, "owner")
    draft = Draft("obligation.closed", case.id, max(command.at, case.at), by, command.command, body, private)
    made = Consequence(definition, case, world, draft)
    made.times()
    asked = recording.digest([command.actor.id, command.obligation, command.state, command.note])
    return Plan(case, made.finish(), asked, world.reads, world.directory.version)


def answers(definition: Definition, case: Case, owed: Owed, person: str, world: World) -> tuple[str, ...]:
    """How a person may close it: nothing for one whom it does not concern."""
    found = permission.actors(definition, case, world)
    if any(holder.person == person for path in _openers(definition, case, owed) for holder in found.entitled((path,))):
        return CLOSED
    return CLOSED[:1] if any(holder.person == person for holder in found.named(owed.owner)) else ()


def _openers(definition: Definition, case: Case, owed: Owed) -> tuple[str, ...]:
    """Actors of the step that opened it, the last one where there were several."""
    for step in reversed(case.history):
        transition = definition.transitions.get(step.source, {}).get(step.action)
        if transition is not None and owed.name in transition.opens:
            return permission.paths(definition, transition)
    return ()
