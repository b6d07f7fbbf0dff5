"""Facts of a case as plain values for templates: dicts, lists, texts, numbers. Dates are ISO text, money whole đồng.

An empty text or date is "", an empty list [], an unanswered yes/no False, everything else empty None. Whatever has a name
carries it as `name` (persons, bodies, countries, choices), in Vietnamese: official papers have one language.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from engine.core.expressions import CannotTell, Scope, compiled, expand
from engine.core.facts import LETTER, Facts, empty
from engine.core.model import Field, FieldType

LANG = "vi"


class Values:
    """Prints the fields of one case. `view` is the scope its expressions see."""

    def __init__(self, facts: Facts, view: Scope):
        self.facts, self.view = facts, view
        self.definition, self.world = facts.definition, facts.world

    def all(self) -> dict[str, Any]:
        """Every field by its name."""
        return {name: self.field(spec, self.facts.facts.get(name)) for name, spec in self.definition.fields.items()}

    def lets(self) -> dict[str, Any]:
        """What the workflow computes, where it can be told and is a plain value."""
        found: dict[str, Any] = {}
        for name in self.definition.lets:
            try:
                found[name] = self.plain(self.view.value(name))
            except CannotTell:
                found[name] = None
        return found

    def field(self, spec: Field, value: Any) -> Any:
        if not spec.type.many:
            return self._one(spec, value)
        rows = [self._one(_single(spec), item) for item in value or []]
        if spec.type.kind == "record":
            for number, row in enumerate(rows, 1):
                row["number"] = number
            self._computed(spec, rows)
        return rows

    def _one(self, spec: Field, value: Any) -> Any:
        kind = spec.type.kind
        if kind == "record":
            if empty(value):
                return None
            columns = self.definition.records[spec.type.name]
            return {name: self.field(column, value.get(name)) for name, column in columns.items() if not column.value}
        if kind in ("text", "date"):
            return value or ""
        if kind == "yes/no":
            return bool(value)
        return None if empty(value) else self._scalar(spec, value)

    def _scalar(self, spec: Field, value: Any) -> Any:
        kind = spec.type.kind
        if kind == "person":
            return self.person(value)
        if kind == "body":
            return self.body(value)
        if kind == "country":
            return {"code": value, "name": self.world.countries(value, LANG)}
        if kind == "choice":
            label = self.definition.choices[spec.type.name].get(value)
            return {"code": value, "name": label[LANG] if label else value}
        if kind == "register":
            return self.plain(self.facts.picked(spec.name, spec.type.name, value))
        if kind == "letter":
            return {key: value.get(key) or "" for key in LETTER}
        return value

    def person(self, person_id: str) -> dict[str, Any]:
        """`post` and `agency` beside the name; a person nobody knows is shown by the id."""
        known = self.facts.person(person_id) or {"id": person_id}
        agency = self.world.directory.bodies.get(known.get("agency") or "")
        return {
            "id": str(known.get("id", person_id)),
            "name": str(known.get("name") or person_id),
            "post": str(known.get("post") or ""),
            "agency": agency.slug if agency else "",
            "agency_name": agency.vi if agency else "",
            "position": _position(str(known.get("post") or ""), agency.vi if agency else ""),
            "level": str(known.get("level") or ""),
            "key_leader": bool(known.get("key_leader")),
        }

    def body(self, slug: str) -> dict[str, Any]:
        known = self.world.directory.bodies.get(slug)
        return {
            "slug": slug,
            "name": known.vi if known else slug,
            "org": known.org if known else "",
            "profile": known.profile if known else "state",
        }

    def _computed(self, spec: Field, rows: list[dict[str, Any]]) -> None:
        """Columns with a `value`: the one name their expression does not find elsewhere is the row."""
        columns = [c for c in self.definition.records[spec.type.name].values() if c.value]
        if not columns or not rows:
            return
        typed = self.facts.view(spec.name)
        for column in columns:
            loose = self._row_names(column.value)
            for row, item in zip(rows, typed, strict=True):
                for name in loose:
                    self.view.bind(name, item)
                row[column.name] = self._worked_out(column)

    def _row_names(self, source: str) -> list[str]:
        names = compiled(expand(source, self.definition.functions))[1]
        return [name for name in names if not self.view.has(name)]

    def _worked_out(self, column: Field) -> Any:
        try:
            value = self.plain(self.view.value(column.value))
        except CannotTell:
            return [] if column.type.many else None
        if column.type.kind == "choice" and not column.type.many:
            return None if empty(value) else self._scalar(column, value)
        return value

    def plain(self, value: Any) -> Any:
        """A value of an expression without its types: days as ISO text, everything else as JSON has it."""
        if isinstance(value, datetime):
            return value.astimezone(self.world.calendar.zone).date().isoformat()
        if isinstance(value, timedelta):
            return value.days
        if isinstance(value, dict):
            return {str(key): self.plain(item) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.plain(item) for item in value]
        return value if value is None or isinstance(value, (str, int, bool)) else str(value)


def _position(post: str, agency: str) -> str:
    """`Giám đốc Sở Ngoại vụ`; the body is not said twice (`Phó Bí thư Thành ủy`)."""
    if not post or " ".join(agency.split()[:2]).lower() in post.lower():
        return post or agency
    return f"{post} {agency}".strip()


def _single(spec: Field) -> Field:
    return Field(spec.name, FieldType(spec.type.kind, spec.type.name, False, spec.type.optional), spec.label)
