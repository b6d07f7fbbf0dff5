"""Facts of a case as expressions see them: total, typed, with persons, bodies and picked rows resolved.

Every declared field is present: empty text and choice are `""`, a list `[]`, an unanswered yes/no `False`, anything
else empty is None. Dates are local midnight with the calendar's fixed offset (CEL refuses plain dates).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Any

from engine.core.calendar import Calendar, add_months
from engine.core.case import Case
from engine.core.expressions import Roots, Scope, reads
from engine.core.model import Definition, Field
from engine.core.world import World

LETTER = ("number", "date", "outcome", "file")


# roots that are something else at another moment, for another reader or in another state
MOVING = frozenset(
    {"state", "today", "now", "author", "actor", "urgent", "reason", "note", "due", "case", "findings", "waivers"}
)
PURE = frozenset({"size()", "given()", "distinct()", "letters()", "trim()", "last()"})


def of_dossier(definition: Definition, source: str) -> bool:
    """Whether an expression reads nothing but fields, parameters and its own loop variables."""
    names = reads(definition, source)
    calls = {name for name in names if name.endswith("()")}
    return calls <= PURE and not (names & MOVING) and not (names & definition.routes.keys())


def empty(value: Any) -> bool:
    """Not given: null, blank text, no rows, or a record with nothing in it."""
    if value is None:
        return True
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, dict):
        return all(empty(item) for item in value.values())
    return isinstance(value, (list, tuple)) and not value


class Facts:
    """Resolves field values for one case: `facts` are those of the case with a draft laid over them."""

    def __init__(self, definition: Definition, case: Case, world: World, facts: dict[str, Any], fresh: bool = False):
        """`fresh`: people and picked rows are read anew (a submission), not from the case's snapshot."""
        self.definition, self.case, self.world, self.facts, self.fresh = definition, case, world, facts, fresh

    def view(self, name: str) -> Any:
        return self._field(self.definition.fields[name], self.facts.get(name))

    def shown(self, name: str) -> Any:
        """`view`, worked out once for these facts, people and picked rows."""
        of = (self.definition, self.facts, self.case.people, self.case.picked)
        return self.world.once(f"{'fresh' if self.fresh else 'kept'} {name}", of, partial(self.view, name))

    def person(self, person_id: str | None) -> dict[str, Any] | None:
        if not person_id:
            return None
        if not self.fresh and person_id in self.case.people:
            return self.case.people[person_id]
        known = self.world.directory.people.get(person_id)
        return known.snapshot() if known else self.case.people.get(person_id)

    def body(self, slug: str | None) -> dict[str, Any] | None:
        known = self.world.directory.bodies.get(slug or "")
        if known is None:
            return None
        return {
            "slug": known.slug,
            "name": known.vi,
            "kind": known.kind,
            "profile": known.profile,
            "org": known.org,
            "office": known.office or known.slug,
        }

    def picked(self, name: str, register: str, key: str | None) -> dict[str, Any] | None:
        if not key:
            return None
        if not self.fresh and name in self.case.picked:
            return self._whole_row(register, self.case.picked[name])
        rows = self.world.rows(register, key)
        return self._whole_row(register, rows[0]) if rows else self._whole_row(register, {"id": key})

    def _whole_row(self, register: str, row: dict[str, Any]) -> dict[str, Any]:
        spec = self.world.site.registers.get(register)
        columns = (*spec.keys, *spec.columns) if spec else tuple(row)
        lists = {"countries"}
        return {c: self._date_like(row.get(c), [] if c in lists and row.get(c) is None else None) for c in columns} | {
            "key": row.get("id") or row.get(columns[0])
        }

    def _date_like(self, value: Any, default: Any = None) -> Any:
        if value is None:
            return default
        if isinstance(value, str) and len(value) == 10 and value[4:5] == "-" and value[7:8] == "-":
            try:
                return self.midnight(value)
            except ValueError:
                return value
        return value

    def midnight(self, text: str) -> datetime:
        return datetime.combine(date.fromisoformat(text), time(), tzinfo=self.world.calendar.zone)

    def _field(self, spec: Field, value: Any) -> Any:
        if spec.type.many:
            rows = value or []
            return [self._one(spec, item, number) for number, item in enumerate(rows, 1)]
        return self._one(spec, value, 0)

    def _one(self, spec: Field, value: Any, number: int) -> Any:
        kind = spec.type.kind
        if kind == "record":
            if value is None or (not number and empty(value)):
                return None
            columns = self.definition.records[spec.type.name]
            row = {n: self._field(c, value.get(n)) for n, c in columns.items() if not c.value}
            if number:
                row["number"] = number
            return row
        if kind in ("text", "choice", "country"):
            return value or ""
        if kind == "yes/no":
            return bool(value)
        if value is None or value == "":
            return None
        return self._scalar(spec, kind, value)

    def _scalar(self, spec: Field, kind: str, value: Any) -> Any:
        if kind == "date":
            return self.midnight(value)
        if kind == "person":
            return self.person(value)
        if kind == "body":
            return self.body(value)
        if kind == "register":
            return self.picked(spec.name, spec.type.name, value)
        if kind == "letter":
            return self._letter(value)
        return value

    def _letter(self, value: dict[str, Any]) -> dict[str, Any] | None:
        if empty(value):
            return None
        letter = {key: value.get(key) or ("" if key in ("number", "outcome") else None) for key in LETTER}
        letter["date"] = self.midnight(value["date"]) if value.get("date") else None
        return letter


