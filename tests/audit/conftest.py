"""One walked case on each database, made once and copied for every attack."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import DATABASES
from tests.support.delegation import Desk, travelled


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of the site's keys and files, shared by all copies of its database."""
    return tmp_path_factory.mktemp("audit")


@pytest.fixture(scope="session")
def walked(keys: Path) -> Path:
    """An SQLite file with one case from proposal to closure."""
    path = keys / "walked.db"
    _walk(f"sqlite:///{path}", keys)
    return path


def _walk(url: str, folder: Path) -> None:
    desk = Desk(url, folder)
    travelled(desk)
    desk.close()


@pytest.fixture(params=DATABASES)
def site(request: pytest.FixtureRequest, keys: Path, tmp_path: Path) -> Iterator[str]:
    """URL of a copy that a test may spoil."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("walked"), tmp_path / "copy.db")
        yield f"sqlite:///{tmp_path / 'copy.db'}"
        return
    cluster = request.getfixturevalue("postgres_cluster")
    url = cluster.fresh(_filler(keys))
    yield url
    cluster.drop(url)


_fillers: dict[Path, object] = {}


def _filler(folder: Path):
    """The same function for the same folder: the cluster fills once and copies."""
    if folder not in _fillers:
        _fillers[folder] = lambda url: _walk(url, folder)
    return _fillers[folder]


@pytest.fixture
def open_site(keys: Path):
    """Open a copy as the site whose keys these are."""

    def opened(url: str) -> Desk:
        return Desk(url, keys, fill=False)

    return opened
