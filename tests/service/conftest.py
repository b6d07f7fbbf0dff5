"""A site with people, registers and the delegation workflow, on each database in turn."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.delegation import Desk


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


@pytest.fixture
def again(database_url: str, tmp_path: Path) -> Callable[..., Desk]:
    """Opens the same site anew, as after a restart."""
    return lambda **more: Desk(database_url, tmp_path, fill=False, **more)
