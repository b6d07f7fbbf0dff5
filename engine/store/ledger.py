"""Reads of the ledger: events with their exact bytes, and the private values beside them."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from engine.core.events import LOG
from engine.store.tables import cases, events, private

Body = dict[str, Any]
Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class EventRow:
    """A row of `events`; instants µs UTC. `body` are the bytes that were hashed."""

    case_id: str
    seq: int
    type: str
    to_state: str
    actor: str
    at: int
    rec: int
    command: str
    digest: str
    body: bytes
    hash: bytes
    sig: bytes | None

    def parsed(self) -> Body:
        return parse(self.body)


@dataclass(frozen=True, slots=True)
class PrivateRow:
    """A value kept beside an event. `value` is canonical JSON, `salt` opens its commitment."""

    case_id: str
    seq: int
    field: str
    salt: bytes
    value: bytes
    subject: str

    def parsed(self) -> Any:
        return json.loads(self.value)


def parse(body: bytes | memoryview) -> Body:
    found: Body = json.loads(bytes(body))
    return found


def _event(row: Any) -> EventRow:
    values = list(row)
    values[9:12] = [bytes(values[9]), bytes(values[10]), None if values[11] is None else bytes(values[11])]
    return EventRow(*values)


def raw(conn: Connection, case_id: str, upto: int | None = None) -> list[EventRow]:
    """Events of a case in order, up to a seq."""
    listed = select(events).where(events.c.case_id == case_id).order_by(events.c.seq)
    if upto is not None:
        listed = listed.where(events.c.seq <= upto)
    return [_event(row) for row in conn.execute(listed)]


def event(conn: Connection, case_id: str, seq: int) -> EventRow | None:
    row = conn.execute(select(events).where(events.c.case_id == case_id, events.c.seq == seq)).first()
    return _event(row) if row else None


def last_of_type(conn: Connection, case_id: str, type_: str) -> EventRow | None:
    """The newest event of a type in a case."""
    c = events.c
    found = select(events).where(c.case_id == case_id, c.type == type_).order_by(c.seq.desc()).limit(1)
    row = conn.execute(found).first()
    return _event(row) if row else None


def private_rows(conn: Connection, case_id: str) -> list[PrivateRow]:
    listed = select(private).where(private.c.case_id == case_id).order_by(private.c.seq, private.c.field)
    return [PrivateRow(r[0], r[1], r[2], bytes(r[3]), bytes(r[4]), r[5]) for r in conn.execute(listed)]


def private_values(conn: Connection, case_id: str) -> dict[int, Values]:
    """seq -> record -> value; erased records are absent."""
    found: defaultdict[int, Values] = defaultdict(dict)
    for row in private_rows(conn, case_id):
        found[row.seq][row.field] = row.parsed()
    return found


def history(conn: Connection, case_id: str, upto: int | None = None) -> list[tuple[Body, Values]]:
    """(body, private values) in order: what `core.evolve.replay` folds."""
    values = private_values(conn, case_id)
    return [(row.parsed(), values.get(row.seq, {})) for row in raw(conn, case_id, upto)]


def log(conn: Connection) -> list[tuple[Body, Values]]:
    """The site's own events."""
    return history(conn, LOG)


def cases_of_log(conn: Connection) -> list[str]:
    """Ids of every case that has events, the log's own first: from the ledger, not from the case rows."""
    listed = conn.execute(select(events.c.case_id).distinct().order_by(events.c.case_id))
    return sorted((row[0] for row in listed), key=lambda name: (name != LOG, name))


def size(conn: Connection) -> tuple[int, int]:
    """(events, cases without the log's own)."""
    counted = conn.execute(select(func.count()).select_from(events)).scalar() or 0
    return counted, conn.execute(select(func.count()).select_from(cases).where(cases.c.id != LOG)).scalar() or 0
