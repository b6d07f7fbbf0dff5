"""Short looks at the database: connections that stay open, so that a look costs a BEGIN and a ROLLBACK and little more.

A page or a plan takes several looks a second from many threads; checking a connection out of the pool, beginning and
returning it by the library's long way costs as much as all reads of a decision together.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy.engine import Connection, Engine

PATIENCE = 30.0  # seconds to wait for a free connection


class TooManyReaders(Exception):
    """Every reading connection was busy for PATIENCE seconds."""


class Reads:
    """At most `size` looks at once."""

    def __init__(self, engine: Engine, size: int):
        self._engine = engine
        self._free = threading.BoundedSemaphore(size)
        self._idle: list[Connection] = []
        self._sqlite = engine.dialect.name == "sqlite"

    @contextmanager
    def look(self) -> Iterator[Connection]:
        """A connection in one read transaction. It is thrown away when something goes wrong in it."""
        if not self._free.acquire(timeout=PATIENCE):
            raise TooManyReaders("every reading connection is busy")
        try:
            conn = self._taken()
            whole = False
            try:
                yield conn
                whole = True
            finally:
                self._back(conn, whole)
        finally:
            self._free.release()

    def _taken(self) -> Connection:
        if not self._sqlite:
            return self._engine.connect()  # the pool asks a server that may have been restarted whether it is there
        conn = self._idle.pop() if self._idle else self._engine.connect()
        driver: Any = conn.connection.dbapi_connection
        driver.execute("BEGIN")
        return conn

    def _back(self, conn: Connection, whole: bool) -> None:
        if not self._sqlite or not whole:
            conn.close()
            return
        if conn.in_transaction():
            conn.rollback()
        driver: Any = conn.connection.dbapi_connection
        if driver.in_transaction:
            driver.rollback()
        self._idle.append(conn)

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()
