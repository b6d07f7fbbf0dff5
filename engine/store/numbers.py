"""Counters of documents and references. The writer takes numbers inside its transaction, so series have no gaps."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection

from engine.store.hot import upsert
from engine.store.tables import numbers


def current(conn: Connection) -> dict[str, int]:
    """Series (period included) -> last number given."""
    return {row[0]: row[1] for row in conn.execute(select(numbers).order_by(numbers.c.series))}


def start(conn: Connection, series: str, last: int) -> bool:
    """Continue a paper book: the next number is `last` + 1. Only forwards; whether it was taken. A chore of the writer."""
    if last < current(conn).get(series, 0):
        return False
    made: Any = upsert(conn.dialect.name, numbers, ("series",))
    conn.execute(made, {"series": series, "value": last})
    return True
