"""What a decision may look at outside its case, handed in as values and two read functions.

Every look is recorded (`reads`), goes into the event, and is checked again by the writer before the plan is taken.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from engine.core.calendar import Calendar
from engine.core.directory import Directory
from engine.core.plan import Read

Rows = Callable[[str, str], tuple[list[dict[str, Any]], int]]  # (register, key) -> rows without this case, version


@dataclass(frozen=True, slots=True)
class RegisterSpec:
    name: str
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    kept_by: str = ""


@dataclass(frozen=True, slots=True)
class Series:
    """Numbering of (issuer, kind): `key` of the counter without its period, pattern and printed parts."""

    key: str
    pattern: str
    org: str
    unit: str = ""
    period: str = "year"  # year | term


@dataclass(frozen=True)
class Site:
    """Tables of the site that workflows share. `series` is asked with (issuer slug, document kind)."""

    registers: dict[str, RegisterSpec] = field(default_factory=dict)
    series: Callable[[str, str], Series | None] = lambda issuer, kind: None
    reference: dict[str, str] = field(default_factory=dict)  # workflow -> pattern, "DR-{year}-{n}"
    term: str = ""  # name of the committee term that Party series run through


def key_of(values: tuple[Any, ...] | list[Any]) -> str:
    """Canonical text of register key values."""
    return json.dumps(list(values), ensure_ascii=False, separators=(",", ":"))


class World:
    """One read snapshot. `now` is µs UTC."""

    def __init__(
        self,
        *,
        directory: Directory,
        calendar: Calendar,
        site: Site,
        rows: Rows,
        now: int,
        templates: Callable[[str], str] = lambda document: "",
        countries: Callable[[str, str], str] = lambda code, lang: code,
    ):
        self.directory, self.calendar, self.site, self.now = directory, calendar, site, now
        self.templates, self.countries = templates, countries
        self._rows = rows
        self._known: dict[tuple[Any, ...], tuple[tuple[Any, ...], Any]] = {}
        self._seen: dict[tuple[str, str], tuple[list[dict[str, Any]], int]] = {}

    def look_at(self, rows: Rows) -> None:
        """Take registers from `rows` from now on: those that an event of the past has seen."""
        self._rows = rows
        self._seen.clear()

    def rows(self, register: str, *keys: Any) -> list[dict[str, Any]]:
        """Rows that other cases published under these key values."""
        at = (register, key_of(keys))
        if at not in self._seen:
            self._seen[at] = self._rows(*at)
        return self._seen[at][0]

    def once(self, what: str, of: tuple[Any, ...], make: Callable[[], Any]) -> Any:
        """`make()`, worked out once for the very same objects `of`, which nobody changes while this world is looked at."""
        key = (what, *map(id, of))
        found = self._known.get(key)
        if found is None:  # `of` is kept with the answer, so that no other object gets one of these ids
            found = self._known[key] = (of, make())
        return found[1]

    @property
    def reads(self) -> tuple[Read, ...]:
        return tuple(Read(register, key, version) for (register, key), (_, version) in sorted(self._seen.items()))

    def recorded(self) -> list[dict[str, Any]]:
        """The looks and what they saw, for the event."""
        return [
            {"register": register, "key": key, "rows": rows}
            for (register, key), (rows, _) in sorted(self._seen.items())
        ]
