"""Facts on their way into an event: what is public, what is private, what is frozen at a submission.

Public: dates, numbers, choices, persons and bodies by id. Private (a commitment in the event, the value beside it):
free text, letters, and the frozen particulars of persons and picked register rows.
"""

from __future__ import annotations

from typing import Any

from engine.core.events import Private
from engine.core.model import Definition, Field
from engine.core.world import World

PRIVATE_KINDS = ("text", "letter")


def split(definition: Definition, facts: dict[str, Any], names: set[str]) -> tuple[dict[str, Any], dict[str, Private]]:
    """(public values by field, private records) of the fields in `names`."""
    public: dict[str, Any] = {}
    private: dict[str, Private] = {}
    for name in sorted(names):
        spec, value = definition.fields[name], facts.get(name)
        if spec.type.kind in PRIVATE_KINDS:
            public[name] = None if not spec.type.many else []
            if value:
                private[f"facts/{name}"] = Private(value)
        elif spec.type.kind == "record" and spec.type.many:
            public[name] = []
            for number, row in enumerate(value or [], 1):
                open_part, closed = _columns(definition, spec, row)
                public[name].append(open_part)
                if closed:
                    private[f"facts/{name}/{number}"] = Private(closed, _subject(definition, spec, row))
        elif spec.type.kind == "record" and value:
            public[name], closed = _columns(definition, spec, value)
            if closed:
                private[f"facts/{name}"] = Private(closed)
        else:
            public[name] = value
    return public, private


def _columns(definition: Definition, spec: Field, row: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    columns = definition.records[spec.type.name]
    closed = {n: v for n, v in row.items() if n in columns and columns[n].type.kind in PRIVATE_KINDS}
    return {n: v for n, v in row.items() if n not in closed}, {n: v for n, v in closed.items() if v}


def _subject(definition: Definition, spec: Field, row: dict[str, Any]) -> str:
    columns = definition.records[spec.type.name]
    return next((str(row.get(n) or "") for n, c in columns.items() if c.type.kind == "person"), "")


def persons(definition: Definition, facts: dict[str, Any]) -> list[str]:
    """Ids of everybody a field of the case names, in order."""
    found: dict[str, None] = {}

    def take(spec: Field, value: Any) -> None:
        if spec.type.many:
            single = Field(spec.name, type(spec.type)(spec.type.kind, spec.type.name), spec.label)
            for item in value or []:
                take(single, item)
        elif spec.type.kind == "person" and value:
            found.setdefault(value)
        elif spec.type.kind == "record" and value:
            for name, column in definition.records[spec.type.name].items():
                take(column, value.get(name))

    for name, spec in definition.fields.items():
        take(spec, facts.get(name))
    return list(found)


def handed_in(definition: Definition, facts: dict[str, Any], names: set[str]) -> dict[str, str]:
    """Path on the form -> id of every file that the fields in `names` hold."""
    found: dict[str, str] = {}

    def take(spec: Field, value: Any, path: str) -> None:
        if not value:
            return
        if spec.type.many:
            single = Field(spec.name, type(spec.type)(spec.type.kind, spec.type.name), spec.label)
            for number, item in enumerate(value, 1):
                take(single, item, f"{path}/{number}")
        elif spec.type.kind == "file":
            found[path] = value
        elif spec.type.kind == "letter" and value.get("file"):
            found[f"{path}/file"] = value["file"]
        elif spec.type.kind == "record":
            for name, column in definition.records[spec.type.name].items():
                take(column, value.get(name), f"{path}/{name}")

    for name in sorted(names):
        take(definition.fields[name], facts.get(name), name)
    return found


def snapshot(ids: list[str], world: World) -> tuple[list[str], dict[str, Private]]:
    """Particulars of persons as the directory has them now."""
    people = world.directory.people
    known = [person for person in ids if person in people]
    return known, {f"people/{person}": Private(people[person].snapshot(), person) for person in known}


def picked(definition: Definition, facts: dict[str, Any], world: World) -> tuple[dict[str, Any], dict[str, Private]]:
    """The register rows that fields pick: keys in the event, the whole row beside it."""
    public: dict[str, Any] = {}
    private: dict[str, Private] = {}
    for name, spec in definition.fields.items():
        if spec.type.kind != "register" or spec.type.many:
            continue
        key = facts.get(name)
        if not key:
            public[name] = {}
            continue
        columns = world.site.registers.get(spec.type.name)
        rows = world.rows(spec.type.name, key)
        row = rows[0] if rows else {(columns.keys[0] if columns else "id"): key}
        public[name] = {n: v for n, v in row.items() if columns and n in columns.keys}
        private[f"picked/{name}"] = Private(row)
    return public, private
