"""Connections: what durability hangs on is set, read back, and cannot be switched off by accident."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from engine.store import lock
from engine.store.database import Database, DatabaseRefused, migrate
from engine.store.lock import Locked


def pragmas(database: Database, reader: bool) -> dict[str, object]:
    engine = database.reader if reader else database.writer
    assert engine is not None
    names = ("journal_mode", "synchronous", "foreign_keys", "wal_autocheckpoint", "trusted_schema", "query_only")
    with engine.connect() as conn:
        return {name: conn.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names}


def test_sqlite_connections_are_durable_and_never_checkpoint(sqlite_url: str):
    database = Database.open(sqlite_url)
    common = {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "wal_autocheckpoint": 0, "trusted_schema": 0}
    assert pragmas(database, reader=False) == {**common, "query_only": 0}
    assert pragmas(database, reader=True) == {**common, "query_only": 1}
    database.close()


def test_readers_cannot_write(database_url: str):
    migrate(database_url)
    database = Database.open(database_url)
    with database.reader.connect() as conn, pytest.raises(DBAPIError, match=r"read-?only"):
        conn.execute(text("DELETE FROM heartbeats"))
    database.close()


def test_a_read_sees_one_moment(database_url: str):
    migrate(database_url)
    database = Database.open(database_url)
    assert database.writer is not None
    count = text("SELECT count(*) FROM heartbeats")
    with database.reader.connect() as reading, reading.begin():
        assert reading.execute(count).scalar() == 0
        with database.writer.begin() as conn:
            conn.execute(text("INSERT INTO heartbeats (node, at) VALUES ('a', 1)"))
        assert reading.execute(count).scalar() == 0
    database.close()


def test_autocommit_is_refused(database_url: str):
    database = Database.open(database_url)
    with database.reader.connect() as conn, pytest.raises(DatabaseRefused, match="isolation_level is not allowed"):
        conn.execution_options(isolation_level="AUTOCOMMIT")
    with pytest.raises(DatabaseRefused):
        database.reader.execution_options(isolation_level="AUTOCOMMIT")
    database.close()


def test_one_process_writes_an_sqlite_file(sqlite_url: str):
    first = Database.open(sqlite_url)
    with pytest.raises(Locked, match="writes this database; stop it, or let it take the command"):
        Database.open(sqlite_url)
    reader = Database.open(sqlite_url, writes=False)
    assert reader.writer is None
    reader.close()
    first.close()
    Database.open(sqlite_url).close()


def test_many_processes_write_postgresql(postgres_url: str):
    first, second = Database.open(postgres_url), Database.open(postgres_url)
    first.close()
    second.close()


def test_a_postgresql_that_forgets_is_refused_in_production(postgres_url: str):
    """The tests' own server runs with fsync off."""
    with pytest.raises(DatabaseRefused, match="fsync and full_page_writes off: a power cut would lose decisions"):
        Database.open(postgres_url, durable=True)


def test_settings_of_postgresql_sessions(postgres_url: str):
    database = Database.open(postgres_url)
    assert database.writer is not None
    with database.writer.connect() as conn:
        shown = {
            n: conn.exec_driver_sql(f"SHOW {n}").scalar() for n in ("lock_timeout", "statement_timeout", "timezone")
        }
        assert shown == {"lock_timeout": "5s", "statement_timeout": "30s", "timezone": "UTC"}
        assert conn.exec_driver_sql("SHOW transaction_isolation").scalar() == "read committed"
    with database.reader.connect() as conn:
        assert conn.exec_driver_sql("SHOW transaction_isolation").scalar() == "repeatable read"
    database.close()


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("rubbish", "the database URL is not one"),
        ("mysql://x/y", "databases of kind 'mysql' are not supported"),
        ("sqlite://", "SQLite needs a file"),
        ("sqlite:///:memory:", "SQLite needs a file"),
        ("sqlite:////nowhere/at/all/t.db", "/nowhere/at/all: this directory does not exist"),
    ],
)
def test_databases_that_cannot_be_used_are_refused_in_one_sentence(url: str, said: str):
    with pytest.raises(DatabaseRefused, match=said):
        Database.open(url)


def test_network_disks_are_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    assert lock.network_disk(tmp_path) == ""
    mounts = f"/dev/sda1 / ext4 rw 0 0\nserver:/x {tmp_path} nfs4 rw 0 0\n"
    monkeypatch.setattr(Path, "read_text", lambda self, *a, **k: mounts)
    assert lock.network_disk(tmp_path / "below") == "nfs4"
    with pytest.raises(DatabaseRefused, match=r"network disk \(nfs4\)"):
        Database.open(f"sqlite:///{tmp_path}/t.db")
