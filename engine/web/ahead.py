"""What happens next with a case: whose turn it is, until when and how that was counted, and what the clock will do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.core.case import Case, Deadline
from engine.core.model import Definition, Rung
from engine.service import Snapshot
from engine.web.consequences import Consequences
from engine.web.printing import Printer
from engine.web.strip import Strip, strip
from engine.words.formats import Clock
from engine.words.language import words

MOST_REMINDERS = 4


@dataclass(frozen=True, slots=True)
class Holder:
    name: str
    about: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Ahead:
    """`holders` of the live tasks; `moves`: (until when, what the clock does then); `reminders`: (instant, whom)."""

    label: str
    holders: tuple[Holder, ...]
    due: int = 0
    strip: Strip | None = None
    moves: tuple[tuple[int, str], ...] = ()
    reminders: tuple[tuple[int, str], ...] = ()
    pending: str = ""
    external: str = ""


def ahead(snap: Snapshot, case: Case, printer: Printer, mailed: dict[str, str], lang: str) -> Ahead | None:
    """None for a case that has ended. `mailed`: person -> how their mail stands."""
    definition = printer.definition
    state = definition.states.get(case.state)
    if state is None or case.final or case.discarded:
        return None
    say, clock = words(lang), Clock(snap.calendar, lang, snap.now)
    leads = Consequences(snap, case, lang)
    holders = tuple(
        Holder(
            printer.person(g.person),
            ", ".join(filter(None, (printer.post(g.person), say(g.capacity) if g.capacity else ""))),
            mailed.get(g.person, ""),
        )
        for g in case.live_grants()
        if g.kind == "step"
    )
    waits = ""
    if case.pending:
        who = ", ".join(printer.person(g.person) for g in case.live_grants() if g.kind == "confirm")
        waits = say(
            "«%(action)s» waits for %(who)s to confirm it.", action=printer.action(case.pending.action), who=who
        )
    return Ahead(
        state.label[lang],
        holders,
        case.due.at if case.due else 0,
        strip(case.due.derivation, lang) if case.due else None,
        tuple(_moves(definition, case, leads, clock)),
        tuple(_reminders(definition, case, leads, printer)),
        waits,
        printer.body(state.external) if state.external else "",
    )


def _moves(definition: Definition, case: Case, leads: Consequences, clock: Clock) -> list[tuple[int, str]]:
    """Clock transitions that are armed: when, and the state they lead to."""
    from engine.web.track import targets

    found = []
    for item in sorted(case.deadlines.values(), key=lambda d: d.at):
        transition = definition.transitions.get(case.state, {}).get(item.name) if item.kind == "move" else None
        if transition is not None:
            target = targets(definition, transition, case, leads.view)
            found.append((item.at, definition.states[target[0]].label[leads.lang] if target else item.name))
    return found


def _reminders(definition: Definition, case: Case, leads: Consequences, printer: Printer) -> list[tuple[int, str]]:
    found = []
    for item in sorted(case.deadlines.values(), key=lambda d: d.at):
        if item.kind != "rung" or item.obligation:
            continue
        who = _told(definition, case, item, leads)
        if who:
            found.append((item.at, who))
    return found[:MOST_REMINDERS]


def _told(definition: Definition, case: Case, item: Deadline, leads: Consequences) -> str:
    """Whom a reminder will be sent to, by the names of their bodies."""
    ladder = definition.ladders.get(item.name)
    limit = definition.limits.get(case.due.name if case.due else "") or definition.limits.get(item.name)
    rung: Rung | None = ladder.rungs[item.index] if ladder and item.index < len(ladder.rungs) else None
    paths: list[str] = [c.name for c in rung.to] if rung else list(limit.chase[:1]) if limit else []
    named: list[str] = []
    for path in paths:
        if path.startswith("chase "):
            index = int(path.removeprefix("chase ")) - 1
            path = limit.chase[index] if limit and index < len(limit.chase) else ""
        if path == "holder":
            named += definition.states[case.state].who
        elif path.startswith("holder."):
            named += [f"{who}.{path.removeprefix('holder.')}" for who in definition.states[case.state].who]
        elif path:
            named.append(path)
    return leads.holders(tuple(dict.fromkeys(named))).replace(leads.say(" or "), ", ")


def mail_notes(rows: list[Any], case: Case, lang: str) -> dict[str, str]:
    """Person -> how the newest mail about the present entry stands. `rows` in the order they were owed."""
    say = words(lang)
    found: dict[str, str] = {}
    for row in reversed(rows):
        if row.seq < case.since or row.person in found:
            continue
        found[row.person] = {
            "sent": say("a mail has been sent"),
            "due": say("a mail is about to be sent"),
            "parked": say("the mail could not be delivered"),
        }.get(row.state, "")
    return found
