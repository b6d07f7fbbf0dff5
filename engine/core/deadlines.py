"""Which instants a case waits for: clock moves of its state, rungs of its ladders, and the due date people see.

Rules (requirements 5.2, LANGUAGE 8):
- A limit starts when the case comes from another state; a transition into the same state restarts nothing.
- A rung that lies in the past when it is set is not sent, unless it was armed before for the same due date.
- Ids are `move.STATE.action.since@instant`, `LADDER.index@due` (own due date) and `LIMIT.index@since` (of a limit); an obligation's
  rungs carry its id in front.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from engine.core.calendar import Calendar
from engine.core.case import Case, Deadline, Due
from engine.core.events import iso
from engine.core.expressions import CannotTell, Scope
from engine.core.model import Definition, Ladder, Limit, Rung, State, Transition
from engine.core.times import limit_due, moment, shift


class Timetable:
    """Computes the deadlines of `case` as it is after an event. `seq` is that event's, `now` its instant (µs)."""

    def __init__(self, definition: Definition, case: Case, scope: Scope, calendar: Calendar, now: int):
        self.definition, self.case, self.scope, self.calendar, self.now = definition, case, scope, calendar, now

    def due(self, before: Case | None) -> Due | None:
        """Until when the step should be done: the limit, else the clock's own move, else the end of the ladder's day."""
        state = self.definition.states[self.case.state]
        if state.final:
            return None
        limit = self.limit(state)
        if limit is not None:
            if before is not None and before.state == self.case.state and before.due and before.due.name == limit.name:
                return before.due
            duration = (limit.urgent if self.case.urgent and limit.urgent else limit.normal) or None
            if duration is not None:
                at, made = limit_due(duration, self.case.entered, self.calendar)
                return Due(at=at, name=limit.name, derivation=made)
        return self._clock_due(state) or self._ladder_due(state)

    def limit(self, state: State) -> Limit | None:
        """The first limit of the state whose condition holds."""
        for item in state.limit:
            if self._holds(item.when):
                return self.definition.limits[item.name]
        return None

    def _clock_due(self, state: State) -> Due | None:
        found: list[Due] = []
        for transition in self.definition.transitions.get(state.name, {}).values():
            if transition.at is None:
                continue
            made = moment(transition.at, self.anchor, self.calendar)
            if made is None:
                continue
            at, derivation = made
            midnight = transition.at.end_of and self.calendar.local(at).strftime("%H%M%S") == "000000"
            found.append(Due(at=at - 1_000_000 if midnight else at, name=transition.action, derivation=derivation))
        return min(found, key=lambda item: item.at, default=None)

    def _ladder_due(self, state: State) -> Due | None:
        for name in state.ladder:
            ladder = self.definition.ladders[name]
            base = self._base(ladder.due) if ladder.due else None
            if isinstance(base, datetime):
                day = self.calendar.day(self.calendar.instant(base))
                return Due(at=self.calendar.at(day, "23:59:59"), name=name)
        return None

    def wanted(self, before: Case | None, due: Due | None) -> dict[str, Deadline]:
        """Every deadline the case should have, by id."""
        found: dict[str, Deadline] = {}
        state = self.definition.states[self.case.state]
        if not state.final:
            for item in (*self._moves(state), *self._limit_rungs(state, due), *self._ladder_rungs(state)):
                found[item.id] = item
        for item in self._obligation_rungs():
            found[item.id] = item
        armed = before.deadlines if before else {}
        return {
            key: armed.get(key, item)
            for key, item in found.items()
            if key not in self.case.fired and (item.kind == "move" or item.at > self.now or key in armed)
        }

    def _moves(self, state: State) -> Iterator[Deadline]:
        for transition in self.definition.transitions.get(state.name, {}).values():
            if transition.at is None or (self.case.held and transition.refused and transition.refused.hold):
                continue
            made = moment(transition.at, self.anchor, self.calendar)
            if made:
                yield self._move(transition, made[0], made[1])

    def _move(self, transition: Transition, at: int, derivation: Any) -> Deadline:
        return Deadline(
            id=f"move.{transition.state}.{transition.action}.{self.case.since}@{iso(at)}",
            kind="move",
            name=transition.action,
            at=at,
            due=at,
            entry=self.case.since,
            derivation=derivation,
        )

    def _limit_rungs(self, state: State, due: Due | None) -> Iterator[Deadline]:
        limit = self.limit(state)
        if limit is None:
            return
        if limit.every is not None:
            yield from self._repeated(limit)
        elif due is not None and due.name == limit.name and limit.ladder in self.definition.ladders:
            ladder = self.definition.ladders[limit.ladder]
            base = self.calendar.local(due.at)
            for index, rung in enumerate(ladder.rungs):
                chased = next((who.name for who in rung.to if who.name.startswith("chase ")), "")
                if chased and int(chased.removeprefix("chase ")) > len(limit.chase):
                    continue
                yield from self._rung(f"{limit.name}.{index}@{self.case.since}", ladder, index, rung, base, due.at)

    def _repeated(self, limit: Limit) -> Iterator[Deadline]:
        """A limit with `every`: the next follow-up after `now`, counted from the entry."""
        assert limit.every is not None
        start, number = self.case.entered, 1
        day = self.calendar.day(start)
        while number < 400:
            derivation = shift(day, limit.every.count * number, limit.every.unit, self.calendar)
            at = self.calendar.at(date.fromisoformat(derivation.end), self.calendar.mail_at)
            key = f"{limit.name}.every{number}@{self.case.since}"
            if at > self.now or (key in self.case.deadlines and key not in self.case.fired):
                yield Deadline(
                    id=key,
                    kind="rung",
                    name=limit.name,
                    at=at,
                    index=number,
                    due=at,
                    entry=self.case.since,
                    derivation=derivation,
                )
                return
            number += 1

    def _ladder_rungs(self, state: State) -> Iterator[Deadline]:
        for name in state.ladder:
            ladder = self.definition.ladders[name]
            base = self._base(ladder.due)
            if not isinstance(base, datetime) or not self._holds(ladder.when):
                continue
            at = self.calendar.instant(base)
            for index, rung in enumerate(ladder.rungs):
                if rung.within and state.name not in rung.within:
                    continue
                key = f"{name}.{index}@{self.calendar.day(at).isoformat()}"
                yield from self._rung(key, ladder, index, rung, base, at)

    def _obligation_rungs(self) -> Iterator[Deadline]:
        for owed in self.case.obligations.values():
            spec = self.definition.obligations.get(owed.name)
            if owed.state != "OPEN" or spec is None or not spec.ladder:
                continue
            ladder = self.definition.ladders[spec.ladder]
            base = datetime.fromisoformat(owed.due).replace(tzinfo=self.calendar.zone)
            for index, rung in enumerate(ladder.rungs):
                key = f"{owed.id}.{spec.ladder}.{index}@{owed.due}"
                yield from self._rung(key, ladder, index, rung, base, self.calendar.instant(base), owed.id)

    def _rung(
        self, key: str, ladder: Ladder, index: int, rung: Rung, base: datetime, due: int, obligation: str = ""
    ) -> Iterator[Deadline]:
        made = moment(
            rung.at,
            lambda anchor: base if anchor == "due" else self.anchor(anchor),
            self.calendar,
            self.calendar.mail_at,
        )
        if made is None:
            return
        yield Deadline(
            id=key,
            kind="rung",
            name=ladder.name,
            at=made[0],
            index=index,
            due=due,
            entry=self.case.since,
            obligation=obligation,
            derivation=made[1],
        )

    def anchor(self, name: str) -> date | datetime | None:
        """What an ANCHOR names: `entered`, `due`, an ISO date, a date field, let or parameter."""
        if name == "entered":
            return self.calendar.local(self.case.entered)
        if name == "due":
            return self.calendar.local(self.case.due.at) if self.case.due else None
        try:
            return date.fromisoformat(name)
        except ValueError:
            pass
        value = self._base(name)
        if isinstance(value, datetime) and value.astimezone(self.calendar.zone).strftime("%H%M%S") == "000000":
            return value.astimezone(self.calendar.zone).date()
        return value

    def _base(self, source: str) -> datetime | None:
        if not source:
            return None
        try:
            value = self.scope.value(source)
        except CannotTell:
            return None
        return value if isinstance(value, datetime) else None

    def _holds(self, condition: str) -> bool:
        try:
            return self.scope.true(condition)
        except CannotTell:
            return False


