"""What a case holds: the fold of its events, as plain values that travel as JSON.

Instants are integer microseconds UTC; dates are ISO strings; persons are ids, bodies slugs, money integer minor
units, a picked register row its key. Personal and free-text values live here and in the `private` rows, never in
event bodies.
"""

from __future__ import annotations

from typing import Any

import msgspec


class Value(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all folded values: immutable, compared by content, encoded as JSON by msgspec. Defaults are written out:
    msgspec would leave them out by identity, so that equal cases could give different bytes."""


class Pin(Value, frozen=True, kw_only=True):
    """The definition a case is bound to."""

    name: str
    version: int
    sha256: str


class Finding(Value, frozen=True, kw_only=True):
    """A rule that is not met. `key` is unique in the case: the rule, or `rule:subject` for one of many."""

    key: str
    rule: str
    kind: str  # block | exception | warning
    vi: str
    en: str
    subject: str = ""
    lifted_by: str = ""
    source: str = ""


class Waiver(Value, frozen=True, kw_only=True):
    """A request to go beyond an exception rule. `state`: DRAFT REQUESTED OPINION_GIVEN GRANTED REFUSED MOOT."""

    key: str
    rule: str
    state: str
    grounds: dict[str, Any] = {}
    opinion: str = ""
    decision: str = ""


class Step(Value, frozen=True, kw_only=True):
    """One transition taken, for `took`, `first_at`, `last_at` and the track of states."""

    action: str
    seq: int
    at: int
    dossier: int
    source: str  # from
    target: str  # to
    by: str = ""


class Grant(Value, frozen=True, kw_only=True):
    """The right of one person to decide one task. `state`: live, spent, revoked. `kind`: step, early, confirm."""

    id: str
    person: str
    seat: str
    body: str = ""
    capacity: str = ""
    substitute_for: str = ""
    atoms: tuple[str, ...] = ()
    assurance: str = "link"
    entry: int = 0
    dossier: int = 0
    kind: str = "step"
    state: str = "live"
    closed_seq: int = 0
    why: str = ""


class Derivation(Value, frozen=True, kw_only=True):
    """How an instant was computed: start day, count, unit, every skipped day with its reason."""

    start: str
    end: str
    count: int = 0
    unit: str = "days"
    skipped: tuple[tuple[str, str], ...] = ()
    anchor: str = ""
    calendar: str = ""


class Deadline(Value, frozen=True, kw_only=True):
    """An instant at which the clock acts. `kind`: move (a clock transition) or rung (of a ladder)."""

    id: str
    kind: str
    name: str  # action of the move, or ladder name
    at: int
    index: int = 0  # rung
    due: int = 0  # µs; what the rung reminds of
    entry: int = 0
    obligation: str = ""
    derivation: Derivation | None = None


class Due(Value, frozen=True, kw_only=True):
    """Until when the present step should be done; `name` = limit, ladder or action it comes from."""

    at: int
    name: str
    derivation: Derivation | None = None


class Vote(Value, frozen=True, kw_only=True):
    grant: str
    person: str
    seat: str
    action: str
    seq: int
    at: int
    entry: int
    values: dict[str, Any] = {}  # the answers given with it, for when it breaks a tie later


class Pending(Value, frozen=True, kw_only=True):
    """An act that takes effect when somebody confirms it."""

    action: str
    by: str
    seq: int
    values: dict[str, Any]


class Issued(Value, frozen=True, kw_only=True):
    """A document issued by an event. `number` is the full printed number; empty for annexes."""

    id: str
    seq: int
    at: int
    issuer: str = ""
    series: str = ""
    number: str = ""
    file: str = ""  # uploaded: the id of the file handed in
    sha256: str = ""  # of the PDF, once `document.rendered`
    voided: bool = False


class Owed(Value, frozen=True, kw_only=True):
    """An obligation to somebody outside the case. `state`: OPEN DONE DROPPED."""

    id: str
    name: str
    owner: str
    due: str
    vi: str
    en: str
    state: str = "OPEN"


class Case(Value, frozen=True, kw_only=True):
    id: str
    definition: Pin
    state: str
    author: str
    opened: int
    seq: int = 0
    entry: int = 0  # seq of the event that entered the state, a transition into the same state included
    since: int = 0  # seq of the event that came from another state
    entered: int = 0  # µs of `since`
    at: int = 0  # µs of the last event
    reference: str = ""
    dossier: int = 0
    facts: dict[str, Any] = {}
    people: dict[str, dict[str, Any]] = {}
    picked: dict[str, dict[str, Any]] = {}  # register rows picked by fields, as they were at submission
    urgent: bool = False
    findings: tuple[Finding, ...] = ()
    waivers: dict[str, Waiver] = {}
    routes: dict[str, str] = {}
    history: tuple[Step, ...] = ()
    grants: dict[str, Grant] = {}
    deadlines: dict[str, Deadline] = {}
    fired: tuple[str, ...] = ()
    due: Due | None = None
    votes: tuple[Vote, ...] = ()
    pending: Pending | None = None
    held: bool = False
    documents: tuple[Issued, ...] = ()
    obligations: dict[str, Owed] = {}
    notified: dict[str, tuple[str, ...]] = {}  # notice -> persons who got it
    mailed: tuple[str, ...] = ()  # "instant notice person" of the last instant, so that two rungs make one mail
    published: dict[str, tuple[str, ...]] = {}  # register -> entry ids
    final: str = ""
    discarded: bool = False

    def live_grants(self) -> tuple[Grant, ...]:
        return tuple(g for g in self.grants.values() if g.state == "live")

    def people_mailed(self, at: str, notice: str) -> set[str]:
        """Who got `notice` at the instant `at` (text as in event bodies)."""
        start = f"{at} {notice} "
        return {mark.removeprefix(start) for mark in self.mailed if mark.startswith(start)}


_encoder = msgspec.json.Encoder(order="sorted")
_decoder = msgspec.json.Decoder(Case)


def encode(case: Case) -> bytes:
    """The case row as JSON bytes; equal cases give equal bytes."""
    return _encoder.encode(case)


def decode(data: bytes | str) -> Case:
    """Inverse of `encode`. Raises msgspec.DecodeError when the bytes are no case."""
    return _decoder.decode(data)
