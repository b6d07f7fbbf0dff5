"""What a browser sends for a form of fields, and the values it means.

The name of a control is its path: `title`, `invitation/inviter`, `members/3/task`, `report/number`, `purposes` (once
for each box that is checked). A value that cannot be read stays as it was typed: the draft keeps it, the page shows
it again, and the rules of the fields say what is wrong. Nothing is rounded and nothing is guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from engine.core.answers import normal
from engine.core.facts import LETTER, empty
from engine.core.model import Definition, Field
from engine.web.named import Named

Form = Mapping[str, Sequence[str]]  # every value of each name, in order

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_INVISIBLE = re.compile(r"[\u200b\u2060\ufeff]")
_DAY = re.compile(r"(\d{1,2})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{4})")
_PLACE = re.compile(r"^([1-9]\d{0,2})(?:/|$)")
ROWS_READ = 400  # rows of one list that are looked at; the field itself allows far fewer


def collect(pairs: Iterable[tuple[str, Any]]) -> dict[str, list[str]]:
    """Pairs of a form by name; files are left out."""
    found: dict[str, list[str]] = {}
    for name, value in pairs:
        if isinstance(value, str):
            found.setdefault(name, []).append(value)
    return found


def plain_text(text: str) -> str:
    """NFC, line ends as one sign, no control or direction characters: what every database can keep."""
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _CONTROL.sub("", text).encode("utf-8", "ignore").decode("utf-8")


def one_line(text: str) -> str:
    return " ".join(_INVISIBLE.sub("", plain_text(text)).split())


def day(text: str) -> str:
    """ISO text of a day as people write it (04/9/2022); anything else, and a day that is none, as it stands."""
    match = _DAY.fullmatch(text)
    if match is None or not match.group().isascii():
        return text
    found = f"{match.group(3)}-{int(match.group(2)):02d}-{int(match.group(1)):02d}"
    return found if normal("date", found) else text


class Reader:
    """Reads the fields of one definition from a form."""

    def __init__(self, definition: Definition, named: Named, form: Form):
        self.definition, self.named, self.form = definition, named, form
        self._asked = asked_columns(definition)

    def field(self, spec: Field, name: str) -> Any:
        """The value of one field; empty text, no rows and nothing chosen are None or []."""
        kind = spec.type.kind
        if spec.type.many and kind == "record":
            return self._rows(spec, name)
        if spec.type.many and kind in ("choice", "person"):
            return self._several(spec, name)
        if spec.type.many:
            rows = [self._one(spec, f"{name}/{number}") for number in self._numbers(name)]
            return [row for row in rows if not empty(row)]
        return self._one(spec, name)

    def _one(self, spec: Field, name: str) -> Any:
        kind = spec.type.kind
        if kind == "record":
            columns = self.definition.records[spec.type.name]
            row = {n: self.field(c, f"{name}/{n}") for n, c in columns.items() if not c.value}
            return None if empty(row) else row
        if kind == "letter":
            letter = {part: self._part(f"{name}/{part}", part) for part in LETTER}
            return None if empty(letter) else letter
        return self._scalar(kind, self._text(name))

    def _part(self, name: str, part: str) -> str | None:
        text = one_line(self._text(name))
        return (day(text) if part == "date" else text) or None

    def _text(self, name: str) -> str:
        values = self.form.get(name) or ("",)
        return values[-1]

    def _scalar(self, kind: str, text: str) -> Any:
        if kind == "text":
            return plain_text(text).strip() or None
        text = one_line(text)
        if not text:
            return None
        if kind == "yes/no":
            return {"yes": True, "no": False}.get(text, text)
        if kind in ("number", "money"):
            amount = normal(kind, text)
            return text if amount is None else amount
        if kind == "date":
            return day(text)
        if kind == "person":
            return self.named.find_person(text) or text
        if kind == "body":
            return self.named.find_body(text) or text
        if kind == "country":
            unknown = text.lower() if len(text) == 2 else text  # two capital letters would pass as a country's code
            return self.named.find_country(text) or unknown
        return text

    def _several(self, spec: Field, name: str) -> list[Any]:
        """Boxes that were checked; for persons further names in text boxes `NAME/1`, `NAME/2` ..."""
        found = [self._scalar(spec.type.kind, text) for text in self.form.get(name, ())]
        found += [self._one(spec, f"{name}/{number}") for number in self._numbers(name)]
        return list(dict.fromkeys(item for item in found if item))

    def _rows(self, spec: Field, name: str) -> list[dict[str, Any]]:
        columns = self.definition.records[spec.type.name]
        columns = {n: c for n, c in columns.items() if f"{spec.name}.{n}" not in self._asked}
        rows = []
        for number in self._numbers(name):
            row = {n: self.field(c, f"{name}/{number}/{n}") for n, c in columns.items() if not c.value}
            if any(not empty(value) for value in row.values()):
                rows.append(row)
        return rows

    def _numbers(self, name: str) -> list[int]:
        """Numbers of the rows that were sent, in order."""
        start = f"{name}/"
        found = {
            int(match.group(1))
            for key in self.form
            if key.startswith(start) and (match := _PLACE.match(key[len(start) :]))
        }
        return sorted(found)[:ROWS_READ]


def without(form: Form, start: str) -> Form:
    """The form without everything under one path: a row that is taken out."""
    return {name: values for name, values in form.items() if not name.startswith(f"{start}/") and name != start}


def asked_columns(definition: Definition) -> set[str]:
    """`list.column` that somebody answers with an action: no form of ours edits them."""
    found = set()
    for actions in definition.transitions.values():
        for transition in actions.values():
            found |= {ask.path for ask in transition.asks if "." in ask.path and not ask.path.startswith("waivers.")}
    return found


def carried(definition: Definition, spec: Field, rows: list[dict[str, Any]], before: Any) -> list[dict[str, Any]]:
    """Rows with the answered columns they had, where they are still about the same person; a new row has none."""
    columns = definition.records[spec.type.name]
    person = next((n for n, c in columns.items() if c.type.kind == "person"), "")
    asked = [n for n in columns if f"{spec.name}.{n}" in asked_columns(definition)]
    if not asked or not person or not isinstance(before, list):
        return rows
    known = {row.get(person): row for row in before if row.get(person)}
    return [
        {**row, **{n: known[row.get(person)].get(n) for n in asked if known.get(row.get(person), {}).get(n)}}
        if row.get(person) in known
        else row
        for row in rows
    ]
