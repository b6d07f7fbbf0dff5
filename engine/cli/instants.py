"""Moments on the command line and in its answers: local time of the site's calendar."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from engine.cli.errors import Mistake

if TYPE_CHECKING:
    from engine.core.calendar import Calendar

EXPECTED = "a day (2022-08-09, its end) or a moment (2022-08-09 16:30, or with seconds and offset)"


def instant(text: str, calendar: Calendar) -> int:
    """µs UTC. A day alone means its end; a moment without offset is local. Raises Mistake."""
    try:
        if len(text) == 10:
            return calendar.midnight(date.fromisoformat(text) + timedelta(days=1)) - 1
        moment = datetime.fromisoformat(text)
        return calendar.instant(moment if moment.tzinfo else moment.replace(tzinfo=calendar.zone))
    except (ValueError, OverflowError):
        raise Mistake(f"'{text}' is not a moment: give {EXPECTED}") from None


def iso(at: int | None, calendar: Calendar) -> str | None:
    """Local time with its offset, for programs."""
    return calendar.local(at).isoformat(timespec="seconds") if at is not None else None


def short(at: int, calendar: Calendar) -> str:
    """`2022-08-09 16:30`."""
    return f"{calendar.local(at):%Y-%m-%d %H:%M}"


def due(at: int, calendar: Calendar) -> str:
    """A deadline: one at midnight belongs to the day before and is written as its last second."""
    moment = calendar.local(at)
    if (moment.hour, moment.minute, moment.second) == (0, 0, 0):
        return f"{moment - timedelta(seconds=1):%Y-%m-%d %H:%M:%S}"
    return short(at, calendar)