def scope(facts: Facts, *, actor: str = "", extra: dict[str, Any] | None = None) -> Scope:
    """The scope of one case at `world.now`. `extra` lays values over it (reason, note, due, findings)."""
    return Scope(facts.definition, lambda: _roots(facts, actor, extra or {}))


def _roots(facts: Facts, actor: str, extra: dict[str, Any]) -> Roots:
    definition, case, world = facts.definition, facts.case, facts.world
    calendar = world.calendar
    parameters = world.once("parameters", (definition,), lambda: _parameters(definition, calendar))
    now = calendar.local(world.now)
    values: dict[str, Any] = {
        **parameters,
        "state": case.state,
        "today": now.replace(hour=0, minute=0, second=0, microsecond=0),
        "now": now,
        "author": facts.person(case.author) or {"id": case.author},
        "actor": facts.person(actor) or {"id": actor},
        "urgent": case.urgent,
        "reason": "",
        "note": "",
        "due": calendar.local(case.due.at) if case.due else None,
        "case": {"id": case.id, "reference": case.reference, "dossier": case.dossier},
        "findings": [{"rule": f.rule, "kind": f.kind, "subject": f.subject, "key": f.key} for f in case.findings],
        "waivers": waiver_list(case.waivers.values()),
    }
    for name, rows in definition.routes.items():
        values[name] = route_view(rows, case.routes.get(name, ""))
    values.update(extra)
    thunks: dict[str, Callable[[], Any]] = {
        name: partial(facts.shown, name) for name in definition.fields if name not in values
    }
    return values, functions(facts), thunks


def waiver_list(waivers: Any) -> list[dict[str, Any]]:
    """Requests that are filed: a waiver still without its grounds is no paper yet."""
    return [
        {"key": w.key, "rule": w.rule, "state": w.state, "opinion": w.opinion, "decision": w.decision}
        for w in waivers
        if w.state not in ("DRAFT", "MOOT")
    ]


def route_view(rows: Any, chosen: str) -> dict[str, Any] | None:
    for row in rows:
        if row.id == chosen:
            return {"id": row.id, "to": row.to, **row.columns}
    return None


def _parameters(definition: Definition, calendar: Calendar) -> dict[str, Any]:
    """Parameters and state groups as expressions see them."""
    return {
        **{name: _parameter(value, calendar) for name, value in definition.parameters.items()},
        **{name: list(states) for name, states in definition.groups.items()},
    }


def _parameter(value: Any, calendar: Calendar) -> Any:
    if isinstance(value, date) and not isinstance(value, datetime):
        return datetime.combine(value, time(), tzinfo=calendar.zone)
    return value


def functions(facts: Facts) -> dict[str, Callable[..., Any]]:
    """The functions of the language (docs/language.md 7). They never raise: CEL would print and lose the cause."""
    case, world = facts.case, facts.world
    calendar = world.calendar

    def day(moment: Any) -> date | None:
        return moment.astimezone(calendar.zone).date() if isinstance(moment, datetime) else None

    def made(value: date | None) -> datetime | None:
        return datetime.combine(value, time(), tzinfo=calendar.zone) if value else None

    def taken(action: str) -> list[Any]:
        return [step for step in case.history if step.action == action]

    def when(steps: list[Any], index: int) -> datetime | None:
        return calendar.local(steps[index].at) if steps else None

    def plain(row: dict[str, Any]) -> dict[str, Any]:
        return {key: facts._date_like(item) for key, item in row.items()}

    def looked(register: str) -> Callable[..., list[dict[str, Any]]]:
        return lambda *keys: [facts._whole_row(register, row) | plain(row) for row in world.rows(register, *keys)]

    table: dict[str, Callable[..., Any]] = {
        "given": lambda value: not empty(value),
        "letters": lambda text: len(text) if isinstance(text, str) else None,
        "days": lambda n: timedelta(days=n),
        "working_days": lambda d, n: made(calendar.working_days(day(d), n)) if day(d) else None,  # type: ignore[arg-type]
        "days_after": lambda a, b: max(0, (day(b) - day(a)).days) if day(a) and day(b) else None,  # type: ignore[operator]
        "date": lambda text: facts.midnight(text) if isinstance(text, str) else None,
        "year": lambda d: day(d).year if day(d) else None,  # type: ignore[union-attr]
        "month": lambda d: day(d).month if day(d) else None,  # type: ignore[union-attr]
        "periods": lambda a, b, step: [made(d) for d in _periods(day(a), day(b), step)],
        "took": lambda action: any(s.dossier == case.dossier for s in taken(action)),
        "took_ever": lambda action: bool(taken(action)),
        "first_at": lambda action: when(taken(action), 0),
        "last_at": lambda action: when(taken(action), -1),
        "distinct": lambda rows: [item for n, item in enumerate(rows) if item not in rows[:n]],
        "trim": lambda text: text.strip() if isinstance(text, str) else None,
        "last": lambda rows, default: rows[-1] if rows else default,
        "bodies": lambda flag: [b.slug for b in world.directory.bodies.values() if flag in b.flags],
        "region": lambda code: next((row.get("region", "") for row in world.rows("regions", code)), code),
    }
    for name in world.site.registers:
        table[name] = looked(name)
    return table


def _periods(start: date | None, end: date | None, step: str) -> list[date]:
    if start is None or end is None:
        return []
    count, unit = step.split()
    found, n = [], 1
    while n < 400:
        day = add_months(start, n * int(count)) if unit.startswith("month") else start + timedelta(days=n * int(count))
        if day > end:
            break
        found.append(day)
        n += 1
    return found
