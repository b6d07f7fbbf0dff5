"""What every test may ask for: a fresh database of either kind, a PostgreSQL cluster, a browser.

`make check` leaves out `postgres`, `browser` and `slow` tests; `make test` runs everything. See pyproject.toml.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import pytest

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.support.postgres import Cluster

# Few and busy cores: an example may be slow without being wrong. The same examples every time, so that a red build
# is red again; HYPOTHESIS_PROFILE=search looks for new ones.
hypothesis.settings.register_profile("build", deadline=None, derandomize=True, max_examples=60, print_blob=True)
hypothesis.settings.register_profile("search", deadline=None, max_examples=2000, print_blob=True)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "build"))

DATABASES = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark by what is asked for; keep the browser tests of a module on one worker (`--dist loadgroup`)."""
    for item in items:
        fixtures = getattr(item, "fixturenames", ())
        if "postgres_cluster" in fixtures and "database_url" not in fixtures:
            item.add_marker("postgres")
        if "chromium" in fixtures:
            item.add_marker("browser")
        if item.get_closest_marker("browser"):
            item.add_marker(pytest.mark.xdist_group(item.nodeid.partition("::")[0]))


@pytest.fixture(scope="session")
def postgres_cluster() -> Iterator[Cluster]:
    """The session's own PostgreSQL (one per xdist worker)."""
    from tests.support.postgres import Cluster

    cluster = Cluster()
    yield cluster
    cluster.stop()


@pytest.fixture
def postgres_url(postgres_cluster: Cluster) -> Iterator[str]:
    """The URL of an empty PostgreSQL database for this test alone."""
    url = postgres_cluster.fresh()
    yield url
    postgres_cluster.drop(url)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """The URL of an SQLite file that does not exist yet, for this test alone."""
    return f"sqlite:///{tmp_path / 'trinh.db'}"


@pytest.fixture(params=DATABASES)
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database of each kind in turn: the test runs once on SQLite and once on PostgreSQL."""
    return str(request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url"))


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A running Chromium. Per module and not per session: while it runs, the thread has an event loop of Playwright's,
    in which no other test of the worker could call `asyncio.run`."""
    from tests.support.browser import chromium_browser

    with chromium_browser() as browser:
        yield browser
