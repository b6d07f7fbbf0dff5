"""`*.scenarios.toml` -> `Script`, or every problem of the file with its place.

Here a file is read by itself: keys, kinds of values, names it declares and uses. What only the workflow knows (states,
actions, fields, rules, notices, people) is checked by `names`.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

from engine.definitions.problems import Problem, Problems, did_you_mean
from engine.definitions.source import Source
from engine.definitions.tree import Node, of_source
from engine.scenarios import expected
from engine.scenarios.format import DOSSIER, FILE, FINALLY, ROW, SCENARIO, STORY, Key
from engine.scenarios.script import Dossier, Row, Script, Story

LINES = ("finds", "docs", "mails", "issued", "sent", "not_mails", "not_issued", "pending", "publishes", "states")


def read(path: Path, root: Path | None = None) -> Script:
    """The file at `path`; problems name it relative to `root`. Raises Problems."""
    reader = Reader(root)
    script = reader.collect(path)
    if reader.problems:
        raise Problems(reader.problems)
    return script


class Reader:
    def __init__(self, root: Path | None = None, home: Path | None = None):
        """`home`: folder of the site's workflows, where files to include stand that are not beside the file."""
        self.root, self.home = root, home
        self.problems: list[Problem] = []

    def collect(self, path: Path) -> Script:
        """What could be read; what is wrong with it stands in `problems`. Raises Problems for a file that is no TOML."""
        return self._file(path, set())

    def _file(self, path: Path, above: set[Path]) -> Script:
        tree = of_source(Source.read(path, self._shown(path)))
        self._keys(tree, FILE, "the file")
        top = tree.table
        parts = [self._included(tree, path, name, above) for name in self._texts(top.get("include"))]
        script = Script(
            path=path,
            workflow=self._workflow(tree, parts),
            node=tree,
            directory=self._text(top.get("directory")) or next((p.directory for p in parts if p.directory), ""),
            calendar=self._text(top.get("calendar")) or next((p.calendar for p in parts if p.calendar), ""),
            people=_merged([p.people for p in parts], _plain(top.get("people"))),
            seats=_merged([p.seats for p in parts], _plain(top.get("seats"))),
            registers=_joined([p.registers for p in parts], self._registers(top.get("registers"))),
            dossiers=_merged([p.dossiers for p in parts], {}),
            stories=_merged([{s.name: s for s in p.scenarios} for p in parts] + [p.stories for p in parts], {}),
        )
        for name, node in self._tables(top.get("case")):
            self._dossier(script, name, node)
        for name, node in self._tables(top.get("story")):
            script.stories[name] = self._story(name, node, STORY)
        scenarios = [self._scenario(node) for node in self._rows(top.get("scenario"))]
        script = Script(**{**script.__dict__, "scenarios": tuple(s for s in scenarios if s is not None)})
        self._unique(script)
        self._links(script)
        return script

    # -- parts of a file

    def _included(self, tree: Node, path: Path, name: str, above: set[Path]) -> Script:
        other = (path.parent / name).resolve()
        if self.home is not None and not other.is_file() and (self.home / name).is_file():
            other = (self.home / name).resolve()
        if other in above | {path.resolve()}:
            self._add(tree.table["include"].problem("E401", f"'{name}' includes this file"))
            return Script(path, "", tree)
        try:
            return self._file(other, above | {path.resolve()})
        except Problems as found:
            if not other.is_file():
                near = [p.name for p in path.parent.glob("*.scenarios.toml")]
                self._add(
                    tree.table["include"].problem("E110", f"there is no file '{name}'", hint=did_you_mean(name, near))
                )
            else:
                self.problems += found.items
            return Script(path, "", tree)

    def _workflow(self, tree: Node, parts: list[Script]) -> str:
        named = self._text(tree.table.get("workflow"))
        if not named:
            named = next((p.workflow for p in parts if p.workflow), "")
        if not named:
            self._add(tree.problem("E105", "the file lacks the key 'workflow'", key=True))
        return named

    def _registers(self, node: Node | None) -> dict[str, list[dict[str, Any]]]:
        found: dict[str, list[dict[str, Any]]] = {}
        for name, listed in (node.table if node else {}).items():
            found[name] = [row.plain() for row in self._rows(listed)]
        return found

    def _dossier(self, script: Script, name: str, node: Node) -> None:
        """Own keys over those of `like`; a value that is a table replaces the whole."""
        base: Dossier | None = None
        values = node.plain()
        if "like" in values:
            base = script.dossiers.get(values["like"]) if isinstance(values["like"], str) else None
            if base is None:
                hint = did_you_mean(str(values["like"]), script.dossiers)
                self._add(
                    node.table["like"].problem("E560", f"there is no dossier '{values['like']}' above", hint=hint)
                )
        for key in ("author", "workflow"):
            self._kind(node.table.get(key), DOSSIER[key])
        own = {key: value for key, value in values.items() if key not in DOSSIER}
        script.dossiers[name] = Dossier(
            name,
            str(values.get("author") or (base.author if base else "")),
            {**(base.values if base else {}), **own},
            {**(base.waiver if base else {}), **_table(values.get("waiver"))},
            str(values.get("workflow") or (base.workflow if base else "")),
            node,
        )

    def _story(self, name: str, node: Node, keys: dict[str, Key]) -> Story:
        self._keys(node, keys, f"[story.{name}]" if keys is STORY else "a scenario")
        top = node.table
        at_end = None
        if "finally" in top:
            at_end = self._row(top["finally"], FINALLY, "finally")
        return Story(
            name=name,
            node=node,
            case=self._text(top.get("case")),
            after=self._text(top.get("after")),
            until=self._text(top.get("until")),
            changes=_table(_plain(top.get("with"))),
            registers=self._registers(top.get("registers")),
            rows=tuple(self._row(row, ROW, "a row") for row in self._rows(top.get("story"))),
            title=self._text(top.get("title")),
            at_end=at_end,
        )

    def _scenario(self, node: Node) -> Story | None:
        name = self._text(node.table.get("id"))
        if not name:
            self._add(node.problem("E105", "a scenario lacks the key 'id'", key=True))
            return None
        return self._story(name, node, SCENARIO)

    def _row(self, node: Node, keys: dict[str, Key], where: str) -> Row:
        self._keys(node, keys, where)
        row = Row({name: _plain(item) for name, item in node.table.items()}, node)
        for name in LINES:
            if name in keys and name in row.keys:
                self._lines(row, name)
        if row.has("does") and not row.has("who") and row.get("does") != "look":
            self._add(row.spot("does").problem("E105", "'does' says what, 'who' is missing", key=True))
        return row

    def _lines(self, row: Row, name: str) -> None:
        spot = row.spot(name)
        listed = spot.items if isinstance(spot.items, list) else [spot]
        for item in listed:
            if isinstance(item.value, str):
                try:
                    expected.line(item.value)
                except expected.NotALine as error:
                    self._add(item.problem("E104", f"'{name}': {error}"))

    # -- names of the file itself

    def _unique(self, script: Script) -> None:
        seen: dict[str, Story] = {}
        for scenario in script.scenarios:
            first = seen.setdefault(scenario.name, scenario)
            if first is not scenario:
                line = first.node.source.place(first.node.path, key=True).line
                self._add(
                    scenario.node.table["id"].problem("E311", f"'{scenario.name}' is used twice, first on line {line}")
                )

    def _links(self, script: Script) -> None:
        known = [*script.stories, *(s.name for s in script.scenarios)]
        for story in (*script.stories.values(), *script.scenarios):
            top = story.node.table
            if story.case and story.case not in script.dossiers:
                hint = did_you_mean(story.case, script.dossiers)
                self._add(top["case"].problem("E560", f"there is no dossier '{story.case}'", hint=hint))
            if story.after and script.beginning(story.after) is None:
                hint = did_you_mean(story.after, known)
                self._add(top["after"].problem("E560", f"there is no story or scenario '{story.after}'", hint=hint))
            elif story.after and _round(script, story):
                self._add(top["after"].problem("E401", f"'{story.after}' comes after '{story.name}' itself"))
            if story.case and story.after:
                self._add(
                    top["case"].problem("E104", "'case' or 'after': the beginning brings its own dossier", key=True)
                )
            if not story.after and story.rows and "at" not in story.rows[0].keys:
                self._add(story.rows[0].node.problem("E105", "the first row lacks the key 'at'"))

    # -- kinds of values

    def _keys(self, node: Node, keys: dict[str, Key], where: str) -> None:
        if not isinstance(node.items, dict):
            self._add(node.problem("E104", f"{where} must be a table"))
            return
        for name, item in node.table.items():
            if name not in keys:
                self._add(
                    item.problem("E103", f"unknown key '{name}' in {where}", key=True, hint=did_you_mean(name, keys))
                )
            else:
                self._kind(item, keys[name])

    def _kind(self, node: Node | None, key: Key) -> None:
        if node is None or _fits(_plain(node), key.shape):
            return
        self._add(node.problem("E104", f"'{node.path[-1]}' must be {_SHAPES[key.shape]}"))

    def _text(self, node: Node | None) -> str:
        return node.value if node is not None and isinstance(node.value, str) else ""

    def _texts(self, node: Node | None) -> list[str]:
        value = _plain(node)
        return [value] if isinstance(value, str) else [item for item in value or [] if isinstance(item, str)]

    def _tables(self, node: Node | None) -> list[tuple[str, Node]]:
        found = []
        for name, item in (node.table if node else {}).items():
            if isinstance(item.items, dict):
                found.append((name, item))
            else:
                self._add(item.problem("E104", f"'{name}' must be a table"))
        return found

    def _rows(self, node: Node | None) -> list[Node]:
        if node is None:
            return []
        if not isinstance(node.items, list):
            self._add(node.problem("E104", f"'{node.path[-1]}' must be a list of tables", key=True))
            return []
        found = []
        for item in node.items:
            if isinstance(item.items, dict):
                found.append(item)
            else:
                self._add(item.problem("E104", "a row must be a table: { … }"))
        return found

    def _add(self, problem: Problem) -> None:
        self.problems.append(problem)

    def _shown(self, path: Path) -> str:
        try:
            return str(path.resolve().relative_to((self.root or Path.cwd()).resolve()))
        except ValueError:
            return str(path)


