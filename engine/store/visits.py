"""Page views of links, for diagnosis only: never part of a case (links-mail-web A4)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.engine import Connection

from engine.store.hot import upsert
from engine.store.tables import link_visits


def record(conn: Connection, lookup: bytes, at: int, agent: str) -> None:
    """A droppable chore of the writer. `agent` is a coarse class, not the whole header."""
    made: Any = upsert(conn.dialect.name, link_visits, ("lookup", "at"))
    conn.execute(made, {"lookup": lookup, "at": at, "agent": agent[:60]})


def of_link(conn: Connection, lookup: bytes) -> list[tuple[int, str]]:
    c = link_visits.c
    return [(r[0], r[1]) for r in conn.execute(select(c.at, c.agent).where(c.lookup == lookup).order_by(c.at))]


def forget(conn: Connection, before: int) -> int:
    return conn.execute(delete(link_visits).where(link_visits.c.at < before)).rowcount
