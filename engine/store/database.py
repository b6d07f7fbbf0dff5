"""The database of a site: one writing connection, a pool of reading ones, the pragmas and settings that make an
acknowledged commit a durable one (reliability.md 3.1, 3.6).

SQLite: `sqlite3` sends no BEGIN of its own, ours are BEGIN IMMEDIATE for the writer and BEGIN for readers; WAL,
synchronous=FULL, checkpoints by the writer only. PostgreSQL: READ COMMITTED for the writer, one snapshot per read.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, event
from sqlalchemy.engine import URL, Connection, Engine, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from engine.store.lock import Lock, network_disk
from engine.store.reads import Reads

log = logging.getLogger(__name__)
PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "busy_timeout=5000",
    "trusted_schema=OFF",
    "cell_size_check=ON",
    "wal_autocheckpoint=0",
)
SERVER = {
    "lock_timeout": "5s",
    "statement_timeout": "30s",
    "idle_in_transaction_session_timeout": "10s",
    "timezone": "UTC",
}
KEEPALIVE = {"keepalives": 1, "keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3}
READERS = 8


class DatabaseRefused(Exception):
    """The database cannot be used safely; the message says why and what to do."""


class Database:
    """`writer` belongs to the writer thread alone. `writes=False` opens for reading only and takes no lock."""

    def __init__(self, url: URL, writes: bool):
        self.url, self.writes = url.render_as_string(hide_password=False), writes
        self.kind = "sqlite" if url.get_backend_name() == "sqlite" else "postgresql"
        self.path: Path | None = Path(url.database or "").absolute() if self.kind == "sqlite" else None
        self.lock: Lock | None = None
        if self.path is not None and writes:
            self.lock = Lock(self.path)
            self.lock.take()
        self.reader = _sqlite(url, "BEGIN", ("query_only=ON",), READERS) if self.path else _postgres(url, True)
        self.reads = Reads(self.reader, READERS)
        self.writer: Engine | None = None
        if writes:
            self.writer = _sqlite(url, "BEGIN IMMEDIATE", (), 1) if self.path else _postgres(url, False)

    @classmethod
    def open(cls, url: str, *, writes: bool = True, durable: bool = False) -> Database:
        """Raises DatabaseRefused or Locked. `durable`: refuse a PostgreSQL that does not keep what it acknowledged."""
        parsed = parse(url)
        if parsed.get_backend_name() == "sqlite":
            check_place(Path(parsed.database or ""))
        database = cls(parsed, writes)
        try:
            database._check(durable)
        except DBAPIError as error:
            database.close()
            raise DatabaseRefused(f"{parsed.render_as_string()}: {_reason(error)}") from None
        except BaseException:
            database.close()
            raise
        return database

    def _check(self, durable: bool) -> None:
        """Read back what durability hangs on."""
        with (self.writer or self.reader).connect() as conn:
            if self.kind == "sqlite":
                found = [
                    str(conn.exec_driver_sql(f"PRAGMA {name}").scalar()) for name in ("journal_mode", "synchronous")
                ]
                if found != ["wal", "2"]:
                    raise DatabaseRefused(f"{self.path}: journal_mode, synchronous = {found}; needed: wal, 2 (FULL)")
                return
            shown = {name: conn.exec_driver_sql(f"SHOW {name}").scalar() for name in ("fsync", "full_page_writes")}
            off = [name for name, value in shown.items() if value != "on"]
            if off and durable:
                raise DatabaseRefused(f"PostgreSQL runs with {' and '.join(off)} off: a power cut would lose decisions")
            if off:
                log.warning("PostgreSQL runs with %s off: for tests only", " and ".join(off))
            if conn.exec_driver_sql("SHOW synchronous_commit").scalar() == "off":
                log.warning("PostgreSQL runs with synchronous_commit off: a crash loses the last decisions")

    def close(self) -> None:
        self.reads.close()
        self.reader.dispose()
        if self.writer is not None:
            self.writer.dispose()
        if self.lock is not None:
            self.lock.release()


def _reason(error: DBAPIError) -> str:
    """What the driver says, in one line and without addresses of documentation."""
    lines = [line.strip() for line in str(error.orig).strip().split("\n") if line.strip()]
    return lines[0] if lines else type(error.orig).__name__


def parse(url: str) -> URL:
    """Raises DatabaseRefused for anything but an SQLite file or a PostgreSQL database."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise DatabaseRefused("the database URL is not one; for example sqlite:///trinh.db") from None
    backend = parsed.get_backend_name()
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    if backend != "sqlite":
        raise DatabaseRefused(f"databases of kind {backend!r} are not supported; use sqlite or postgresql")
    if not parsed.database or parsed.database == ":memory:":
        raise DatabaseRefused("SQLite needs a file: sqlite:///trinh.db")
    return parsed.set(drivername="sqlite", query={})


def check_place(path: Path) -> None:
    folder = path.absolute().parent
    if not folder.is_dir():
        raise DatabaseRefused(f"{folder}: this directory does not exist")
    kind = network_disk(folder)
    if kind:
        raise DatabaseRefused(f"{path}: lies on a network disk ({kind}), where locks do not hold; use a local disk")


def _sqlite(url: URL, begin: str, extra: tuple[str, ...], size: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=size,
        max_overflow=size if extra else 0,
        pool_timeout=30,
        connect_args={"check_same_thread": False},
    )

    @event.listens_for(engine, "connect")
    def _(dbapi: Any, record: Any) -> None:
        dbapi.isolation_level = None
        for pragma in PRAGMAS + extra:
            dbapi.execute("PRAGMA " + pragma)

    @event.listens_for(engine, "begin")
    def _begin(conn: Connection) -> None:
        driver: Any = conn.connection.dbapi_connection
        if not driver.in_transaction:  # `Reads` has begun already
            driver.execute(begin)

    _refuse_levels(engine)
    return engine


def _postgres(url: URL, reads: bool) -> Engine:
    options = " ".join(f"-c {name}={value}" for name, value in SERVER.items())
    if reads:
        options += " -c default_transaction_read_only=on -c default_transaction_isolation=repeatable\\ read"
    engine = create_engine(
        url,
        pool_size=READERS if reads else 1,
        max_overflow=READERS if reads else 0,
        pool_timeout=30,
        connect_args={"options": options, "application_name": "trinh", **KEEPALIVE},
    )
    _refuse_levels(engine)
    return engine


def _refuse_levels(engine: Engine) -> None:
    """AUTOCOMMIT with our own BEGIN is silently rolled back, or leaks the write lock into the pool."""

    @event.listens_for(engine, "set_connection_execution_options")
    def _(conn: Connection, options: dict[str, Any]) -> None:
        if options.get("isolation_level"):
            raise DatabaseRefused("isolation_level is not allowed on this engine")

    @event.listens_for(engine, "set_engine_execution_options")
    def _engine(changed: Engine, options: dict[str, Any]) -> None:
        if options.get("isolation_level"):
            raise DatabaseRefused("isolation_level is not allowed on this engine")


def migrate(url: str) -> None:
    """Bring the schema to the newest revision. Raises DatabaseRefused, Locked."""
    from engine.store.migrations.run import upgrade

    database = Database.open(url)
    try:
        upgrade(database)
    finally:
        database.close()
