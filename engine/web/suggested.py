"""Rows a form suggests before anything is typed: days that run on, the people who lead the delegation.

Only what follows from the case is suggested, and it stands on the page as if it had been typed: it can be changed or
taken out, and nothing is kept until the form is saved.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from engine.core.facts import empty
from engine.core.model import Definition, Field
from engine.web.form_fields import BLANK_ROWS

MOST_DAYS = 31


def suggested(
    definition: Definition, spec: Field, rows: list[dict[str, Any]], facts: dict[str, Any], extra: int
) -> tuple[list[dict[str, Any]], int]:
    """(rows with suggestions behind them, blank rows to add)."""
    columns = definition.records[spec.type.name]
    day = next((n for n, c in columns.items() if c.type.kind == "date" and not c.type.optional), "")
    first = next(iter(columns))
    if spec.type.optional and not rows:
        return rows, extra  # what may stay empty is not filled unasked
    if day and first == day:
        return _days(columns, rows, day, _span(definition, facts), extra)
    if not rows and columns[first].type.kind == "person":
        named = dict.fromkeys(
            facts.get(n) for n, f in definition.fields.items() if f.type.kind == "person" and not f.type.many
        )
        led = [{first: person} for person in named if person]
        return led, extra or max(1, BLANK_ROWS - len(led))
    return rows, extra


def _days(
    columns: dict[str, Field], rows: list[dict[str, Any]], day: str, span: tuple[date | None, date | None], extra: int
) -> tuple[list[dict[str, Any]], int]:
    """Without rows: every day from the first date of the case to its second. Else `extra` days that follow the last row,
    with the same choices as it has."""
    if not rows:
        start, end = span
        if start and end and start <= end and (end - start).days < MOST_DAYS:
            return [{day: (start + timedelta(days=n)).isoformat()} for n in range((end - start).days + 1)], extra
        return rows, extra
    last = _day(rows[-1].get(day))
    if last is None or not extra:
        return rows, extra
    same = {
        n: rows[-1][n]
        for n, c in columns.items()
        if c.type.kind in ("choice", "country") and not empty(rows[-1].get(n))
    }
    return [*rows, *({day: (last + timedelta(days=n)).isoformat(), **same} for n in range(1, extra + 1))], 0


def _span(definition: Definition, facts: dict[str, Any]) -> tuple[date | None, date | None]:
    days = [
        _day(facts.get(n))
        for n, f in definition.fields.items()
        if f.type.kind == "date" and not f.type.optional and not f.type.many
    ]
    return (days[0], days[1]) if len(days) > 1 else (None, None)


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
