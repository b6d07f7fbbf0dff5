"""What goes in and out of the engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Answers:
    """What a person chose and filled in on a page; `action` is one of the offered ones."""

    action: str
    values: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)
    opinions: dict[str, str] = field(default_factory=dict)
    decisions: dict[str, str] = field(default_factory=dict)
    grounds: dict[str, dict[str, Any]] = field(default_factory=dict)
    reason: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The event that was recorded: its place, hash (hex) and time (µs UTC); `state` is the one the case is in now."""

    case: str
    seq: int
    hash: str
    rec: int
    action: str
    state: str
    repeated: bool = False


@dataclass(frozen=True, slots=True)
class Minted:
    """A fresh link. `token` exists only here and in the mail or page it is made for."""

    token: str
    link: str
    exp: int
    url: str
    grant: str


@dataclass(frozen=True, slots=True)
class DraftRow:
    """Edits that are not yet submitted; `version` rises with each save, `at` is the instant of the last (µs UTC)."""

    values: dict[str, Any]
    grounds: dict[str, dict[str, Any]]
    version: int
    at: int = 0


@dataclass(frozen=True, slots=True)
class Published:
    name: str
    version: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Imported:
    """Rows of a register import: new, taken away, there already."""

    register: str
    added: int
    removed: int
    kept: int


class Conflict(Exception):
    """The world moved on: nothing was recorded. `reason`: decided, decided_by_other, changed, raced, superseded,
    withdrawn, expired, unknown, version."""

    def __init__(self, reason: str, page: Any = None):
        super().__init__(reason)
        self.reason, self.page = reason, page
