"""Short looks at the database: connections that stay open, so that a look costs a BEGIN and a ROLLBACK and little more.

A page or a plan takes several looks a second from many threads; checking a connection out of the pool, beginning and
returning it by the library's long way costs as much as all reads of a decision together.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from sqlalchemy.engine import Connection, Engine

PATIENCE = 30.0  # seconds to wait for a free connection
FRESH = 1.0  # seconds after which a connection to a server is asked whether it still is one


class TooManyReaders(Exception):
    """Every reading connection was busy for PATIENCE seconds."""


class Reads:
    """At most `size` threads look at once; a look inside a look waits for nobody."""

    def __init__(self, engine: Engine, size: int):
        self._engine = engine
        self._free = threading.BoundedSemaphore(size)
        self._mine = threading.local()
        self._idle: list[tuple[Connection, float]] = []
        self._sqlite = engine.dialect.name == "sqlite"

    @contextmanager
    def look(self) -> Iterator[Connection]:
        """A connection in one read transaction. It is thrown away when something goes wrong in it."""
        inner = getattr(self._mine, "looks", 0) > 0  # who looks already must not wait for itself
        if not inner and not self._free.acquire(timeout=PATIENCE):
            raise TooManyReaders("every reading connection is busy")
        self._mine.looks = getattr(self._mine, "looks", 0) + 1
        try:
            conn = self._taken()
            whole = False
            try:
                yield conn
                whole = True
            finally:
                self._back(conn, whole)
        finally:
            self._mine.looks -= 1
            if not inner:
                self._free.release()

    def _taken(self) -> Connection:
        while self._idle:
            conn, since = self._idle.pop()
            if self._sqlite or time.monotonic() - since < FRESH or self._lives(conn):
                break
        else:
            conn = self._engine.connect()
        if self._sqlite:
            self._driver(conn).execute("BEGIN")  # psycopg begins by itself
        return conn

    def _lives(self, conn: Connection) -> bool:
        """Whether the server was not restarted meanwhile."""
        try:
            self._driver(conn).execute("SELECT 1")
            self._driver(conn).rollback()
        except Exception:
            with suppress(Exception):
                conn.invalidate()
            conn.close()
            return False
        return True

    def _back(self, conn: Connection, whole: bool) -> None:
        try:
            if not whole:
                conn.invalidate()
                conn.close()
                return
            if conn.in_transaction():
                conn.rollback()
            else:
                self._driver(conn).rollback()
        except Exception:  # the connection is gone; what was read is read
            conn.close()
            return
        self._idle.append((conn, time.monotonic()))

    def _driver(self, conn: Connection) -> Any:
        return conn.connection.dbapi_connection

    def close(self) -> None:
        while self._idle:
            self._idle.pop()[0].close()
