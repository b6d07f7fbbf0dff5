"""Let the clock act on what fell due: one event for the earliest due instant of a case.

Moves come first, by source line; the rungs of one instant share an event. Reminders that lie behind (the server was
off) are each recorded, but only the highest of a ladder is mailed. Calendar facts never wait: a lapse happens at its
instant, however late it is noticed (decisions 4.10).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.core import papers
from engine.core.case import Case, Deadline, Finding
from engine.core.commands import TIMER, Fire
from engine.core.consequence import Consequence
from engine.core.events import Draft
from engine.core.expressions import CannotTell
from engine.core.facts import Facts, scope
from engine.core.machine import leads
from engine.core.model import Conditional, Definition, Rung, Time, Transition
from engine.core.needs import ASK_RULES, judged, unmet
from engine.core.notices import Notices
from engine.core.permission import actors
from engine.core.plan import Plan
from engine.core.recording import digest, recorded
from engine.core.world import World


def fire(definition: Definition, case: Case, command: Fire, world: World) -> Plan | None:
    """The plan for the earliest instant due at `command.now`, or None when nothing is due."""
    due = [item for item in case.deadlines.values() if item.at <= command.now]
    if not due or case.discarded:
        return None
    at = min(item.at for item in due)
    items = sorted((item for item in due if item.at == at), key=lambda item: (item.kind != "move", item.id))
    moves = [item for item in items if item.kind == "move"]
    lines = {t.action: t.line for t in definition.transitions.get(case.state, {}).values()}
    for item in sorted(moves, key=lambda item: lines.get(item.name, 0)):
        plan = _move(definition, case, item, world)
        if plan is not None:
            return plan
    return _rungs(definition, case, items, command.now, world)


def _draft(case: Case, type_: str, at: int, body: dict[str, Any]) -> Draft:
    """The clock's event; its instant is the deadline's, never before what already happened."""
    actor = {"kind": "timer", "id": TIMER.id, "auth": "timer"}
    return Draft(type_, case.id, max(at, case.at), actor, f"timer.{case.seq + 1}", body)


def _plan(case: Case, made: Consequence, world: World) -> Plan:
    draft = made.finish()
    return Plan(case, draft, digest([draft.command]), world.reads, world.directory.version, tuple(made.orders))


def _move(definition: Definition, case: Case, item: Deadline, world: World) -> Plan | None:
    """Take a clock transition, or hold it when its needs fail. None where its condition does not hold."""
    transition = definition.transitions.get(case.state, {}).get(item.name)
    if transition is None:
        return None
    facts = Facts(definition, case, world, case.facts)
    view = scope(facts)
    try:
        if not view.true(transition.when):
            return None
    except CannotTell:
        return None
    problems: list[Any] = []
    asks_rules = any(need.kind in ASK_RULES for need in transition.needs)
    findings = judged(definition, facts, view, problems) if asks_rules else case.findings
    failed = unmet(definition, transition, facts, view, findings, case.waivers, problems)
    if failed:
        return _held(definition, case, item, transition, world, failed)
    body: dict[str, Any] = {"from": case.state, "trigger": transition.action, "to": transition.to, "fired": [item.id]}
    made = Consequence(definition, case, world, _draft(case, "step.taken", item.at, body))
    made.enter()
    if not leads(definition, case.state, transition.action, made.body["to"]):
        return None
    made.oblige(transition.opens)
    made.issue(transition.issue, case.state)
    made.times((item.id,))
    made.notify(transition, case.state)
    made.publish()
    return _plan(case, made, world)


def _held(
    definition: Definition, case: Case, item: Deadline, transition: Transition, world: World, failed: list[Any]
) -> Plan:
    """The clock's act could not be taken: it is held, everybody named is told, and it is not tried again by itself."""
    refused = transition.refused
    stopped = tuple(
        Finding(
            key=f"{b.rule or b.code}:{n}",
            rule=b.rule or b.code,
            kind="block",
            vi=b.text.vi if b.text else b.english(),
            en=b.english(),
        )
        for n, b in enumerate(failed, 1)
    )
    rules = {finding.rule for finding in stopped}
    items, private = recorded((*(f for f in case.findings if f.rule not in rules), *stopped))
    body: dict[str, Any] = {
        "trigger": transition.action,
        "held": bool(refused and refused.hold),
        "fired": [item.id],
        "findings": items,
    }
    draft = replace(_draft(case, "step.held", item.at, body), private=private)
    made = Consequence(definition, case, world, draft)
    made.times((item.id,))
    made.notify(None, case.state, refused.notify if refused else ())
    return _plan(case, made, world)


