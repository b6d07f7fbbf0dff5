"""calendar.toml: the working days of a site.

With `library` the public holidays of that country come from the `holidays` package for every year in `years`, except
those listed in `complete`, which this file gives whole. `[holidays]` adds or renames days, `[working]` makes a day off a
working one. The digest covers all of it, so a deadline says by which calendar it was counted.
"""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from engine.config.schema import Table, Word
from engine.config.shape import shaped
from engine.core.calendar import Calendar
from engine.core.events import canonical
from engine.definitions.problems import Problem, Problems, did_you_mean
from engine.definitions.source import Source

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
LONGEST = 31  # days of one holiday
_ZONE = re.compile(r"([+-])(\d\d):(\d\d)")
Year = Annotated[int, Field(ge=1990, le=2090)]


class CalendarFile(Table):
    calendar: Word
    zone: Word | None = None
    weekend: list[str] = Field(default=["Saturday", "Sunday"])
    day_ends: time = time(17)
    mail_at: time = time(8)
    library: Literal["VN"] | None = None
    years: Annotated[list[Year], Field(min_length=2, max_length=2)] = Field(default=[2020, 2040])
    complete: list[Year] = Field(default=[])
    holidays: dict[str, Word] = Field(default={})
    working: dict[str, Word] = Field(default={})


def read_calendar(source: Source, zone: str) -> Calendar:
    """The calendar of a file; `zone` is the site's. Raises Problems."""
    file, problems = shaped(CalendarFile, source)
    if file is None:
        raise Problems(problems)
    minutes = _zone(file, source, zone, problems)
    weekend = _weekend(file, source, problems)
    own, working = _days(file, source, "holidays", problems), _days(file, source, "working", problems)
    if file.years[0] > file.years[1]:
        problems.append(source.problem("E622", "the first year comes after the last", ("years",)))
    for key in ("day_ends", "mail_at"):
        if getattr(file, key).microsecond:
            problems.append(source.problem("E104", f"'{key}' has no parts of a second", (key,)))
    for day in sorted(set(own) & set(working)):
        problems.append(
            source.problem("E311", f"{day} stands among the holidays and the working days", ("working", day))
        )
    if problems:
        raise Problems(problems)
    holidays = {**library_days(file), **own}
    kept = {
        "name": file.calendar,
        "zone_minutes": minutes,
        "weekend": list(weekend),
        "holidays": dict(sorted(holidays.items())),
        "working": dict(sorted(working.items())),
        "day_ends": file.day_ends.isoformat(),
        "mail_at": file.mail_at.isoformat(),
    }
    return Calendar(**{**kept, "weekend": weekend}, digest=hashlib.sha256(canonical(kept)).hexdigest())  # type: ignore[arg-type]


def library_days(file: CalendarFile) -> dict[str, str]:
    """ISO day -> name of the holidays that the library knows, in Vietnamese."""
    years = tuple(year for year in range(file.years[0], file.years[1] + 1) if year not in file.complete)
    return _of_library(file.library, years) if file.library and years else {}


@functools.cache
def _of_library(country: str, years: tuple[int, ...]) -> dict[str, str]:
    import holidays

    found = holidays.country_holidays(country, years=years, language="vi")
    return {day.isoformat(): name for day, name in found.items() if day.year in years}


def _zone(file: CalendarFile, source: Source, site: str, problems: list[Problem]) -> int:
    """Minutes east of UTC. The file may say it again; it must not say another one."""
    local = datetime(2022, 1, 1, tzinfo=ZoneInfo(site)).utcoffset() or timedelta()
    minutes = int(local.total_seconds()) // 60
    if file.zone is not None:
        match = _ZONE.fullmatch(file.zone)
        if match is None:
            problems.append(source.problem("E621", f"'{file.zone}' is not an offset such as +07:00", ("zone",)))
        elif (int(match[2]) * 60 + int(match[3])) * (-1 if match[1] == "-" else 1) != minutes:
            sign, size = ("-" if minutes < 0 else "+"), abs(minutes)
            message = f"the site's zone {site} is {sign}{size // 60:02}:{size % 60:02}, not {file.zone}"
            problems.append(source.problem("E621", message, ("zone",)))
    return minutes


def _weekend(file: CalendarFile, source: Source, problems: list[Problem]) -> tuple[int, ...]:
    for number, name in enumerate(file.weekend):
        if name not in DAYS:
            hint = did_you_mean(name, DAYS)
            problems.append(
                source.problem("E623", f"'{name}' is not a day of the week", ("weekend", number), hint=hint)
            )
    days = tuple(sorted({DAYS.index(name) for name in file.weekend if name in DAYS}))
    if len(days) == 7:
        problems.append(source.problem("E623", "a week needs a working day", ("weekend",)))
    return days


def _days(file: CalendarFile, source: Source, table: str, problems: list[Problem]) -> dict[str, str]:
    """ISO day -> reason of one table whose keys are days or `first/last`."""
    found: dict[str, str] = {}
    lines: dict[str, str] = {}
    for key, reason in getattr(file, table).items():
        span = list(_span(key))
        if not span:
            message = f"'{key}' is not a day (2022-01-03) or \"first/last\" of at most {LONGEST} days"
            problems.append(source.problem("E622", message, (table, key), key=True))
        for day in span:
            if day in found:
                line = source.place((table, lines[day]), key=True).line
                problems.append(
                    source.problem("E311", f"{day} is given already on line {line}", (table, key), key=True)
                )
            found[day], lines[day] = reason, key
    return found


def _span(key: str) -> Iterator[str]:
    first, slash, last = key.partition("/")
    try:
        start, end = date.fromisoformat(first), date.fromisoformat(last if slash else first)
    except ValueError:
        return
    if len(first) != 10 or not 0 <= (end - start).days < LONGEST:
        return
    for number in range((end - start).days + 1):
        yield (start + timedelta(days=number)).isoformat()
