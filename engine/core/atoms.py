"""Closed answers: what a page offers and what a person chose, as the texts that a link commits to.

An atom is a trigger (`approve`), a waiver's decision (`waivers/R-11=GRANTED`) or opinion
(`waivers/R-11.opinion=AGREE`), a column asked per row (`members/3.opinion=AGREE`), or an asked yes/no or choice
(`sensitive=no`). Comments and conditions are no atoms (decisions.md 2).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from engine.core.case import Case
from engine.core.commands import Act
from engine.core.model import Definition, FieldType, Transition
from engine.core.waivers import DECISIONS, OPEN, OPINIONS

MOST = 256
CONFIRM = ("confirm", "decline")


def offered(definition: Definition, case: Case, transitions: Iterable[Transition]) -> tuple[str, ...]:
    """Every atom a page with these actions may show, each once."""
    found: dict[str, None] = {}
    for transition in transitions:
        found.setdefault(transition.action)
        for ask in transition.asks:
            for atom in _asked(definition, case, ask.path):
                found.setdefault(atom)
    return tuple(found)


def _asked(definition: Definition, case: Case, path: str) -> Iterator[str]:
    name, _, column = path.partition(".")
    if name == "waivers":
        for key, waiver in case.waivers.items():
            if waiver.state in OPEN:
                options: tuple[str, ...] = OPINIONS if column == "opinion" else DECISIONS
                yield from (waiver_atom(key, column, option) for option in options)
    elif column:
        listed = _options(definition, definition.records[definition.fields[name].type.name][column].type)
        for number in range(1, len(case.facts.get(name) or []) + 1):
            yield from (f"{name}/{number}.{column}={option}" for option in listed)
    elif name in definition.fields:
        yield from (f"{name}={option}" for option in _options(definition, definition.fields[name].type))


def _options(definition: Definition, kind: FieldType) -> tuple[str, ...]:
    if kind.kind == "yes/no":
        return ("yes", "no")
    if kind.kind == "choice" and not kind.many:
        return tuple(definition.choices[kind.name])
    return ()


def waiver_atom(key: str, column: str, answer: str) -> str:
    return f"waivers/{key}.opinion={answer}" if column == "opinion" else f"waivers/{key}={answer}"


def chosen(definition: Definition, transition: Transition | None, act: Act) -> tuple[str, ...]:
    """The atoms of an act, sorted: what its link has to reveal keys for."""
    found = [act.action]
    asked = {ask.path for ask in transition.asks} if transition else set()
    for name, value in act.values.items():
        if name in asked and value is not None and _options(definition, definition.fields[name].type):
            word = {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
            found.append(f"{name}={word}")
    for name, rows in act.columns.items():
        for number, columns in rows.items():
            found += [f"{name}/{number}.{column}={value}" for column, value in columns.items() if value]
    found += [waiver_atom(key, "opinion", answer) for key, answer in act.opinions.items() if answer]
    found += [waiver_atom(key, "decision", answer) for key, answer in act.decisions.items() if answer]
    return tuple(sorted(found))