def changes(before: Case | None, wanted: dict[str, Deadline], spent: tuple[str, ...] = ()) -> dict[str, Any]:
    """`deadlines` of an event body: what is set anew or moved, what is cleared. Empty where nothing changes."""
    armed = before.deadlines if before else {}
    fresh = [item for key, item in wanted.items() if armed.get(key) != item]
    gone = sorted(key for key in armed if key not in wanted or key in spent)
    found: dict[str, Any] = {}
    if fresh:
        found["set"] = [_item(item) for item in fresh]
    if gone:
        found["cleared"] = gone
    return found


def _item(deadline: Deadline) -> dict[str, Any]:
    item: dict[str, Any] = {
        "id": deadline.id,
        "kind": deadline.kind,
        "name": deadline.name,
        "at": iso(deadline.at),
        "due": iso(deadline.due),
        "index": deadline.index,
        "entry": deadline.entry,
    }
    if deadline.obligation:
        item["obligation"] = deadline.obligation
    if deadline.derivation:
        item["derivation"] = derivation(deadline.derivation)
    return item


def derivation(made: Any) -> dict[str, Any]:
    """A derivation as JSON: every day skipped with its reason."""
    item = {"start": made.start, "end": made.end, "count": made.count, "unit": made.unit}
    if made.skipped:
        item["skipped"] = [list(pair) for pair in made.skipped]
    if made.anchor:
        item["anchor"] = made.anchor
    if made.calendar:
        item["calendar"] = made.calendar
    return item


def due_item(due: Due | None) -> dict[str, Any] | None:
    if due is None:
        return None
    item: dict[str, Any] = {"at": iso(due.at), "name": due.name}
    if due.derivation:
        item["derivation"] = derivation(due.derivation)
    return item
