"""A workflow's tables after inclusion, each node knowing the file and place it was written at.

`include` (one level), `remove` and `like` are worked out here, on tables, before anything is given a meaning: tables merge
by key, everything else replaces (docs/language.md 11).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from engine.definitions.positions import Path
from engine.definitions.problems import Problem, did_you_mean
from engine.definitions.source import Source

Items = dict[str, "Node"] | list["Node"]


@dataclass
class Node:
    """One value. `items` are the entries of a table (by key) or a list; a leaf has a `value`.

    `first` is where it was first written: rank of the file, the file, path in it. Included files rank before their
    includer, so that an overriding line keeps the place of the line it overrides.
    """

    source: Source
    path: Path
    first: tuple[int, Source, Path]
    items: Items | None = None
    value: Any = None

    @property
    def order(self) -> tuple[int, int, int]:
        """(rank of the file, line, column) of where it was first written."""
        rank, source, path = self.first
        place = source.place(path, key=True)
        return rank, place.line, place.column

    @property
    def table(self) -> dict[str, Node]:
        return self.items if isinstance(self.items, dict) else {}

    def plain(self) -> Any:
        """The node as plain values."""
        if isinstance(self.items, dict):
            return {key: item.plain() for key, item in self.items.items()}
        if isinstance(self.items, list):
            return [item.plain() for item in self.items]
        return self.value

    def walk(self) -> Iterator[Node]:
        yield self
        if self.items is not None:
            for item in self.items.values() if isinstance(self.items, dict) else self.items:
                yield from item.walk()

    def problem(
        self,
        code: str,
        message: str,
        *,
        key: bool = False,
        inside: tuple[int, int] | None = None,
        hint: str = "",
        severity: Literal["error", "warning"] = "error",
    ) -> Problem:
        return self.source.problem(code, message, self.path, key=key, inside=inside, hint=hint, severity=severity)


def of_source(source: Source, rank: int = 0) -> Node:
    """The tree of one file."""

    def made(value: Any, path: Path) -> Node:
        node = Node(source, path, (rank, source, path))
        if isinstance(value, dict):
            node.items = {key: made(item, (*path, key)) for key, item in value.items()}
        elif isinstance(value, list):
            node.items = [made(item, (*path, number)) for number, item in enumerate(value)]
        else:
            node.value = value
        return node

    return made(source.data, ())


def at(root: Node, path: Path) -> tuple[Node, bool]:
    """The node at `path` and True, or the nearest one above it and False."""
    node = root
    for part in path:
        below = node.table.get(str(part)) if isinstance(node.items, dict) else None
        if isinstance(node.items, list) and isinstance(part, int) and part < len(node.items):
            below = node.items[part]
        if below is None:
            return node, False
        node = below
    return node, True


@dataclass
class Merge:
    """Joins an including file with its bases. `problems` collects what is wrong on the way."""

    problems: list[Problem] = field(default_factory=list)

    def joined(self, own: Node, bases: list[Node]) -> Node:
        """Bases in their order, then `own` over them, after `remove` has been taken out."""
        if not bases:
            self._nothing_to_remove(own)
            return own
        below = bases[0]
        for base in bases[1:]:
            below = self._agreeing(below, base, own)
        for item in self._listed(own, "remove"):
            self._take_out(below, item)
        return over(own, below)

    def _listed(self, own: Node, key: str) -> list[Node]:
        node = own.table.get(key)
        listed = node.items if node is not None and isinstance(node.items, list) else []
        return [item for item in listed if isinstance(item.value, str)]

    def _nothing_to_remove(self, own: Node) -> None:
        for item in self._listed(own, "remove"):
            self.problems.append(item.problem("E401", f"nothing is included, so '{item.value}' cannot be removed"))

    def _take_out(self, root: Node, item: Node) -> None:
        """Remove `a.b.c`; in a list the last part names the entry's `rule` or `id`. Keys may hold dots (`let` functions)."""
        *above, last = _parts(item.value)
        parent, found = at(root, tuple(above))
        if found and isinstance(parent.items, dict) and last in parent.items:
            del parent.items[last]
            return
        if found and isinstance(parent.items, list):
            kept = [entry for entry in parent.items if last not in _names(entry)]
            if len(kept) < len(parent.items):
                parent.items = kept
                return
        known = list(parent.table) if found else []
        hint = did_you_mean(last, known)
        self.problems.append(item.problem("E401", f"'{item.value}' is not in the included files", hint=hint))

    def _agreeing(self, first: Node, second: Node, own: Node | None) -> Node:
        """Two bases together. The same key with another value is an error unless the including file decides it."""
        if not (isinstance(first.items, dict) and isinstance(second.items, dict)):
            return second
        items = dict(first.items)
        for key, node in second.items.items():
            mine = own.table.get(key) if own else None
            known = items.get(key)
            if known is None:
                items[key] = node
            elif isinstance(known.items, dict) and isinstance(node.items, dict):
                items[key] = self._agreeing(known, node, mine)
            else:
                if mine is None and known.plain() != node.plain():
                    name = ".".join(str(part) for part in node.path)
                    message = f"'{name}' differs from the one in {known.source.name}; decide it in the including file"
                    self.problems.append(node.problem("E401", message, key=True))
                items[key] = node
        return Node(second.source, second.path, first.first, items)


