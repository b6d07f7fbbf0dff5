from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from engine.mail.smtp import Smtp
from tests.mail.servers import Habits, smtp
from tests.mail.support import Post


@pytest.fixture
def post(sqlite_url: str, tmp_path: Path) -> Iterator[Post]:
    """A site whose mails land in a maildir."""
    made = Post(sqlite_url, tmp_path)
    yield made
    made.close()


@pytest.fixture
def served(sqlite_url: str, tmp_path: Path) -> Iterator[Callable[..., Post]]:
    """A site whose mails go to a real SMTP server with the given habits."""
    with ExitStack() as stack:

        def make(habits: Habits, url: str = "", **more: Any) -> Post:
            server = stack.enter_context(smtp(habits))
            made = Post(url or sqlite_url, tmp_path, Smtp(server), **more)
            stack.callback(made.close)
            return made

        yield make
