"""What becomes of a plan: committed, or why not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.core.case import Case


@dataclass(frozen=True, slots=True)
class Committed:
    """One event that is durable. `case` is the case after it; of a repeat, the case as it is now. `rec` µs UTC."""

    case: Case
    seq: int
    hash: bytes
    rec: int
    repeated: bool
    body: dict[str, Any]


class Stale(Exception):
    """What the plan was judged by no longer holds: plan again."""


class Spent(Exception):
    """The right was used by another command."""


class CommandClash(Exception):
    """The same command was given before with other contents."""


class Busy(Exception):
    """The queue is full: try again later."""


class WrongEpoch(Exception):
    """The schema was changed by a newer program: this one must not write."""
