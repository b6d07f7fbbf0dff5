"""Events: the closed list of types, the envelope, and the exact bytes that are hashed.

Rules (for ever; golden files in tests/histories hold them):
- One command makes one event per case it changes, holding the whole consequence.
- `body` is canonical JSON: ASCII keys, no floats, |int| < 2**53, valid Unicode, times `YYYY-MM-DDTHH:MM:SS.ffffffZ`.
  Inside this profile the standard library's sorted compact dump is RFC 8785 (tests hold it against `rfc8785`).
- `hash = SHA-256(0x00 || body)`, the leaf hash of RFC 9162; `prev` inside the body links the chain.
- Personal and free-text values are not in the body: `private` names a commitment per record, and the value with
  its salt lies in the table `private`, from where it can be erased.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

VERSION = 1
GENESIS = "0" * 64
LOG = "_log"  # the reserved case of the site's own events

CASE_TYPES = frozenset(
    {
        "case.opened",
        "step.taken",
        "vote.cast",
        "deadline.fired",
        "deadline.moved",
        "link.issued",
        "grant.revoked",
        "file.attached",
        "document.rendered",
        "document.voided",
        "note.added",
        "step.held",
        "step.recalled",
        "draft.discarded",
        "obligation.closed",
        "erasure.done",
    }
)
LOG_TYPES = frozenset(
    {
        "log.opened",
        "definition.published",
        "people.changed",
        "calendar.published",
        "register.imported",
        "system.outage",
        "clock.stepped",
        "guards.reinstalled",
        "log.key_rotated",
    }
)
TYPE_VERSION = 1
_EPOCH_NAIVE = datetime(1970, 1, 1)  # UTC throughout; `strptime` costs twenty times as much
_LIMIT = 2**53


@dataclass(frozen=True, slots=True)
class Private:
    """A personal or free-text value of one record (`members/3`, `comment`); `subject` is the person it is about."""

    value: Any
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    """An event before it has a place in its chain: what `decide` returns.

    `body` holds the keys of the type (`trigger`, `from`, `to`, `documents`, `notices` ...), JSON values only.
    `at` is µs UTC, when the act happened (the arrival of the complete request, or the instant of the deadline).
    """

    type: str
    case: str
    at: int
    actor: dict[str, Any]
    command: str
    body: dict[str, Any]
    private: dict[str, Private] = field(default_factory=dict)


class NotCanonical(ValueError):
    """A value is outside the canonical profile; the message names the path."""


def iso(instant: int) -> str:
    """Microseconds UTC as the fixed-width text of event bodies."""
    return (_EPOCH_NAIVE + timedelta(microseconds=instant)).isoformat(timespec="microseconds") + "Z"


def instant(text: str) -> int:
    """Inverse of `iso`. Raises ValueError on any other shape."""
    if len(text) != 27 or text[26] != "Z" or text[10] != "T" or text[19] != ".":
        raise ValueError(f"{text!r} is not an instant like 2022-05-04T02:00:00.000000Z")
    passed = datetime.fromisoformat(text[:26]) - _EPOCH_NAIVE
    return (passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds


def canonical(value: Any) -> bytes:
    """The bytes that are stored and hashed. Raises NotCanonical outside the profile."""
    if not _fits(value):
        _check(value, "")
    try:
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode(
            "utf-8"
        )
    except UnicodeEncodeError as error:
        raise NotCanonical(f"text that is not valid Unicode: {error.reason}") from None


def _fits(value: Any) -> bool:
    """Whether a value of the usual types is inside the profile: the quick look, `_check` names the place."""
    kind = type(value)
    if kind is str or kind is bool or value is None:
        return True
    if kind is int:
        return -_LIMIT < value < _LIMIT
    if kind is dict:
        for key, item in value.items():
            if type(key) is not str or not key.isascii() or not (type(item) is str or _fits(item)):
                return False
        return True
    if kind is list or kind is tuple:
        for item in value:  # noqa: SIM110 - a loop costs a third of a generator here
            if not (type(item) is str or _fits(item)):
                return False
        return True
    return False


def _check(value: Any, path: str) -> None:
    if value is None or value is True or value is False or isinstance(value, str):
        return
    if isinstance(value, int):
        if not -_LIMIT < value < _LIMIT:
            raise NotCanonical(f"{path or '/'}: integer outside 2^53")
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise NotCanonical(f"{path or '/'}: key {key!r} is not ASCII text")
            _check(item, f"{path}/{key}")
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            _check(item, f"{path}/{index}")
    else:
        raise NotCanonical(f"{path or '/'}: {type(value).__name__} is not in the profile")


def leaf_hash(body: bytes) -> bytes:
    """RFC 9162 leaf hash of the stored bytes."""
    return hashlib.sha256(b"\x00" + body).digest()


def envelope(draft: Draft, *, seq: int, prev: str, rec: int, commitments: dict[str, str]) -> dict[str, Any]:
    """The whole body of an event at its place. `prev` is the hex hash of seq-1; `rec` >= `at` is the caller's duty."""
    if draft.type not in CASE_TYPES | LOG_TYPES:
        raise NotCanonical(f"unknown event type {draft.type}")
    body = dict(draft.body)
    body.update(
        v=VERSION,
        case=draft.case,
        seq=seq,
        prev=prev,
        type=draft.type,
        type_version=TYPE_VERSION,
        at=iso(draft.at),
        rec=iso(rec),
        actor=draft.actor,
        command=draft.command,
    )
    if commitments:
        body["private"] = commitments
    return body