def _rungs(definition: Definition, case: Case, items: list[Deadline], now: int, world: World) -> Plan:
    """All rungs of one instant in one event."""
    body: dict[str, Any] = {"fired": [item.id for item in items]}
    made = Consequence(definition, case, world, _draft(case, "deadline.fired", items[0].at, body))
    found: Notices | None = None
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for item in items:
        if item.kind == "move":
            continue
        after = made.after()
        owed = case.obligations.get(item.obligation)
        view = made.scope(after, due=world.calendar.local(item.due), **_owed(owed, world))
        found = found or Notices(definition, case, after, actors(definition, after, world), "")
        rung = rung_of(definition, item)
        to, cc = _recipients(definition, case, item, rung, found, view)
        if rung.send:
            found.owe(rung.send, view, to=to, cc=cc, quiet=_overtaken(case, item, now), n=item.index + 1)
        made.issue(rung.issue, case.state, view)
        if rung.publish:
            rows |= papers.rung_rows(definition.publish[rung.publish], after, made.scope(after), world)
    if found is not None:
        made.tell(found)
    made.times(tuple(item.id for item in items))
    if rows:
        made.publish(rows)
    return _plan(case, made, world)


def _owed(owed: Any, world: World) -> dict[str, Any]:
    return {"obligation": {"vi": owed.vi, "en": owed.en, "owner": owed.owner}} if owed else {}


def rung_of(definition: Definition, item: Deadline) -> Rung:
    """The rung behind a deadline; a repeated limit reminds its first `chase`."""
    ladder = definition.ladders.get(item.name)
    if ladder is not None and item.index < len(ladder.rungs):
        return ladder.rungs[item.index]
    limit = definition.limits[item.name]
    shared = definition.ladders.get(limit.ladder)
    send = shared.rungs[0].send if shared and shared.rungs else ""
    return Rung(at=Time("due"), to=tuple(Conditional(who) for who in limit.chase[:1]), send=send)


def _recipients(
    definition: Definition, case: Case, item: Deadline, rung: Rung, found: Notices, view: Any
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Persons a rung names, `chase n` and `owner` resolved."""

    def people(listed: tuple[Conditional, ...]) -> tuple[str, ...]:
        names: dict[str, None] = {}
        for who in listed:
            if view.true(who.when):
                for person in _named(definition, case, item, who.name, found):
                    names.setdefault(person)
        return tuple(names)

    return people(rung.to), people(rung.cc)


def _named(definition: Definition, case: Case, item: Deadline, name: str, found: Notices) -> tuple[str, ...]:
    if name.startswith("chase "):
        limit = definition.limits.get(case.due.name if case.due else "") or definition.limits.get(item.name)
        index = int(name.removeprefix("chase ")) - 1
        return found.people(limit.chase[index]) if limit and index < len(limit.chase) else ()
    if name == "owner":
        owed = case.obligations.get(item.obligation)
        return found.people(owed.owner) if owed else ()
    return found.people(name)


def _overtaken(case: Case, item: Deadline, now: int) -> bool:
    """A higher rung of the same ladder and due date is late as well: that one mails."""
    family = _family(item)
    return any(
        other.kind == "rung" and other.at <= now and other.at > item.at and _family(other) == family
        for other in case.deadlines.values()
    )


def _family(item: Deadline) -> tuple[str, str, str]:
    return item.name, item.id.rpartition("@")[2], item.obligation
