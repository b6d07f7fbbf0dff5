"""The short lines that scenarios compare: `2022-06-19 08:00 KHẨN N-24r F01 cc F12`, `R-11 exception`, `D-04`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time

from engine.core.calendar import Calendar
from engine.core.events import iso

_WHEN = re.compile(r"(?P<day>\d{4}-\d\d-\d\d)(?:[ T](?P<clock>\d\d:\d\d(?::\d\d)?))?(?:\s+|$)")
URGENT = "KHẨN"


@dataclass(frozen=True, slots=True)
class When:
    """A day, or an instant of it. Without `clock` any hour of the day fits."""

    day: date
    clock: time | None = None

    def fits(self, instant: int, calendar: Calendar) -> bool:
        local = calendar.local(instant)
        if local.date() != self.day:
            return False
        return self.clock is None or local.time().replace(microsecond=0) == self.clock


@dataclass(frozen=True, slots=True)
class Line:
    """One expected line. `words` follow the name; `copies` are the words behind `cc`; `says` what follows `: `."""

    text: str
    name: str
    when: When | None = None
    urgent: bool = False
    words: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    says: str = ""


class NotALine(ValueError):
    """The text cannot be read; the message says why."""


def when(text: str) -> tuple[When | None, str]:
    """The date (and hour) a line starts with, and the rest of it. Raises NotALine for a day that does not exist."""
    match = _WHEN.match(text)
    if match is None:
        return None, text
    try:
        clock = time.fromisoformat(match["clock"]) if match["clock"] else None
        return When(date.fromisoformat(match["day"]), clock), text[match.end() :]
    except ValueError:
        raise NotALine(f"'{match.group().strip()}' is not a date and time") from None


def line(text: str) -> Line:
    """Read one line. Raises NotALine."""
    moment, rest = when(text.strip())
    rest, _, says = rest.partition(": ")
    words = rest.split()
    urgent = bool(words) and words[0] == URGENT
    if urgent:
        words = words[1:]
    if not words:
        raise NotALine("a name is missing")
    name, words = words[0].rstrip(":"), words[1:]
    if "cc" in words:
        place = words.index("cc")
        words, copies = words[:place], words[place + 1 :]
        if not copies:
            raise NotALine("nobody is named behind cc")
    else:
        copies = []
    return Line(text, name, moment, urgent, tuple(words), tuple(copies), says.strip())


def instant(value: date | datetime | str, calendar: Calendar) -> int:
    """A time of a scenario as µs UTC: without zone it is local; a bare date means 09:00, when offices are open."""
    if isinstance(value, datetime):
        return calendar.instant(value if value.tzinfo else value.replace(tzinfo=calendar.zone))
    assert isinstance(value, date)
    return calendar.at(value, OFFICE)


OFFICE = "09:00:00"


def same_moment(value: date | datetime, at: int, calendar: Calendar) -> bool:
    """Whether an expected time is met: a bare date by any hour of that day."""
    if isinstance(value, datetime):
        return instant(value, calendar) == at // 1_000_000 * 1_000_000
    return calendar.day(at) == value


def moment_text(at: int, calendar: Calendar) -> str:
    """`2022-06-27 Mon 17:00`, with seconds where there are any."""
    local = calendar.local(at)
    clock = local.strftime("%H:%M") if not local.second else local.strftime("%H:%M:%S")
    return f"{local.date().isoformat()} {local.strftime('%a')} {clock}"


def stamp(at: int) -> str:
    """An instant as event bodies write it."""
    return iso(at)
