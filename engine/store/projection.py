"""The rows that are folded from a case's events, as they lie there: what an audit compares with a fresh fold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection

from engine.core.events import LOG
from engine.store.tables import cases, deadlines, events, grants


@dataclass(frozen=True, slots=True)
class Projection:
    """`columns` of the case row (None when there is no row), `grants`: id -> (person, state), `deadlines`: id -> at."""

    columns: dict[str, Any] | None
    grants: dict[str, tuple[str, str]]
    deadlines: dict[str, int]


def projected(conn: Connection, case_id: str) -> Projection:
    row = conn.execute(select(cases).where(cases.c.id == case_id)).mappings().first()
    held = conn.execute(select(grants.c.id, grants.c.person, grants.c.state).where(grants.c.case_id == case_id))
    armed = conn.execute(select(deadlines.c.id, deadlines.c.at).where(deadlines.c.case_id == case_id))
    return Projection(
        dict(row) if row is not None else None,
        {r[0]: (r[1], r[2]) for r in held},
        {r[0]: r[1] for r in armed},
    )


def without_events(conn: Connection) -> list[str]:
    """Cases that have a row and no event."""
    listed = select(cases.c.id).where(cases.c.id != LOG, ~cases.c.id.in_(select(events.c.case_id)))
    return [row[0] for row in conn.execute(listed.order_by(cases.c.id))]
