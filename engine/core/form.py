"""The answers of one act: which fields it may set, what is still empty, the facts with the answers laid over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from engine.core.answers import Cleaner, clean_text, missing
from engine.core.blockers import Blocker, blocker
from engine.core.case import Case
from engine.core.commands import Act
from engine.core.facts import empty
from engine.core.model import Ask, Definition, Transition
from engine.core.world import World


@dataclass
class Form:
    """`facts` and `changed` are made by `answer`; problems of every kind collect in `problems`."""

    definition: Definition
    case: Case
    command: Act
    transition: Transition
    world: World
    facts: dict[str, Any] = field(default_factory=dict)
    changed: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.cleaner = Cleaner(self.definition, self.world)

    @property
    def problems(self) -> list[Blocker]:
        return self.cleaner.problems

    def asks(self) -> dict[str, bool]:
        """Path asked -> may stay empty. In a state with an external body every act of the holder asks its letter."""
        found = {ask.path: ask.optional for ask in self.transition.asks}
        state = self.definition.states[self.case.state]
        if state.external and self.transition.by is None:
            found["letter"] = False
        return found

    def editable(self) -> set[str]:
        """Fields the act may set beside those asked: the state's sections, where an action submits or none could.

        A field that another act asks is that act's alone: a return date is corrected with the act that somebody
        confirms, and never slips in with the report.
        """
        actions = self.definition.transitions.get(self.case.state, {}).values()
        if not self.transition.submits and any(t.submits for t in actions):
            return set()
        sections = self.definition.states[self.case.state].edit
        named = {name for section in sections for name in self.definition.sections.get(section, ())}
        return named - asked_fields(self.definition)

    def answer(self) -> None:
        """Lay the answers over the facts of the case."""
        asks, editable = self.asks(), self.editable()
        self.facts = dict(self.case.facts)
        for name, value in self.command.values.items():
            if name not in self.definition.fields or not (name in asks or name in editable):
                self.problems.append(blocker("unknown_field", name, field=name))
                continue
            self.facts[name] = self.cleaner.value(self.definition.fields[name], value, name)
            self.changed.add(name)
        if self.transition.submits:
            self._forget()
        for name, rows in self.command.columns.items():
            self._columns(name, rows, asks)

    def _forget(self) -> None:
        """A new version is reviewed anew: columns that reviewers fill in are empty, whoever filled them."""
        for name, column in asked_columns(self.definition):
            rows = self.facts.get(name) or []
            if any(row.get(column) is not None for row in rows):
                self.facts[name] = [{**row, column: None} for row in rows]
                self.changed.add(name)

    def _columns(self, name: str, rows: dict[int, dict[str, Any]], asks: dict[str, bool]) -> None:
        listed = [dict(row) for row in self.facts.get(name) or []]
        for number, columns in rows.items():
            for column, value in columns.items():
                path = f"{name}/{number}/{column}"
                if f"{name}.{column}" not in asks or not 1 <= number <= len(listed):
                    self.problems.append(blocker("unknown_field", path, field=path))
                    continue
                spec = self.definition.records[self.definition.fields[name].type.name][column]
                listed[number - 1][column] = self.cleaner.value(spec, value, path)
        if name in self.definition.fields:
            self.facts[name] = listed
            self.changed.add(name)

    def complete(self) -> None:
        """Note every answer that is required and missing."""
        for path, optional in self.asks().items():
            name, _, column = path.partition(".")
            if optional or name == "waivers":
                continue
            if name == "reason" and not clean_text(self.command.reason):
                self.problems.append(blocker("reason", "reason"))
            elif name == "note" and not clean_text(self.command.note):
                self.problems.append(blocker("required", "note", field="note"))
            elif column:
                self._whole_column(name, column)
            elif name in self.definition.fields:
                self._asked_field(name)
        if self.transition.submits:
            names = tuple(n for n in self.definition.fields if n in self.editable())
            self.cleaner.problems += missing(self.definition, names, self.facts)

    def _asked_field(self, name: str) -> None:
        """Asked means answered with this act: what an earlier act left behind is no answer."""
        spec = self.definition.fields[name]
        given = name in self.command.values
        if spec.type.kind == "yes/no":
            if not given or self.facts.get(name) is None:
                self.problems.append(blocker("required", name, field=spec.label))
        elif not given or empty(self.facts.get(name)):
            self.problems.append(blocker("required", name, field=spec.label))
        else:
            self.cleaner.problems += missing(self.definition, (name,), self.facts)

    def _whole_column(self, name: str, column: str) -> None:
        spec = self.definition.records[self.definition.fields[name].type.name][column]
        given = self.command.columns.get(name, {})
        for number, row in enumerate(self.facts.get(name) or [], 1):
            if column not in given.get(number, {}) or empty(row.get(column)):
                self.problems.append(blocker("required", f"{name}/{number}/{column}", field=spec.label))


def asked_fields(definition: Definition) -> frozenset[str]:
    """Fields that some act asks, the letter of an outside body included."""
    found = {ask.path for ask in _asks(definition) if ask.path in definition.fields}
    if any(state.external for state in definition.states.values()):
        found.add("letter")
    return frozenset(found)


def asked_columns(definition: Definition) -> list[tuple[str, str]]:
    """(list, column) of what some act asks row by row."""
    paths = [ask.path.partition(".") for ask in _asks(definition)]
    return [(name, column) for name, _, column in paths if column and name in definition.fields]


def _asks(definition: Definition) -> Iterator[Ask]:
    for actions in definition.transitions.values():
        for transition in actions.values():
            yield from transition.asks
