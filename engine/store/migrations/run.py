"""Alembic run from the program itself: no alembic.ini, no command of its own."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection

from engine.store.database import Database, DatabaseRefused

HERE = Path(__file__).parent
HEAD = "0001"
_ADVISORY = 7_201_964  # PostgreSQL: one process migrates at a time


def upgrade(database: Database, to: str = "head") -> None:
    """Raises DatabaseRefused when the database is of a newer program."""
    assert database.writer is not None
    with database.writer.begin() as conn:
        if database.kind == "postgresql":
            conn.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _ADVISORY})
        found = revision(conn)
        if found == HEAD and to == "head":
            return
        if found is not None and found > HEAD:
            raise DatabaseRefused(f"the database has schema {found}, this program knows {HEAD}: use the newer program")
        _run(conn, to)


def revision(conn: Connection) -> str | None:
    if not inspect(conn).has_table("alembic_version"):
        return None
    return conn.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _run(conn: Connection, to: str) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = conn
    command.upgrade(config, to)
