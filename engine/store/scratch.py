"""Empty databases for trials: one after the other, each gone when its trial is over.

Without a URL, SQLite files in a temporary folder; with the URL of an SQLite file, files beside it. With the URL of a
PostgreSQL database, that database itself: it must be empty, is emptied for each trial and left empty.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.engine import URL

from engine.store.database import Database, DatabaseRefused, migrate, parse

_TABLES = "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public'"


class Scratch:
    """`folder` holds what belongs to a trial: its SQLite file, its uploads, its keys."""

    def __init__(self, url: str | None, folder: Path):
        parsed = parse(url) if url else None
        self._server = parsed if parsed is not None and parsed.get_backend_name() == "postgresql" else None
        self.folder, self._number = folder, 0
        if parsed is not None and self._server is None:
            self.folder = Path(parsed.database or "").absolute().parent / f"trinh-trial-{secrets.token_hex(4)}"

    def __enter__(self) -> Scratch:
        """Raises DatabaseRefused for a database that somebody works with."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._server is None:
            return self
        Database.open(self._server.render_as_string(hide_password=False), writes=False).close()
        if _ask(self._server, _TABLES):
            raise DatabaseRefused("this database is not empty; scenarios need one that they may fill and empty")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def fresh(self) -> Iterator[tuple[str, Path]]:
        """(URL of an empty database with the newest schema, folder for its files)."""
        self._number += 1
        folder = self.folder / str(self._number)
        folder.mkdir(mode=0o700)
        try:
            yield self._url(folder), folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            if self._server is not None:
                _say(self._server, "DROP SCHEMA public CASCADE", "CREATE SCHEMA public")

    def _url(self, folder: Path) -> str:
        if self._server is not None:
            url = self._server.render_as_string(hide_password=False)
            migrate(url)
            return url
        first, own = self.folder / "empty.db", folder / "trial.db"
        if not first.exists():
            migrate(f"sqlite:///{first}")
        shutil.copyfile(first, own)
        return f"sqlite:///{own}"


def _say(server: URL, *statements: str) -> None:
    with create_engine(server, poolclass=NullPool).begin() as conn:
        for statement in statements:
            conn.execute(text(statement))


def _ask(server: URL, statement: str) -> int:
    with create_engine(server, poolclass=NullPool).connect() as conn:
        return int(conn.execute(text(statement)).scalar() or 0)
