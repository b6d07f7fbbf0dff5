"""Integrity of one chain: exact bytes, hashes, links, columns and commitments. Knows no workflow.

The hash is over the stored bytes (RFC 9162 leaf); a body must be the canonical form of what it says, so that no two
readers can read it differently. Every other column is only an index and must agree with the body.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from engine.audit.report import Findings
from engine.core.events import GENESIS, NotCanonical, canonical, instant, leaf_hash
from engine.store.ledger import EventRow, PrivateRow

SALT = 32  # bytes; HMAC pads shorter keys with zeros, which would make two salts one


@dataclass(frozen=True, slots=True)
class Entry:
    """An event that could be read: its parsed body, its private values and the row it came from."""

    row: EventRow
    body: dict[str, Any]
    values: dict[str, Any]


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise NotCanonical(f"key {key!r} stands twice")
        found[key] = value
    return found


def parse(data: Any) -> dict[str, Any]:
    """The body of stored bytes. Raises NotCanonical when they are anything but its one canonical form."""
    if not isinstance(data, bytes):
        raise NotCanonical("the stored body is not bytes")
    try:
        body = json.loads(data.decode("utf-8"), object_pairs_hook=_pairs)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise NotCanonical(str(error)) from None
    if not isinstance(body, dict) or canonical(body) != data:
        raise NotCanonical("the stored bytes are not the canonical form of what they say")
    return body


def check(case: str, rows: Sequence[EventRow], secrets: Iterable[PrivateRow], findings: Findings) -> list[Entry]:
    """Every event that can be read, in order; what is wrong goes to `findings`."""
    by_seq: dict[int, list[PrivateRow]] = {}
    for secret in secrets:
        by_seq.setdefault(secret.seq, []).append(secret)
    entries: list[Entry] = []
    previous, last_rec, commands = GENESIS, 0, set()
    for place, row in enumerate(rows, 1):
        if row.seq != place:
            findings.add(row.seq, "sequence-gap", f"event {place} is missing; the next one is {row.seq}")
            break
        stored = bytes(row.hash) if isinstance(row.hash, (bytes, bytearray, memoryview)) else b""
        try:
            body = parse(bytes(row.body) if isinstance(row.body, (bytearray, memoryview)) else row.body)
        except NotCanonical as error:
            findings.add(row.seq, "non-canonical", str(error))
            previous = stored.hex()
            continue
        if leaf_hash(bytes(row.body)) != stored:
            findings.add(row.seq, "event-hash", "the bytes are not those that were hashed")
        if body.get("prev") != previous:
            findings.add(row.seq, "chain", "does not continue the event before it")
        previous = stored.hex()
        last_rec = _times(row.seq, body, last_rec, findings)
        if body.get("command") in commands:
            findings.add(row.seq, "duplicate-command", f"command {body.get('command')} was recorded before")
        commands.add(body.get("command"))
        _columns(case, row, body, findings)
        entries.append(Entry(row, body, _values(row.seq, body, by_seq.pop(row.seq, []), findings)))
    for seq, left in by_seq.items():
        findings.add(seq, "private-orphan", f"{len(left)} private values belong to no event")
    _erased(entries, findings)
    return entries


def _times(seq: int, body: dict[str, Any], last: int, findings: Findings) -> int:
    try:
        at, rec = instant(body["at"]), instant(body["rec"])
    except (KeyError, TypeError, ValueError):
        findings.add(seq, "times", "the event's times cannot be read")
        return last
    if at > rec:
        findings.add(seq, "times", "recorded before it happened")
    if rec < last:
        findings.add(seq, "time-backwards", "recorded before the event in front of it")
    return max(rec, last)


def _columns(case: str, row: EventRow, body: dict[str, Any], findings: Findings) -> None:
    said = {
        "case": body.get("case"),
        "seq": body.get("seq"),
        "type": body.get("type"),
        "to": body.get("to") or "",
        "actor": (body.get("actor") or {}).get("id", ""),
        "command": body.get("command"),
    }
    stored = {
        "case": row.case_id,
        "seq": row.seq,
        "type": row.type,
        "to": row.to_state or "",
        "actor": row.actor or "",
        "command": row.command,
    }
    for name, value in said.items():
        if stored[name] != value:
            findings.add(
                row.seq, "column-vs-body", f"{name} is {stored[name]!r} in the table and {value!r} in the event"
            )
    try:
        if instant(body["rec"]) != row.rec:
            findings.add(row.seq, "column-vs-body", "the time of recording differs from the event's")
        if instant(body["at"]) != row.at:
            findings.add(row.seq, "column-vs-body", "the time in the table differs from the event's")
    except (KeyError, TypeError, ValueError):
        return  # said by `times`


def commitment(salt: bytes, value: bytes) -> str:
    """Hex of HMAC-SHA256(salt, canonical value)."""
    return hmac.new(salt, value, hashlib.sha256).hexdigest()


def _values(seq: int, body: dict[str, Any], secrets: list[PrivateRow], findings: Findings) -> dict[str, Any]:
    """Private values that open their commitment."""
    promised = dict(body.get("private") or {})
    values: dict[str, Any] = {}
    for secret in secrets:
        wanted = promised.pop(secret.field, None)
        if wanted is None:
            findings.add(seq, "private-orphan", f"{secret.field} is not promised by the event")
            continue
        value = secret.value if isinstance(secret.value, bytes) else None
        if value is None or len(secret.salt) != SALT or commitment(secret.salt, value) != wanted:
            findings.add(seq, "private-commitment", f"{secret.field} is not the value that was committed to")
            continue
        try:
            values[secret.field] = json.loads(value)
        except ValueError:
            findings.add(seq, "private-commitment", f"{secret.field} cannot be read")
    return values


def _erased(entries: list[Entry], findings: Findings) -> None:
    """A promised value may be gone only where an `erasure.done` event names it (`records`: ["3:comment"])."""
    told = {name for e in entries if e.body["type"] == "erasure.done" for name in e.body.get("records", [])}
    broken = {(f.seq, f.text.split(" ")[0]) for f in findings.items if f.check == "private-commitment"}
    for entry in entries:
        for record in entry.body.get("private") or {}:
            gone = record not in entry.values and (entry.row.seq, record) not in broken
            if gone and f"{entry.row.seq}:{record}" not in told:
                findings.add(entry.row.seq, "private-missing", f"{record} is gone without an erasure event")
