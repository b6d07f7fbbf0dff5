"""`Time` and `Duration` of a definition -> instants, with the derivation that is stored and shown.

Grammar: `["end of "] ANCHOR [(+|-) N [working] UNIT]`. A bare date is 00:00 of that day; `end of D` is 24:00, the
first late instant. A rung whose time has no hours leaves at the calendar's `mail_at`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from engine.core.calendar import Calendar, add_months
from engine.core.case import Derivation
from engine.core.model import Duration, Time

Anchor = Callable[[str], date | datetime | None]


def shift(day: date, count: int, unit: str, calendar: Calendar) -> Derivation:
    """`count` units after `day`, as a derivation from day to day."""
    if unit == "working_days":
        return calendar.derive_working_days(day, count)
    end = add_months(day, count) if unit == "months" else day + timedelta(days=count)
    return Derivation(start=day.isoformat(), end=end.isoformat(), count=count, unit=unit, calendar=calendar.digest[:12])


def moment(time: Time, anchor: Anchor, calendar: Calendar, hours: str = "00:00:00") -> tuple[int, Derivation] | None:
    """The instant of `time`, or None while its anchor is empty. `hours` is the wall time of a bare day."""
    base = anchor(time.anchor)
    if base is None:
        return None
    if time.unit in ("hours", "seconds"):
        if isinstance(base, datetime):
            start = calendar.instant(base)
        else:
            start = calendar.midnight(base + timedelta(days=1) if time.end_of else base)
        seconds = time.count * (3600 if time.unit == "hours" else 1)
        made = Derivation(
            start=calendar.day(start).isoformat(),
            end=calendar.day(start + seconds * 1_000_000).isoformat(),
            count=time.count,
            unit=time.unit,
            anchor=time.anchor,
        )
        return start + seconds * 1_000_000, made
    day = base.astimezone(calendar.zone).date() if isinstance(base, datetime) else base
    made = shift(day, time.count, time.unit, calendar)
    end = date.fromisoformat(made.end)
    if time.end_of:
        return calendar.midnight(end + timedelta(days=1)), made
    if isinstance(base, datetime) and hours == "00:00:00":
        return calendar.at(end, base.astimezone(calendar.zone).time().isoformat()), made
    return calendar.at(end, hours), made


def limit_due(duration: Duration, entered: int, calendar: Calendar) -> tuple[int, Derivation]:
    """When a step entered at `entered` falls due: working days and days end at `day_ends`, hours run through."""
    if duration.unit == "hours":
        due = entered + duration.count * 3_600_000_000
        return due, Derivation(
            start=calendar.day(entered).isoformat(),
            end=calendar.day(due).isoformat(),
            count=duration.count,
            unit="hours",
        )
    made = shift(calendar.day(entered), duration.count, duration.unit, calendar)
    return calendar.at(date.fromisoformat(made.end), calendar.day_ends), made