_SHAPES = {
    "text": "a text in quotation marks",
    "texts": "a list of texts",
    "time": "a date or a date with an hour, for example 2022-05-04T09:00:00",
    "nothing or time": 'a date, a date with an hour, or "none"',
    "yes/no": "true or false",
    "table": "a table: { … }",
    "rows": "a list of tables",
    "list": "a list",
    "any": "something",
    "number": "a whole number",
}


def _fits(value: Any, shape: str) -> bool:
    if shape == "text":
        return isinstance(value, str)
    if shape == "texts":
        return isinstance(value, str) or (isinstance(value, list) and all(isinstance(item, str) for item in value))
    if shape == "time":
        return isinstance(value, (date, datetime))
    if shape == "nothing or time":
        return value == "none" or isinstance(value, (date, datetime))
    if shape == "yes/no":
        return isinstance(value, bool)
    if shape == "table":
        return isinstance(value, dict)
    if shape == "number":
        return isinstance(value, int) and not isinstance(value, bool)
    return isinstance(value, list) if shape in ("rows", "list") else True


def _plain(node: Node | None) -> Any:
    return node.plain() if node is not None else None


def _table(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _merged(parts: list[dict[str, Any]], own: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for part in (*parts, _table(own)):
        found.update(part)
    return found


def _joined(parts: list[dict[str, list[Any]]], own: dict[str, list[Any]]) -> dict[str, list[Any]]:
    """Rows of one register from several files stand one after the other."""
    found: dict[str, list[Any]] = {}
    for part in (*parts, own):
        for name, rows in part.items():
            found[name] = [*found.get(name, []), *rows]
    return found


def _round(script: Script, story: Story) -> bool:
    seen, name = {story.name}, story.after
    while name:
        if name in seen:
            return True
        seen.add(name)
        before = script.beginning(name)
        name = before.after if before else ""
    return False
