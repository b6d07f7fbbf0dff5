"""Mailed sign-in links, and the sessions they open. `key` is the SHA-256 of a secret that is stored nowhere.

Functions that change something run as chores of the writer. Instants µs UTC.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import delete, insert, select, update
from sqlalchemy.engine import Connection

from engine.store.tables import sessions

_c = sessions.c


@dataclass(frozen=True, slots=True)
class Session:
    """`auth`: how the person showed who they are (mail)."""

    person: str
    auth: str
    created: int
    seen: int
    until: int


def offer(conn: Connection, key: bytes, person: str, expires: int, now: int) -> None:
    """Keep a mailed sign-in secret."""
    _add(conn, key, "link", person, "", now, expires)


def peek(conn: Connection, key: bytes, now: int) -> str | None:
    """Whom a mailed secret signs in, without using it."""
    return conn.execute(select(_c.person).where(_c.key == key, _c.kind == "link", _c.until > now)).scalar()


def take(conn: Connection, key: bytes, now: int) -> str | None:
    """Use a mailed secret: it works once, and the person's other ones are dead with it."""
    person = peek(conn, key, now)
    if person is not None:
        conn.execute(delete(sessions).where(_c.person == person, _c.kind == "link"))
    return person


def create(conn: Connection, key: bytes, person: str, auth: str, now: int, until: int) -> None:
    """Open a session that ends at `until` at the latest. What is over, of anybody, is removed with it."""
    expire(conn, now)
    _add(conn, key, "session", person, auth, now, until)


def find(conn: Connection, key: bytes, now: int, idle: int) -> Session | None:
    """The live session of a secret; `idle` µs without use end it, too."""
    row = conn.execute(
        select(_c.person, _c.auth, _c.created, _c.seen, _c.until).where(
            _c.key == key, _c.kind == "session", _c.until > now, _c.seen > now - idle
        )
    ).first()
    return Session(*row) if row else None


def touch(conn: Connection, key: bytes, now: int) -> None:
    conn.execute(update(sessions).where(_c.key == key, _c.kind == "session").values(seen=now))


def revoke(conn: Connection, key: bytes) -> bool:
    return conn.execute(delete(sessions).where(_c.key == key)).rowcount == 1


def expire(conn: Connection, now: int) -> int:
    """Remove what is over."""
    return conn.execute(delete(sessions).where(_c.until <= now)).rowcount


def _add(conn: Connection, key: bytes, kind: str, person: str, auth: str, now: int, until: int) -> None:
    conn.execute(
        insert(sessions).values(key=key, kind=kind, person=person, auth=auth, created=now, seen=now, until=until)
    )
