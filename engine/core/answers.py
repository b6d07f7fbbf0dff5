"""What a person filled in: checked against the field's type, normalised, and laid over the facts of the case.

Shapes after cleaning: text NFC without control characters, number and money int, date ISO text, yes/no bool, person
an id, body a slug, country two capital letters, file the id of a stored file, choice a value of the list, register a
key, letter `{number, date, outcome, file}`, a record a dict of its columns, `list of T` a list.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from typing import Any

from engine.core.blockers import Blocker, blocker
from engine.core.facts import LETTER, empty
from engine.core.model import Definition, Field
from engine.core.world import World

MAX_TEXT = 20_000
MAX_ROWS = 80
MAX_ROWS_PLAIN = 200  # a list no column of which is asked with an action
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_DAY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}|2100-[0-9]{2}-[0-9]{2}")  # far years overflow in a time zone
_EXPECTED = {
    "number": "a whole number",
    "money": "an amount in VND, for example 900000000",
    "date": "a date between 2000 and 2100, for example 2022-06-30",
    "yes/no": "yes or no",
    "country": "a country code of two letters",
    "letter": "a letter: number, date, outcome and file",
    "record": "a record",
    "text": f"text of at most {MAX_TEXT} characters",
    "file": "an uploaded file",
}


class _Bad(Exception):
    def __init__(self, found: Blocker):
        self.found = found


class Cleaner:
    """Checks values of one definition. Problems are collected in `problems`, all of them."""

    def __init__(self, definition: Definition, world: World):
        self.definition, self.world = definition, world
        self.problems: list[Blocker] = []

    def value(self, spec: Field, value: Any, path: str) -> Any:
        """The normalised value; None where it is empty or bad (then a problem is noted)."""
        if spec.type.many:
            return self._rows(spec, value, path)
        try:
            return self._one(spec, value, path)
        except _Bad as bad:
            self.problems.append(bad.found)
            return None

    def _rows(self, spec: Field, value: Any, path: str) -> list[Any]:
        if value is None or value == "":
            return []
        if not isinstance(value, (list, tuple)):
            self.problems.append(blocker("type", path, field=spec.label, expected="a list"))
            return []
        most = MAX_ROWS if self._asked_by_row(spec.name) else MAX_ROWS_PLAIN
        if len(value) > most:
            self.problems.append(blocker("too_many", path, field=spec.label, most=most))
            return []
        single = Field(spec.name, type(spec.type)(spec.type.kind, spec.type.name, False, True), spec.label)
        rows = [self.value(single, item, f"{path}/{number}") for number, item in enumerate(value, 1)]
        return [row for row in rows if not empty(row)] if spec.type.kind != "record" else [r or {} for r in rows]

    def _asked_by_row(self, name: str) -> bool:
        return any(
            ask.path.startswith(f"{name}.")
            for actions in self.definition.transitions.values()
            for transition in actions.values()
            for ask in transition.asks
        )

    def _one(self, spec: Field, value: Any, path: str) -> Any:
        kind = spec.type.kind
        if value is None or (isinstance(value, str) and not value.strip()):
            return None
        if kind == "record":
            return self._record(spec, value, path)
        if kind == "letter":
            return self._letter(spec, value, path)
        cleaned = _SCALARS.get(kind, _text)(value)
        if cleaned is None:
            raise _Bad(blocker("type", path, field=spec.label, expected=_EXPECTED.get(kind, "text")))
        if kind == "choice":
            options = self.definition.choices[spec.type.name]
            if cleaned not in options:
                raise _Bad(blocker("choice", path, field=spec.label, options=", ".join(options)))
        if kind == "person" and cleaned not in self.world.directory.people:
            raise _Bad(blocker("unknown_person", path, key=cleaned))
        if kind == "body" and cleaned not in self.world.directory.bodies:
            raise _Bad(blocker("unknown_body", path, key=cleaned))
        return cleaned

    def _record(self, spec: Field, value: Any, path: str) -> dict[str, Any] | None:
        if not isinstance(value, dict):
            raise _Bad(blocker("type", path, field=spec.label, expected=_EXPECTED["record"]))
        columns = self.definition.records[spec.type.name]
        for name in value:
            if name not in columns or columns[name].value:
                self.problems.append(blocker("unknown_field", f"{path}/{name}", field=name))
        row = {n: self.value(c, value.get(n), f"{path}/{n}") for n, c in columns.items() if not c.value}
        return None if empty(row) else row

    def _letter(self, spec: Field, value: Any, path: str) -> dict[str, Any] | None:
        if not isinstance(value, dict) or set(value) - set(LETTER):
            raise _Bad(blocker("type", path, field=spec.label, expected=_EXPECTED["letter"]))
        letter = {key: _text(value.get(key)) if value.get(key) else None for key in LETTER}
        if letter["date"] and _date(letter["date"]) is None:
            raise _Bad(blocker("type", f"{path}/date", field=spec.label, expected=_EXPECTED["date"]))
        return None if empty(letter) else letter


def _text(value: Any) -> str | None:
    if not isinstance(value, str) or len(value) > MAX_TEXT:
        return None
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        return None
    return _CONTROL.sub("", unicodedata.normalize("NFC", value).replace("\r\n", "\n")).strip()


def clean_text(value: str) -> str:
    """A comment as it is kept: NFC, no control or direction characters, at most MAX_TEXT characters."""
    return _text(value[:MAX_TEXT]) or ""


def _number(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        return None
    if isinstance(value, str) and not re.fullmatch(r"\s*-?[0-9]{1,16}\s*", value):
        return None
    number = int(value)
    return number if abs(number) < 2**53 else None


# whole đồng, plain or in groups of three: `1.000,00` is no amount, because a hundred times too much is worse than a question
_MONEY = re.compile(
    r"(?:[0-9]+|[0-9]{1,3}(?:([., \u00a0\u202f_])[0-9]{3})(?:\1[0-9]{3})*)\s*(?:VND|đồng|đ)?", re.IGNORECASE
)


def _money(value: Any) -> int | None:
    if isinstance(value, str):
        text = unicodedata.normalize("NFC", value.strip())
        found = _MONEY.fullmatch(re.sub(r"^VND\s*", "", text))
        if found is None:
            return None
        value = re.sub(r"[^0-9]", "", text)
    number = _number(value)
    return number if number is not None and number >= 0 else None


def _date(value: Any) -> str | None:
    if isinstance(value, date):
        value = value.isoformat()[:10]
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        return None


def _yes(value: Any) -> bool | None:
    return {True: True, False: False, "yes": True, "no": False, "true": True, "false": False}.get(value)


def _country(value: Any) -> str | None:
    text = _text(value)
    return text if text and re.fullmatch(r"[A-Z]{2}", text) else None


_SCALARS: dict[str, Any] = {
    "number": _number,
    "money": _money,
    "date": _date,
    "yes/no": lambda v: _yes(v) if isinstance(v, (bool, str)) else None,
    "country": _country,
}


def normal(kind: str, value: Any) -> Any:
    """One scalar as it is kept, or None where it is not of its kind. Choices, persons and bodies are not looked up."""
    return _SCALARS.get(kind, _text)(value)


def missing(definition: Definition, names: tuple[str, ...], facts: dict[str, Any]) -> Iterator[Blocker]:
    """Required fields that are empty, columns of every row included. A yes/no left open counts as no."""
    for name in names:
        yield from _missing(definition, definition.fields[name], facts.get(name), name)


def _missing(definition: Definition, spec: Field, value: Any, path: str) -> Iterator[Blocker]:
    if spec.type.kind == "yes/no" or spec.value:
        return
    if empty(value):
        if not spec.type.optional:
            yield blocker("required", path, field=spec.label)
        return
    if spec.type.kind == "record":
        rows = list(enumerate(value, 1)) if spec.type.many else [(0, value)]
        for number, row in rows:
            for column in definition.records[spec.type.name].values():
                place = f"{path}/{number}/{column.name}" if number else f"{path}/{column.name}"
                yield from _missing(definition, column, row.get(column.name), place)
