"""A site of its own for each test, with people, workflow and registers and no case, on a clock moved by hand."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.web.conftest import Web, make_web  # noqa: F401


@pytest.fixture
def web(make_web: Callable[..., Web]) -> Web:  # noqa: F811
    return make_web()
