"""What may be asked of a case, in the imperative. Values only; `at` is µs UTC, the arrival of the complete request."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. `auth`: link, session, cli, timer, service. `client` (address, agent) is kept as a private value."""

    kind: str  # person | timer | service
    id: str
    auth: str
    link: str = ""
    client: dict[str, str] = field(default_factory=dict)


TIMER = Actor(kind="timer", id="clock", auth="timer")
SERVICE = Actor(kind="service", id="engine", auth="service")


@dataclass(frozen=True, slots=True)
class Open:
    """Start a case; its dossier stays a mutable draft until an action submits it."""

    case: str
    actor: Actor
    at: int
    command: str


@dataclass(frozen=True, slots=True)
class Act:
    """Take `action` on the right of `grant` (a grant's id, or the implicit `<case>.<entry>.<person>`).

    `values`: field -> value for what the action asks or the state lets edit; lists of records as whole rows, a
    column alone as `{"members": {3: {"opinion": "AGREE"}}}` under `columns`. `opinions` and `decisions`: waiver key
    -> answer. `grounds`: waiver key -> {ground: value}. `spent`: the revealed keys of the link, `files`: the case's
    uploads as {id, sha256, media_type, size} (both None only for tests of the pure core).
    """

    case: str
    grant: str
    action: str
    actor: Actor
    at: int
    command: str
    values: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, dict[int, dict[str, Any]]] = field(default_factory=dict)
    opinions: dict[str, str] = field(default_factory=dict)
    decisions: dict[str, str] = field(default_factory=dict)
    grounds: dict[str, dict[str, Any]] = field(default_factory=dict)
    reason: str = ""
    note: str = ""
    spent: dict[str, Any] | None = None
    files: tuple[dict[str, Any], ...] | None = None


@dataclass(frozen=True, slots=True)
class Fire:
    """Let the clock act on what fell due at the earliest due instant of the case."""

    case: str
    now: int


@dataclass(frozen=True, slots=True)
class Settle:
    """Close an obligation: `state` DONE or DROPPED."""

    case: str
    obligation: str
    state: str
    actor: Actor
    at: int
    command: str
    note: str = ""
