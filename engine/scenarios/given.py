"""`given.toml` beside the site's directory: columns that scenarios take for granted unless a dossier says otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.core.directory import Person
from engine.definitions.problems import Problem, Problems, did_you_mean
from engine.definitions.source import Source
from engine.definitions.tree import Node, of_source

NAME = "given.toml"
KEYS = ("record", "where", "set")


@dataclass(frozen=True)
class Given:
    """In rows of `record` whose person has all of `where`, the columns of `values` are filled in."""

    record: str
    where: dict[str, Any]
    values: dict[str, Any]

    def fits(self, record: str, person: Person | None) -> bool:
        return (
            record == self.record
            and person is not None
            and all(getattr(person, name, None) == value for name, value in self.where.items())
        )


def read_given(folder: Path) -> tuple[Given, ...]:
    """What the file in a site's folder says; nothing where there is none. Raises Problems."""
    path = folder / NAME
    if not path.is_file():
        return ()
    tree = of_source(Source.read(path, str(path)))
    problems = [_unknown(item, ("given",)) for name, item in tree.table.items() if name != "given"]
    listed = tree.table.get("given")
    found = []
    for node in listed.items if listed is not None and isinstance(listed.items, list) else []:
        problems += [_unknown(item, KEYS) for name, item in node.table.items() if name not in KEYS]
        values = node.plain()
        if not isinstance(values.get("record"), str) or not all(isinstance(values.get(k), dict) for k in KEYS[1:]):
            problems.append(node.problem("E105", "a row of [[given]] has 'record', 'where' and 'set'", key=True))
        else:
            found.append(Given(values["record"], values["where"], values["set"]))
    if problems:
        raise Problems(problems)
    return tuple(found)


def _unknown(node: Node, known: tuple[str, ...]) -> Problem:
    name = str(node.path[-1])
    return node.problem("E103", f"unknown key '{name}'", key=True, hint=did_you_mean(name, known))
