"""What the database knows about the time: a second opinion when this machine's clock jumped. Microseconds UTC."""

from __future__ import annotations

from sqlalchemy import func, select, text
from sqlalchemy.engine import Connection

from engine.store.tables import cases


def server_now(conn: Connection) -> int | None:
    """The database server's clock; None for an embedded database, which has none of its own."""
    if conn.dialect.name != "postgresql":
        return None
    return int(conn.execute(text("SELECT floor(extract(epoch FROM clock_timestamp()) * 1000000)")).scalar() or 0)


def last_recorded(conn: Connection) -> int:
    """When the last event of any case was recorded; 0 on an empty site."""
    return conn.execute(select(func.max(cases.c.recorded_at))).scalar() or 0
