"""Acts that need more than one person: votes of several holders, and what somebody else has to confirm."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.core import permission, recording, voting
from engine.core.blockers import Refused, blocker
from engine.core.commands import Act
from engine.core.consequence import Consequence
from engine.core.events import Draft, Private
from engine.core.model import Conditional
from engine.core.plan import Plan

if TYPE_CHECKING:
    from engine.core.step import Step


def counted(step: Step, made: Consequence) -> str:
    """Record a vote where a state asks for more than one; the action that is carried now, empty while votes miss."""
    state = step.definition.states[step.case.state]
    if step.transition.by is not None or state.vote == "any" or step.confirmed:
        return step.command.action
    person = step.command.actor.id
    if any(v.person == person and v.entry == step.case.entry for v in step.case.votes):
        raise Refused([blocker("already_voted")])
    votes = {v.person: v.action for v in step.case.votes if v.entry == step.case.entry} | {person: step.command.action}
    made.draft = replace(made.draft, type="vote.cast")
    made.body["vote"] = {
        "grant": step.command.grant,
        "person": person,
        "seat": step.holder.seat,
        "action": step.command.action,
    }
    roster = sum(1 for g in step.case.grants.values() if g.entry == step.case.entry and g.kind == "step")
    return voting.carried(state.vote, votes, roster, _chair(step, votes))


def _chair(step: Step, votes: dict[str, str]) -> str:
    """Who breaks a tie: of those the state names as chair, the one who voted."""
    path = step.definition.states[step.case.state].chair
    found = permission.actors(step.definition, step.case, step.world).entitled((path,)) if path else ()
    return next((holder.person for holder in found if holder.person in votes), "")


def only_vote(step: Step, made: Consequence) -> None:
    """A vote that does not carry changes nothing but the count: one of several decides no exception alone."""
    made.body = {name: made.body[name] for name in ("vote", "grant", "spent") if name in made.body}
    made.private = {name: record for name, record in made.private.items() if name in ("comment", "client")}
    command = step.command
    given = {"reason": command.reason, "note": command.note, "decisions": command.decisions}
    given |= {"values": command.values, "opinions": command.opinions, "grounds": command.grounds}
    given["columns"] = {n: {str(k): v for k, v in rows.items()} for n, rows in command.columns.items()}
    made.private["vote"] = Private({name: value for name, value in given.items() if value}, command.actor.id)


def casting(step: Step, made: Consequence, action: str) -> Plan:
    """The last vote made a tie, and the chair's earlier one breaks it: the case goes the chair's way, with the
    chair's answers; the event is that of the vote that ended the count."""
    command, entry = step.command, step.case.entry
    chair = _chair(step, {v.person: v.action for v in step.case.votes if v.entry == entry})
    vote = next(v for v in step.case.votes if v.entry == entry and v.person == chair)
    given: dict[str, Any] = dict(vote.values)
    stored: dict[str, dict[str, Any]] = given.pop("columns", {})
    columns = {name: {int(number): row for number, row in rows.items()} for name, rows in stored.items()}
    blank = Act(command.case, "", action, replace(command.actor, id=chair), command.at, command.command)
    again = replace(blank, columns=columns, **given)
    plan = type(step)(step.definition, step.case, again, step.world, confirmed=True).plan()
    kept: dict[str, Any] = {name: made.body[name] for name in ("vote", "grant", "spent") if name in made.body}
    body: dict[str, Any] = {**plan.draft.body, **kept}
    grants: dict[str, Any] = dict(body.get("grants", {}))
    grants["closed"] = {key: why for key, why in grants.get("closed", {}).items() if key != command.grant}
    body["grants"] = grants
    actor = made.draft.actor | {"for": chair}
    draft = replace(plan.draft, type="vote.cast", actor=actor, body=body)
    return replace(plan, draft=draft, digest=recording.act_digest(command))


def ask_confirmation(step: Step) -> Plan:
    """The act waits for somebody else: `confirm` and `decline` go to whom the transition names."""
    case, command = step.case, step.command
    pending = {"action": command.action, "by": command.actor.id, "seq": case.seq + 1, "values": {}}
    words = {
        "values": {n: step.form.facts.get(n) for n in command.values},
        "reason": command.reason,
        "note": command.note,
    }
    body: dict[str, Any] = {"pending": pending}
    if command.spent is not None:
        body["spent"] = command.spent
    if command.grant in case.grants:
        body["grant"] = command.grant
    private = {"pending": Private(words, command.actor.id), **recording.client(command.actor.client)}
    step.note_files(body, private, step.form.changed)
    by = recording.by(command.actor, step.holder.seat, step.holder)
    made = Consequence(
        step.definition,
        case,
        step.world,
        Draft("vote.cast", case.id, command.at, by, command.command, body, private),
    )
    found = permission.actors(step.definition, case, step.world).entitled((step.transition.confirm,))
    if not found:
        raise Refused([blocker("nobody", state=step.transition.confirm)])
    state = step.definition.states[case.state]
    made.body["grants"] = {"opened": [{**made.grant(h, state, "confirm"), "entry": case.entry} for h in found]}
    if step.transition.confirm_mail:
        made.notify(None, case.state, (Conditional(step.transition.confirm_mail),))
    return step.done(made, [])
