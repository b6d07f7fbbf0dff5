"""Reads of the deadlines: instants (µs UTC) at which the clock acts. Rows are written by the writer beside each event."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from engine.store.tables import deadlines

_c = deadlines.c


@dataclass(frozen=True, slots=True)
class DeadlineRow:
    case_id: str
    id: str
    at: int
    kind: str
    name: str


def next_at(conn: Connection, after: int | None = None) -> int | None:
    """The earliest instant of any case; the earliest later than `after`."""
    earliest = select(func.min(_c.at))
    return conn.execute(earliest if after is None else earliest.where(_c.at > after)).scalar()


def due(conn: Connection, now: int, limit: int, after: tuple[int, str, str] | None = None) -> list[DeadlineRow]:
    """What is due at `now`, the earliest first; `after` (at, case, id) pages on."""
    listed = select(_c.case_id, _c.id, _c.at, _c.kind, _c.name).where(_c.at <= now)
    if after is not None:
        at, case_id, key = after
        later = (_c.at > at) | ((_c.at == at) & ((_c.case_id > case_id) | ((_c.case_id == case_id) & (_c.id > key))))
        listed = listed.where(later)
    rows = conn.execute(listed.order_by(_c.at, _c.case_id, _c.id).limit(limit))
    return [DeadlineRow(*row) for row in rows]
