"""Empty databases for trials: one after the other, each gone when its trial is over.

Without a URL, SQLite files in a temporary folder. With the URL of a PostgreSQL database that may be filled: copies of
it beside it where the role may create databases, else the database itself, emptied each time.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from sqlalchemy import NullPool, create_engine, text
from sqlalchemy.exc import ProgrammingError

from engine.store.database import DatabaseRefused, migrate, parse


class Scratch:
    """`folder` holds what belongs to a trial: its SQLite file, its uploads, its keys."""

    def __init__(self, url: str | None, folder: Path):
        self.url, self.folder, self._number = url, folder, 0
        parsed = parse(url) if url else None
        self._server = parsed if parsed is not None and parsed.get_backend_name() == "postgresql" else None
        self._template = ""
        if parsed is not None and self._server is None:
            self.folder = Path(parsed.database or "").absolute().parent / f"trinh-trial-{secrets.token_hex(4)}"

    def __enter__(self) -> Scratch:
        self.folder.mkdir(parents=True, exist_ok=True)
        if self._server is not None:
            self._refuse_filled()
            self._template = self._made()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._template:
            self._say(f'DROP DATABASE IF EXISTS "{self._template}" WITH (FORCE)')
        shutil.rmtree(self.folder, ignore_errors=True)

    @contextmanager
    def fresh(self) -> Iterator[tuple[str, Path]]:
        """(URL of an empty database with the newest schema, folder for its files)."""
        self._number += 1
        folder = self.folder / str(self._number)
        folder.mkdir(mode=0o700)
        try:
            if self._server is None:
                url = f"sqlite:///{folder / 'trial.db'}"
                migrate(url)
                yield url, folder
            elif self._template:
                with self._copy() as url:
                    yield url, folder
            else:
                yield self._emptied(), folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    # -- PostgreSQL

    def _refuse_filled(self) -> None:
        """Never a database that somebody works with."""
        found = (
            "SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = 'public'"
        )
        if self._ask(found):
            raise DatabaseRefused("this database is not empty; scenarios need one that they may fill and empty")

    def _made(self) -> str:
        """A migrated database to copy from, or empty when this role may not create databases."""
        assert self._server is not None
        name = f"{(self._server.database or 'trinh')[:40]}_t{secrets.token_hex(4)}"
        try:
            self._say(f'CREATE DATABASE "{name}"')
        except ProgrammingError:
            return ""
        migrate(self._server.set(database=name).render_as_string(hide_password=False))
        return name

    @contextmanager
    def _copy(self) -> Iterator[str]:
        assert self._server is not None
        name = f"{self._template}_{self._number}"
        self._say(f'CREATE DATABASE "{name}" TEMPLATE "{self._template}"')
        try:
            yield self._server.set(database=name).render_as_string(hide_password=False)
        finally:
            self._say(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _emptied(self) -> str:
        assert self._server is not None
        self._say("DROP SCHEMA public CASCADE")
        self._say("CREATE SCHEMA public")
        url = self._server.render_as_string(hide_password=False)
        migrate(url)
        return url

    def _say(self, statement: str) -> None:
        assert self._server is not None
        engine = create_engine(self._server, isolation_level="AUTOCOMMIT", poolclass=NullPool)
        with engine.connect() as conn:
            conn.execute(text(statement))

    def _ask(self, statement: str) -> int:
        assert self._server is not None
        engine = create_engine(self._server, poolclass=NullPool)
        with engine.connect() as conn:
            return int(conn.execute(text(statement)).scalar() or 0)
