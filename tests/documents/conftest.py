"""One warm printing process for all tests of a worker, and sites with cases on each database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.documents.render import Printer
from tests.documents.walk import ROOT
from tests.support.delegation import Desk


@pytest.fixture(scope="session")
def printer() -> Iterator[Printer]:
    made = Printer(ROOT / "templates")
    yield made
    made.close()


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    made = Desk(database_url, tmp_path)
    yield made
    made.close()


@pytest.fixture
def light(sqlite_url: str, tmp_path: Path) -> Iterator[Desk]:
    """On SQLite only: for what does not depend on the database."""
    made = Desk(sqlite_url, tmp_path)
    yield made
    made.close()