def over(own: Node, below: Node) -> Node:
    """`own` laid over `below`: tables merge by key, everything else replaces."""
    if not (isinstance(own.items, dict) and isinstance(below.items, dict)):
        return Node(own.source, own.path, below.first, own.items, own.value)
    items = dict(below.items)
    for key, node in own.items.items():
        items[key] = over(node, items[key]) if key in items else node
    return Node(own.source, own.path, below.first, items)


def _parts(text: str) -> list[str]:
    """`let."visit_days(m, c)"` and `let.visit_days(m, c)` alike: dots inside quotes or parentheses do not divide."""
    parts, current, depth, quoted = [], "", 0, False
    for char in text:
        if char == '"':
            quoted = not quoted
        elif char == "." and not depth and not quoted:
            parts.append(current)
            current = ""
        else:
            depth += {"(": 1, ")": -1}.get(char, 0)
            current += char
    return [*parts, current]


def _names(entry: Node) -> set[Any]:
    return {entry.table[key].value for key in ("rule", "id") if key in entry.table}


def with_likes(root: Node, problems: list[Problem]) -> None:
    """Replace every transition that says `like` by the one it names with its own keys laid over it."""
    states = root.table.get("on")
    if states is None:
        return
    for state in states.table.values():
        for action in list(state.table):
            if "like" not in state.table[action].table:
                continue
            made = _like(root, state.table[action], problems, [])
            if made is not None:
                state.table[action] = made
            else:
                del state.table[action]  # said; without its model it means nothing


def _like(root: Node, node: Node, problems: list[Problem], seen: list[str]) -> Node | None:
    like = node.table.get("like")
    if like is None or not isinstance(like.value, str):
        return None
    state, _, action = like.value.partition(".")
    base = _transition(root, state, action)
    if base is None or base is node:
        known = [f"{s}.{a}" for s, actions in root.table["on"].table.items() for a in actions.table]
        message = f"'like' names '{like.value}', which is no transition of this file"
        problems.append(like.problem("E401", message, hint=did_you_mean(like.value, known)))
        return None
    if like.value in seen:
        problems.append(like.problem("E401", f"'like' goes round in a circle: {' → '.join([*seen, like.value])}"))
        return None
    base = _like(root, base, problems, [*seen, like.value]) or base
    kept = {key: item for key, item in base.table.items() if key != "like"}
    own = {key: item for key, item in node.table.items() if key != "like"}
    return Node(node.source, node.path, node.first, {**kept, **own})


def _transition(root: Node, state: str, action: str) -> Node | None:
    """`STATE.action`, written on the state itself or on a group that holds it."""
    table = root.table["on"].table
    if state in table and action in table[state].table:
        return table[state].table[action]
    for name, actions in table.items():
        if action in actions.table and state in members(root, name):
            return actions.table[action]
    return None


def members(root: Node, name: str, seen: tuple[str, ...] = ()) -> list[str]:
    """States of a group, groups in it opened; a name that is no group stands for itself."""
    groups = root.table.get("groups")
    node = groups.table.get(name) if groups else None
    if node is None or name in seen:
        return [] if name in seen else [name]
    listed = node.items if isinstance(node.items, list) else [node]
    found: dict[str, None] = {}
    for item in listed:
        if isinstance(item.value, str):
            found.update(dict.fromkeys(members(root, item.value, (*seen, name))))
    return list(found)
