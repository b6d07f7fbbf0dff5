"""A planned command: the event it makes and everything that plan was judged by.

Commands are planned outside the writer, on a read snapshot (rules cost milliseconds, decisions 0005). The writer
takes a plan only if, under its locks, all it was judged by still holds; else the command is planned again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from engine.core.case import Case
from engine.core.events import Draft


@dataclass(frozen=True, slots=True)
class Read:
    """One look into a register: `key` is the canonical JSON list of key values, `version` what was seen (0 = absent)."""

    register: str
    key: str
    version: int


@dataclass(frozen=True, slots=True)
class NumberOrder:
    """A number to take from a series for `draft.body["documents"][index]`, or for the case's `reference` (index -1).

    `series` is the counter's key (period included), `pattern` gets `{n}` (two digits at least) and the given parts.
    """

    index: int
    series: str
    pattern: str
    parts: dict[str, str] = field(default_factory=dict)
    width: int = 2


@dataclass(frozen=True, slots=True)
class LinkRow:
    """What is stored of a mailed secret: hashes only."""

    lookup: bytes
    link: str
    grant: str
    person: str
    exp: int
    commits: dict[str, str]


@dataclass(frozen=True, slots=True)
class Plan:
    """`before` is None for a new case. `after` of the writer is `evolve(before, event)`.

    `digest` identifies what was asked (actor and answers), so that a repeated command is told from a different one.
    """

    before: Case | None
    draft: Draft
    digest: str
    reads: tuple[Read, ...] = ()
    directory: int = 0
    numbers: tuple[NumberOrder, ...] = ()
    links: tuple[LinkRow, ...] = ()
    sign: bool = False  # link.issued carries the engine's signature
    rows: tuple[tuple[str, dict[str, Any]], ...] = ()  # further rows of this transaction: (table, row)
    mail_held: bool = False
