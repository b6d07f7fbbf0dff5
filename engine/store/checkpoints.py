"""When the writer moves the write-ahead log into the SQLite file (decisions 4.13). Nothing on PostgreSQL.

PASSIVE about every 1,000 pages, TRUNCATE only when idle and at the end; no other connection ever checkpoints, because
two that do corrupt a file with the libraries of Debian 12 (reliability.md 3.4).
"""

from __future__ import annotations

import time
from typing import Any

from sqlalchemy.engine import Connection

from engine.store.database import Database

PAGES = 1000
PAGES_A_COMMIT, PAGES_A_JOB = 2, 3  # about what a commit and each event in it add
IDLE = 60.0  # seconds


class Checkpoints:
    def __init__(self, database: Database):
        self._on = database.kind == "sqlite"
        self._pages = 0
        self._last = time.monotonic()
        self._clean = True

    def idle(self) -> float | None:
        """How long the writer may wait for work; None = for ever."""
        if not self._on or self._clean:
            return None
        return max(0.0, self._last + IDLE - time.monotonic())

    def after(self, conn: Connection, jobs: int) -> None:
        """Called after each transaction."""
        if not self._on:
            return
        self._clean, self._last = False, time.monotonic()
        self._pages += PAGES_A_COMMIT + PAGES_A_JOB * jobs
        if self._pages >= PAGES:
            self._pages = 0
            _run(conn, "PASSIVE")

    def rest(self, conn: Connection) -> None:
        """Called when idle and before closing."""
        if self._on and not self._clean:
            self._pages, self._clean = 0, True
            _run(conn, "TRUNCATE")


def _run(conn: Connection, mode: str) -> None:
    """Outside any transaction, on the writer's own connection."""
    driver: Any = conn.connection.driver_connection
    driver.execute(f"PRAGMA wal_checkpoint({mode})").fetchall()
