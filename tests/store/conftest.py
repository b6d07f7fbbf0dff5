"""A migrated database of each kind in turn, and a writer on it whose clock and chance the test holds."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import pytest

from engine.store.database import Database
from engine.store.migrations.run import upgrade
from engine.store.writer import Writer
from tests.store.plans import NOW


class Site:
    """`clock` µs UTC; `salts` 32-byte values in order, so that the bytes of an event are known beforehand."""

    def __init__(self, url: str):
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
