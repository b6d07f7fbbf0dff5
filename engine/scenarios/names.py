"""Names of a scenario file against its workflow and site: people, states, actions, fields, rules, notices, papers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from engine.core.model import Definition
from engine.core.world import RegisterSpec
from engine.definitions.problems import Problem, did_you_mean
from engine.definitions.tree import Node
from engine.scenarios import expected
from engine.scenarios.format import DOSSIER, OWN_ACTIONS
from engine.scenarios.script import Row, Script, Story
from engine.scenarios.shorthand import BadShort, people

PERSON, STATE, ACTION, FIELD, RULE, NOTICE, PAPER, REGISTER, ROUTE = (
    "E561",
    "E562",
    "E563",
    "E564",
    "E565",
    "E566",
    "E567",
    "E568",
    "E569",
)
KINDS = ("block", "exception", "warning")
WAIVER_STATES = ("DRAFT", "REQUESTED", "OPINION_GIVEN", "GRANTED", "REFUSED", "MOOT")
_ANONYMOUS = re.compile(r"X\d{1,3}")
_WORDS = ("reason", "note", "waiver", "obligation")


@dataclass
class Names:
    """`definitions`: the workflow's, and versions that the file publishes. Problems collect in `problems`."""

    script: Script
    definitions: list[Definition]
    known_people: frozenset[str]
    bodies: frozenset[str]
    registers: dict[str, RegisterSpec]
    problems: list[Problem] = field(default_factory=list)

    def check(self) -> list[Problem]:
        top = self.script.node.table
        for dossier in self.script.dossiers.values():
            if dossier.node.source is self.script.node.source:
                self._dossier(dossier.node)
        self._registers(top.get("registers"))
        for story in (*self.script.stories.values(), *self.script.scenarios):
            if story.node.source is self.script.node.source:
                self._story(story)
        return self.problems

    # -- parts

    def _dossier(self, node: Node) -> None:
        for name, item in node.table.items():
            if name == "author":
                self._person(item, item.value)
            elif name == "waiver":
                self._grounds(item)
            elif name not in DOSSIER:
                self._field(item, name)

    def _story(self, story: Story) -> None:
        top = story.node.table
        if story.until:
            self._one(STATE, "state", top["until"], story.until, self._states())
        for name, item in (top["with"].table if "with" in top else {}).items():
            if name == "author":
                self._person(item, item.value)
            elif name == "waiver":
                self._grounds(item)
            else:
                self._field(item, name)
        self._registers(top.get("registers"))
        for row in story.rows:
            self._row(row)
        if story.at_end is not None:
            self._expects(story.at_end)

    def _row(self, row: Row) -> None:
        if row.has("who"):
            self._person(row.spot("who"), row.get("who"))
        if row.has("does"):
            self._one(ACTION, "action", row.spot("does"), row.get("does"), self._actions())
        if row.has("opens") and row.get("opens") not in self.script.dossiers:
            hint = did_you_mean(row.get("opens"), self.script.dossiers)
            self._add(row.spot("opens").problem("E560", f"there is no dossier '{row.get('opens')}'", hint=hint))
        for item in (row.spot("keeps").table if row.has("keeps") else {}).values():
            self._person(item, item.value)
        self._registers(row.node.table.get("registers"))
        self._answers(row)
        self._expects(row)

    def _answers(self, row: Row) -> None:
        if not row.has("with"):
            return
        for name, item in row.spot("with").table.items():
            if name == "waiver":
                self._grounds(item)
            elif self._is_rule(name):
                self._one(RULE, "answer", item, item.value, ("GRANTED", "REFUSED"))
            elif name not in _WORDS and name not in self._columns():
                self._field(item, name)

    def _expects(self, row: Row) -> None:
        if row.has("then"):
            self._one(STATE, "state", row.spot("then"), row.get("then"), self._states())
        for item, line in self._lines(row, "finds"):
            self._finding(item, line)
        for item, line in self._lines(row, "not_finds"):
            self._one(RULE, "rule", item, line.name, self._rules())
        for item, line in self._lines(row, "waivers"):
            self._one(RULE, "rule", item, line.name.partition(":")[0], self._rules())
            for word in line.words[:1]:
                self._one(RULE, "state of an exception", item, word, WAIVER_STATES)
        for item, line in self._lines(row, "states"):
            self._one(STATE, "state", item, line.name, self._states())
        for key in ("docs", "issued", "not_issued"):
            for item, line in self._lines(row, key):
                self._one(PAPER, "document", item, line.name, self._papers())
                for word in line.words:
                    self._one(PERSON, "body", item, word, sorted(self.bodies))
        for key in ("mails", "sent", "not_mails"):
            for item, line in self._lines(row, key):
                self._mail(item, line)
        for item, line in self._lines(row, "pending"):
            self._one(NOTICE, "notice or action", item, line.name, (*self._notices(), *self._actions()))
        for item, line in self._lines(row, "route"):
            self._one(ROUTE, "row of a route", item, line.name.rpartition(".")[2], self._routes())
        for key in ("publishes", "not_publishes"):
            for item, line in self._lines(row, key):
                self._one(REGISTER, "register", item, line.name, self.registers)
        if row.has("offers"):
            self._offers(row.spot("offers"))

    def _offers(self, node: Node) -> None:
        for person, listed in node.table.items():
            self._person(listed, person)
            for item in listed.items if isinstance(listed.items, list) else []:
                self._one(ACTION, "action", item, item.value, self._actions())

    def _finding(self, item: Node, line: expected.Line) -> None:
        self._one(RULE, "rule", item, line.name, self._rules())
        for word in line.words[:1]:
            self._one(RULE, "kind of finding", item, word, KINDS)

    def _mail(self, item: Node, line: expected.Line) -> None:
        self._one(NOTICE, "notice", item, line.name, self._notices())
        known = {*self.known_people, *self.bodies, *self._fields(), "author"}
        for word in (*line.words, *line.copies):
            try:
                spread = people([word])
            except BadShort as error:
                self._add(item.problem(PERSON, str(error)))
                continue
            for one in spread:
                if one.partition(".")[0] not in known and not _ANONYMOUS.fullmatch(one):
                    place = _inside(item, word)
                    hint = did_you_mean(one, sorted(known))
                    self._add(
                        item.problem(PERSON, f"'{one}' is no person, body or field of persons", inside=place, hint=hint)
                    )

    def _registers(self, node: Node | None) -> None:
        for name, listed in (node.table if node else {}).items():
            spec = self.registers.get(name)
            if spec is None:
                self._one(REGISTER, "register", listed, name, self.registers, key=True)
                continue
            columns = (*spec.keys, *spec.columns)
            for row in listed.items if isinstance(listed.items, list) else []:
                for column, item in row.table.items():
                    if column not in columns:
                        hint = did_you_mean(column, columns)
                        self._add(
                            item.problem(REGISTER, f"register '{name}' has no column '{column}'", key=True, hint=hint)
                        )

    def _grounds(self, node: Node) -> None:
        known = {name for d in self.definitions for name in d.grounds}
        for rule, table in node.table.items():
            self._one(RULE, "rule", table, rule.partition(":")[0], self._rules(), key=True)
            for name, item in table.table.items():
                self._one(FIELD, "ground", item, name, known, key=True)

    # -- single names

    def _person(self, node: Node, value: Any) -> None:
        if isinstance(value, str) and value not in self.known_people and not _ANONYMOUS.fullmatch(value):
            hint = did_you_mean(value, sorted(self.known_people))
            self._add(node.problem(PERSON, f"'{value}' is not a person of the directory", hint=hint))

    def _field(self, node: Node, name: str) -> None:
        known = (*self._fields(), *_WORDS)
        if name not in known:
            hint = did_you_mean(name, (*known, *self._columns(), *self._rules()))
            self._add(node.problem(FIELD, f"the workflow has no field '{name}'", key=True, hint=hint))

    def _one(self, code: str, what: str, node: Node, value: Any, known: Iterable[str], *, key: bool = False) -> None:
        names = list(known)
        if isinstance(value, str) and value in names:
            return
        hint = did_you_mean(str(value), names) or (f"one of: {', '.join(names)}" if len(names) < 8 else "")
        inside = None if key else _inside(node, str(value))
        self._add(node.problem(code, f"there is no {what} '{value}'", key=key, inside=inside, hint=hint))

    def _lines(self, row: Row, key: str) -> list[tuple[Node, expected.Line]]:
        if not row.has(key):
            return []
        spot = row.spot(key)
        found = []
        for item in spot.items if isinstance(spot.items, list) else [spot]:
            if isinstance(item.value, str):
                try:
                    found.append((item, expected.line(item.value)))
                except expected.NotALine:
                    continue
        return found

    def _is_rule(self, name: str) -> bool:
        return name.partition(":")[0] in self._rules()

    def _states(self) -> list[str]:
        return [name for d in self.definitions for name in d.states]

    def _actions(self) -> list[str]:
        found = {action for d in self.definitions for actions in d.transitions.values() for action in actions}
        return [*sorted(found), *OWN_ACTIONS]

    def _fields(self) -> list[str]:
        return [name for d in self.definitions for name in d.fields]

    def _columns(self) -> list[str]:
        """Columns that an action asks by row: `opinion` of `members.opinion`."""
        asked = {a.path for d in self.definitions for t in d.transitions.values() for x in t.values() for a in x.asks}
        return sorted(path.partition(".")[2] for path in asked if "." in path and not path.startswith("waivers."))

    def _rules(self) -> list[str]:
        return [name for d in self.definitions for name in d.rules]

    def _notices(self) -> list[str]:
        return [name for d in self.definitions for name in d.notices]

    def _papers(self) -> list[str]:
        return [name for d in self.definitions for name in d.documents]

    def _routes(self) -> list[str]:
        return [row.id for d in self.definitions for rows in d.routes.values() for row in rows]

    def _add(self, problem: Problem) -> None:
        self.problems.append(problem)


def _inside(node: Node, word: str) -> tuple[int, int] | None:
    """Where a word stands in a text value, so that only it is marked."""
    if not isinstance(node.value, str) or node.value == word:
        return None
    place = node.value.find(word)
    return (place, len(word)) if place >= 0 else None
