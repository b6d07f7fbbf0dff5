"""A scenario file that was read: registers, dossiers, stories and scenarios, each knowing where it is written."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.definitions.tree import Node


@dataclass(frozen=True)
class Row:
    """One line of a story: `keys` as in `format.ROW`, plain values; `node` tells the place of each."""

    keys: dict[str, Any]
    node: Node

    def get(self, key: str, default: Any = None) -> Any:
        return self.keys.get(key, default)

    def has(self, key: str) -> bool:
        return key in self.keys

    def texts(self, key: str) -> list[str]:
        value = self.keys.get(key, [])
        return [value] if isinstance(value, str) else list(value)

    def spot(self, key: str) -> Node:
        return self.node.table.get(key, self.node)


@dataclass(frozen=True)
class Dossier:
    """What a case is opened with: field -> value as written, `waiver` apart."""

    name: str
    author: str
    values: dict[str, Any]
    waiver: dict[str, Any]
    workflow: str
    node: Node


@dataclass(frozen=True)
class Story:
    name: str
    node: Node
    case: str = ""
    after: str = ""
    until: str = ""
    changes: dict[str, Any] = field(default_factory=dict)  # `with`
    registers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    rows: tuple[Row, ...] = ()
    title: str = ""
    at_end: Row | None = None


@dataclass(frozen=True)
class Script:
    """All of one file and of what it includes; `scenarios` are only its own."""

    path: Path
    workflow: str
    node: Node
    directory: str = ""
    calendar: str = ""
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    seats: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    registers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    dossiers: dict[str, Dossier] = field(default_factory=dict)
    stories: dict[str, Story] = field(default_factory=dict)
    scenarios: tuple[Story, ...] = ()

    def beginning(self, name: str) -> Story | None:
        """A story, or a scenario used as one."""
        return self.stories.get(name) or next((s for s in self.scenarios if s.name == name), None)

    def chain(self, story: Story) -> list[Story]:
        """The story with everything that goes before it, first to last."""
        found = [story]
        while found[0].after:
            before = self.beginning(found[0].after)
            if before is None or before in found:
                break
            found.insert(0, before)
        return found
