"""What a row fills in (`with`), as the answers of an act: fields, answers by row, opinions and decisions, grounds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.core.case import Case
from engine.core.model import Definition, Transition
from engine.scenarios.shorthand import BadShort, Shorthand, by_row, people
from engine.service import Answers


class Filler:
    """Turns short forms into answers for one case. `upload(name)` hands in a file and gives its id."""

    def __init__(
        self,
        definition: Definition,
        case: Case,
        year: int,
        upload: Callable[[str], str],
        granted: Callable[[str, dict[str, Any]], dict[str, Any]] = lambda record, row: {},
    ):
        self.definition, self.case = definition, case
        self.short = Shorthand(definition, year, upload, granted)

    def answers(self, action: str, given: dict[str, Any]) -> Answers:
        """Raises BadShort."""
        transition = self.definition.transitions.get(self.case.state, {}).get(action)
        asked = [ask.path for ask in transition.asks] if transition else []
        found: dict[str, Any] = {"values": {}, "columns": {}, "opinions": {}, "decisions": {}, "grounds": {}}
        words = {name: str(given[name]) for name in ("reason", "note") if name in given}
        for name, value in given.items():
            if name in words:
                continue
            if name == "waiver":
                found["grounds"] = self.grounds(value)
            elif name.partition(":")[0] in self.definition.rules:
                found["decisions"].update(dict.fromkeys(self.keys(name), value))
            elif name in self.definition.fields:
                found["values"][name] = self.value(name, value)
            else:
                self._by_row(name, value, self._path(name, asked, transition), found)
        return Answers(action, **found, reason=words.get("reason", ""), note=words.get("note", ""))

    def value(self, name: str, value: Any) -> Any:
        try:
            return self.short.value(self.definition.fields[name], value)
        except BadShort as error:
            raise BadShort(f"'{name}': {error}") from None

    def values(self, given: dict[str, Any]) -> dict[str, Any]:
        return {name: self.value(name, value) for name, value in given.items() if name in self.definition.fields}

    def grounds(self, given: dict[str, Any]) -> dict[str, dict[str, Any]]:
        found: dict[str, dict[str, Any]] = {}
        for key, table in given.items():
            row = {}
            for name, value in table.items():
                spec = self.definition.grounds.get(name)
                row[name] = self.short.value(spec, value) if spec else value
            found[key] = row
        return found

    def keys(self, name: str) -> list[str]:
        """Open requests of a rule, or the one named in full."""
        if name in self.case.waivers:
            return [name]
        return [key for key, waiver in self.case.waivers.items() if waiver.rule == name] or [name]

    def _path(self, column: str, asked: list[str], transition: Transition | None) -> str:
        found = next((path for path in asked if path.endswith(f".{column}") and not path.startswith("waivers.")), "")
        if not found and transition is not None:
            raise BadShort(f"'{column}' is not asked by {transition.action}")
        return found

    def _by_row(self, column: str, text: Any, path: str, found: dict[str, Any]) -> None:
        """`AGREE for all` answers every row, and every open request where an opinion on it is asked."""
        given = by_row(text)
        listed, _, _ = path.partition(".")
        rows = self.case.facts.get(listed) or []
        person = self._person(listed)
        numbers = {}
        for number, row in enumerate(rows, 1):
            answer = given.get(str(row.get(person, ""))) or given.get(str(number)) or given.get("all")
            if answer:
                numbers[number] = {column: answer}
        if numbers:
            found["columns"][listed] = numbers
        for key, waiver in self.case.waivers.items():
            answer = given.get(key) or given.get(waiver.rule) or given.get("all")
            if answer and column == "opinion" and waiver.state in ("REQUESTED", "OPINION_GIVEN"):
                found["opinions"][key] = answer
        known = {str(row.get(person, "")) for row in rows} | {str(n) for n in range(1, len(rows) + 1)} | {"all"}
        known |= set(self.case.waivers) | {w.rule for w in self.case.waivers.values()}
        strange = [name for name in given if name not in known]
        if strange:
            raise BadShort(f"'{strange[0]}' is no row and no exception request of this case")

    def _person(self, listed: str) -> str:
        spec = self.definition.fields.get(listed)
        columns = self.definition.records.get(spec.type.name, {}) if spec else {}
        return next((name for name, column in columns.items() if column.type.kind == "person"), "")


def first_year(definition: Definition, values: dict[str, Any], otherwise: int) -> int:
    """The year of days written without one: that of the dossier's first date."""
    for name, spec in definition.fields.items():
        value = values.get(name)
        if spec.type.kind == "date" and not spec.type.many and value:
            return int(str(value)[:4])
    return otherwise


__all__ = ["BadShort", "Filler", "first_year", "people"]
