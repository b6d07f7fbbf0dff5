"""A site of its own for each test: filled once, copied, on a clock moved by hand."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.delegation import Desk
from tests.web.conftest import HandClock, Web, make_web  # noqa: F401

NOW = "2022-05-04 08:00"


@pytest.fixture(scope="session")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A site with people, workflow and registers and no case, made once."""
    folder = tmp_path_factory.mktemp("filled")
    Desk(f"sqlite:///{folder}/trinh.db", folder, clock=HandClock(NOW)).close()
    return folder


@pytest.fixture
def web(make_web: Callable[..., Web], filled: Path, tmp_path: Path) -> Web:  # noqa: F811
    folder = tmp_path / "copy"
    shutil.copytree(filled, folder)
    return make_web(folder=folder, now=NOW)
