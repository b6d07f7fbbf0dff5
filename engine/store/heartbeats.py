"""When each process was last seen, so that an outage is known for what it was. Instants µs UTC."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from engine.store.hot import upsert
from engine.store.tables import heartbeats


def beat(conn: Connection, node: str, now: int) -> None:
    """A chore of the writer."""
    made: Any = upsert(conn.dialect.name, heartbeats, ("node",))
    conn.execute(made, {"node": node, "at": now})


def last(conn: Connection) -> int | None:
    """When anybody was last seen."""
    return conn.execute(select(func.max(heartbeats.c.at))).scalar()


def nodes(conn: Connection) -> list[tuple[str, int]]:
    """(node, last seen)."""
    listed = select(heartbeats.c.node, heartbeats.c.at).order_by(heartbeats.c.node)
    return [(row[0], row[1]) for row in conn.execute(listed)]
