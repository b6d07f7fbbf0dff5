"""A migrated database of each kind in turn, and a writer on it whose clock and chance the test holds."""

from __future__ import annotations

import atexit
import itertools
import shutil
import tempfile
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from engine.store.database import Database
from engine.store.migrations.run import upgrade
from engine.store.writer import Writer
from tests.store.plans import NOW


@cache
def _migrated() -> Path:
    """An SQLite file with the tables and nothing in them, made once a process."""
    folder = Path(tempfile.mkdtemp(prefix="trinh-migrated-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    database = Database.open(f"sqlite:///{folder}/trinh.db")
    upgrade(database)
    database.close()
    return folder / "trinh.db"


class Site:
    """`clock` µs UTC; `salts` 32-byte values in order, so that the bytes of an event are known beforehand."""

    def __init__(self, url: str):
        kind, _, path = url.partition(":///")
        if kind == "sqlite" and not Path(path).exists():
            shutil.copy(_migrated(), path)
        self.database = Database.open(url)
        upgrade(self.database)
        self.now = NOW
        counter = itertools.count(1)
        self.told: list[int] = []
        self.writer = Writer(
            self.database,
            clock=lambda: self.now,
            random_bytes=lambda size: next(counter).to_bytes(size, "big"),
            sign=lambda data: b"signature of " + data[-4:],
            on_commit=lambda done: self.told.append(len(done)),
        )

    def close(self) -> None:
        self.writer.close()
        self.database.close()


@pytest.fixture
def site(database_url: str) -> Iterator[Site]:
    made = Site(database_url)
    yield made
    made.close()
