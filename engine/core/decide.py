"""Commands -> plans, or a refusal with every reason. Pure: the same case, command and world give the same plan."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.core import atoms
from engine.core.actors import Holder
from engine.core.blockers import Refused, blocker
from engine.core.case import Case
from engine.core.commands import Act, Open
from engine.core.consequence import Consequence
from engine.core.events import Draft, Private
from engine.core.model import Definition
from engine.core.plan import Plan
from engine.core.recording import act_digest, by, client, digest, pin
from engine.core.step import Step
from engine.core.world import World


def open_case(definition: Definition, command: Open, world: World) -> Plan:
    """A new case in its start state; its dossier is a draft until an action submits it. Raises Refused."""
    person = world.directory.people.get(command.actor.id)
    if person is None or not person.active or not may_start(definition, command.actor.id, world):
        raise Refused([blocker("no_authority")])
    body = {
        "definition": pin(definition),
        "author": command.actor.id,
        "from": "",
        "trigger": "open",
        "to": definition.start.state,
        "people": [person.id],
    }
    private = {f"people/{person.id}": Private(person.snapshot(), person.id), **client(command.actor.client)}
    draft = Draft("case.opened", command.case, command.at, by(command.actor, "author"), command.command, body, private)
    made = Consequence(definition, None, world, draft)
    made.enter()
    made.times()
    made.notify(None, definition.start.state, definition.start.notify)
    return Plan(None, made.finish(), digest([command.actor.id, definition.name]), world.reads, world.directory.version)


def may_start(definition: Definition, person: str, world: World) -> bool:
    """A path through a field cannot be resolved before there is a dossier: any body's such seat will do until then."""
    for path in definition.start.by:
        root, _, seat = path.partition(".")
        if root in definition.fields:
            if any(s.person == person and s.right == (seat or "decide") for s in world.directory.seats):
                return True
        elif root in world.directory.bodies:
            if any(s.person == person for s in world.directory.holders(root, seat or "decide")):
                return True
        elif any(s.person == person and s.body in world.directory.lists.get(path, ()) for s in world.directory.seats):
            return True
    return not definition.start.by


def act(definition: Definition, case: Case, command: Act, world: World, active: Definition | None = None) -> Plan:
    """One person's step. `active` is the definition in force, which a submission adopts. Raises Refused."""
    if command.action in atoms.CONFIRM:
        return _confirm(definition, case, command, world)
    return Step(definition, case, command, world, active).plan()


def _confirm(definition: Definition, case: Case, command: Act, world: World) -> Plan:
    """Confirm or decline what waits; the confirming event carries the transition."""
    grant = case.grants.get(command.grant)
    if grant is None or grant.kind != "confirm" or grant.state != "live" or case.pending is None:
        raise Refused([blocker("grant_closed")])
    if grant.person != command.actor.id:
        raise Refused([blocker("no_authority")])
    waiting = case.pending
    others = {g.id: "confirmed" for g in case.live_grants() if g.kind == "confirm" and g.id != grant.id}
    holder = Holder(grant.person, grant.seat, grant.body, grant.capacity)
    if command.action == "decline":
        body: dict[str, Any] = {"pending": None, "grant": grant.id, "reentered": True}
        if others:
            body["grants"] = {"closed": others}
        if command.spent is not None:
            body["spent"] = command.spent
        draft = Draft(
            "vote.cast",
            case.id,
            command.at,
            by(command.actor, grant.seat, holder),
            command.command,
            body,
            client(command.actor.client),
        )
        return Plan(case, draft, act_digest(command), world.reads, world.directory.version)
    values = waiting.values
    act_again = replace(
        command,
        action=waiting.action,
        grant="",
        values=dict(values.get("values") or {}),
        reason=values.get("reason") or "",
        note=values.get("note") or "",
        actor=replace(command.actor, id=waiting.by),
    )
    step = Step(definition, case, act_again, world, confirmed=True)
    plan = step.plan()
    body = {**plan.draft.body, "pending": None, "grant": grant.id}
    body["grants"] = {**body.get("grants", {}), "closed": {**body.get("grants", {}).get("closed", {}), **others}}
    body["grants"]["closed"].pop(grant.id, None)
    draft = replace(
        plan.draft, type="vote.cast", actor=by(command.actor, grant.seat, holder) | {"for": waiting.by}, body=body
    )
    return replace(plan, draft=draft, digest=act_digest(command))
