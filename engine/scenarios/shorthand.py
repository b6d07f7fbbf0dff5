"""Short forms of scenarios as the values the engine takes.

- people: `["F01", "X1..X6"]`; a list of records with persons: `{ people = […], task = "no. {n}", F02 = { … } }`
- days: `{ days = ["06-06 TRAVEL", "06-07..06-08 VISIT LA the words of the programme"] }`
- a letter: `"462/BNG-CV-m 2022-03-01 letter.pdf agreed"`; a file: its name
- answers by row: `"AGREE for all"`, `"AGREE for all, DISAGREE for F02"`, waivers included (`for R-11`)
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from engine.core.model import Definition, Field

_RANGE = re.compile(r"([A-Za-z]+)(\d+)\.\.\1?(\d+)")
_DAY = re.compile(r"(?:(\d{4})-)?(\d\d)-(\d\d)")
_FILE = re.compile(r"\S+\.[A-Za-z0-9]{2,5}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_MOST = 200


class BadShort(ValueError):
    """A short form that cannot be read; `key` is where below the value, the message why."""


def people(listed: Any) -> list[str]:
    """Ids, ranges spread out. Raises BadShort."""
    if isinstance(listed, str):
        listed = [listed]
    if not isinstance(listed, list) or not all(isinstance(item, str) for item in listed):
        raise BadShort('people are a list of ids, for example ["F01", "X1..X6"]')
    found: list[str] = []
    for item in listed:
        match = _RANGE.fullmatch(item)
        if match is None:
            found.append(item)
            continue
        first, last = int(match[2]), int(match[3])
        if not first <= last < first + _MOST:
            raise BadShort(f"'{item}' is not a range of people")
        found += [f"{match[1]}{number}" for number in range(first, last + 1)]
    return found


@dataclass
class Shorthand:
    """`upload(name)` stands for a file handed in and gives its id; `year` is the one of days written without.

    `granted(record, row)` gives the columns that are taken for granted in a row.
    """

    definition: Definition
    year: int
    upload: Callable[[str], str] = str
    granted: Callable[[str, dict[str, Any]], dict[str, Any]] = lambda record, row: {}

    def value(self, spec: Field, value: Any) -> Any:
        """A field's value. Raises BadShort; what is merely wrong is left for the engine to refuse."""
        if spec.type.many:
            return self._list(spec, value)
        return self._one(spec, value)

    def _list(self, spec: Field, value: Any) -> Any:
        single = Field(spec.name, type(spec.type)(spec.type.kind, spec.type.name), spec.label)
        if spec.type.kind == "record" and isinstance(value, dict):
            columns = self.definition.records[spec.type.name]
            if "people" in value:
                return self._by_person(spec, columns, dict(value))
            if set(value) == {"days"}:
                return [row for text in value["days"] for row in self._days(columns, text)]
            raise BadShort(f"'{spec.name}' is a list of rows, or {{ people = […] }}, or {{ days = […] }}")
        if spec.type.kind == "person" and isinstance(value, (list, str)):
            return people(value)
        return [self._one(single, item) for item in value] if isinstance(value, list) else value

    def _one(self, spec: Field, value: Any) -> Any:
        kind = spec.type.kind
        if isinstance(value, datetime):
            return value.date().isoformat()
        if isinstance(value, date):
            return value.isoformat()
        if kind == "letter":
            return self._letter(value)
        if kind == "file" and isinstance(value, str):
            return self.upload(value) if value else value
        if kind == "record" and isinstance(value, dict):
            return self._record(spec, value)
        return value

    def _record(self, spec: Field, row: dict[str, Any]) -> dict[str, Any]:
        columns = self.definition.records[spec.type.name]
        row = {**self.granted(spec.type.name, row), **row}
        return {name: self.value(columns[name], item) if name in columns else item for name, item in row.items()}

    def _by_person(self, spec: Field, columns: dict[str, Field], table: dict[str, Any]) -> list[dict[str, Any]]:
        person = next((name for name, column in columns.items() if column.type.kind == "person"), "")
        if not person:
            raise BadShort("this record has no person")
        ids = people(table.pop("people"))
        apart = {name: table.pop(name) for name in list(table) if name in ids}
        rows = []
        for number, one in enumerate(ids, 1):
            row = {name: _numbered(item, number) for name, item in table.items()} | apart.get(one, {})
            rows.append(self._record(spec, {person: one, **row}))
        return rows

    def _days(self, columns: dict[str, Field], text: Any) -> list[dict[str, Any]]:
        if not isinstance(text, str) or not text.strip():
            raise BadShort('days are texts, for example "06-07..06-08 VISIT LA"')
        span, *words = text.split()
        first, _, last = span.partition("..")
        start = self._day(first, self.year)
        end = self._day(last, start.year) if last else start
        if not 0 <= (end - start).days < _MOST:
            raise BadShort(f"'{span}' is not a span of days")
        row = self._words(columns, words)
        day = next((name for name, column in columns.items() if column.type.kind == "date"), "date")
        count = (end - start).days + 1
        return [{day: (start + timedelta(days=n)).isoformat(), **row} for n in range(count)]

    def _day(self, text: str, year: int) -> date:
        match = _DAY.fullmatch(text)
        try:
            if match is None:
                raise ValueError
            return date(int(match[1] or year), int(match[2]), int(match[3]))
        except ValueError:
            raise BadShort(f"'{text}' is not a day: 06-07, or 2022-06-07") from None

    def _words(self, columns: dict[str, Field], words: list[str]) -> dict[str, Any]:
        """A choice's value, a country code, then the words of the first text column."""
        row: dict[str, Any] = {}
        while words:
            column = self._column(columns, words[0], row)
            if not column:
                break
            row[column] = words.pop(0)
        if words:
            free = next((n for n, c in columns.items() if c.type.kind == "text" and n not in row), "")
            if not free:
                raise BadShort(f"'{words[0]}' has no place in this row")
            row[free] = " ".join(words)
        return row

    def _column(self, columns: dict[str, Field], word: str, taken: dict[str, Any]) -> str:
        for name, column in columns.items():
            if name in taken:
                continue
            if column.type.kind == "choice" and word in self.definition.choices[column.type.name]:
                return name
            if column.type.kind == "country" and _COUNTRY.fullmatch(word):
                return name
        return ""

    def _letter(self, value: Any) -> Any:
        """Number, then in any order a date, the name of a file, and the outcome in words."""
        if isinstance(value, dict):
            found = {name: item.isoformat() if isinstance(item, date) else item for name, item in value.items()}
            return {**found, "file": self.upload(found["file"])} if found.get("file") else found
        if not isinstance(value, str) or not value.strip():
            return value
        number, *words = value.split()
        letter: dict[str, Any] = {"number": number}
        rest = []
        for word in words:
            if "date" not in letter and _DAY.fullmatch(word) and len(word) == 10:
                letter["date"] = word
            elif "file" not in letter and _FILE.fullmatch(word):
                letter["file"] = self.upload(word)
            else:
                rest.append(word)
        if rest:
            letter["outcome"] = " ".join(rest)
        return letter


def by_row(text: Any) -> dict[str, str]:
    """`"AGREE for all, DISAGREE for F02 R-11"` or `{ all = "AGREE", F02 = "DISAGREE" }` -> who or what -> answer."""
    if isinstance(text, dict):
        return {str(name): str(value) for name, value in text.items()}
    found: dict[str, str] = {}
    for part in str(text).split(","):
        answer, _, whom = part.strip().partition(" for ")
        if not answer or not whom.strip():
            raise BadShort(f'\'{text}\': write "AGREE for all", or "AGREE for all, DISAGREE for F02"')
        for one in people(whom.split()):
            found[one] = answer.strip()
    return found


def _numbered(item: Any, number: int) -> Any:
    return item.replace("{n}", str(number)) if isinstance(item, str) else item
