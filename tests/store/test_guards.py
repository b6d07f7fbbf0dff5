"""Every way round the ledger that audit.md 2.5 found, tried as the program's own role."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from engine.store import guards, ledger, views
from tests.store.conftest import Site
from tests.store.plans import noted, opened

INSERT = (
    "INSERT{} INTO events (case_id, seq, type, to_state, actor, at, recorded_at, command, digest, body, hash)"
    " VALUES ('c_1', {}, 'note.added', '', '', 1, 1, '{}', '', x'00', x'00')"
)
CHANGES = [
    "UPDATE events SET body = body",
    "UPDATE events SET actor = 'somebody else' WHERE seq = 1",
    "DELETE FROM events",
    "DELETE FROM events WHERE case_id = 'c_1' AND seq = 2",
    "UPDATE private SET value = value",
    "DELETE FROM private",
    "UPDATE refusals SET person = 'x'",
    "DELETE FROM refusals",
    "UPDATE people SET body = body",
    "DELETE FROM people",
    "UPDATE definitions SET sha256 = 'x'",
    "DELETE FROM definitions",
    "UPDATE definition_files SET sha256 = 'x'",
    "DELETE FROM definition_files",
]
FILL = [
    "INSERT INTO refusals (case_id, person, command, digest, day, at, blockers) VALUES ('c_1', 'p', 'c', 'd', 1, 1, '[]')",
    "INSERT INTO people (version, at, body) VALUES (1, 1, '{}')",
    "INSERT INTO definitions (name, version, sha256, main, manifest, at, seq) VALUES ('w', 1, 's', 'm', '[]', 1, 1)",
    "INSERT INTO definition_files (sha256, body) VALUES ('s', x'00')",
]


def sql(conn: Connection, source: str) -> str:
    return source if conn.dialect.name == "sqlite" else source.replace("x'00'", r"'\x00'::bytea")


@pytest.fixture
def conn(site: Site) -> Iterator[Connection]:
    """The writer's own connection, over a case of two events with a private value."""
    case = site.writer.submit(opened(private={"comment": "đồng ý"})).result().case
    site.writer.submit(noted(case, "note")).result()

    def fill(conn: Connection) -> None:
        for source in FILL:
            conn.exec_driver_sql(sql(conn, source))

    site.writer.chore(fill).result()
    site.writer.close()
    assert site.database.writer is not None
    with site.database.writer.connect() as found:
        yield found


def refused(conn: Connection, source: str) -> str:
    with pytest.raises(DBAPIError) as error, conn.begin():
        conn.exec_driver_sql(sql(conn, source))
    return str(error.value.orig)


@pytest.mark.parametrize("source", CHANGES)
def test_nothing_that_was_written_is_changed(conn: Connection, source: str):
    said = refused(conn, source)
    assert "append only" in said or "no erasure is recorded" in said


def test_no_insert_takes_a_place_that_is_taken_or_leaves_a_gap(conn: Connection):
    for verb in ("", " OR REPLACE", " OR IGNORE") if conn.dialect.name == "sqlite" else ("",):
        said = refused(conn, INSERT.format(verb, 2, "x"))
        assert "taken" in said or "gap" in said
        assert "gap" in refused(conn, INSERT.format(verb, 4, "x"))
        refused(conn, INSERT.format(verb, 3, "note"))  # a command that was given before
        refused(conn, INSERT.format(verb, 0, "x"))
    if conn.dialect.name == "postgresql":
        upsert = INSERT.format("", 2, "x") + " ON CONFLICT (case_id, seq) DO UPDATE SET body = EXCLUDED.body"
        refused(conn, upsert)


def test_a_private_value_needs_its_event_and_is_not_replaced(conn: Connection):
    row = "INSERT{} INTO private (case_id, seq, field, salt, value, subject) VALUES ('c_1', {}, '{}', x'00', x'00', '')"
    assert "no event owns" in refused(conn, row.format("", 9, "comment"))
    verbs = ("", " OR REPLACE") if conn.dialect.name == "sqlite" else ("",)
    for verb in verbs:
        refused(conn, row.format(verb, 1, "comment"))


def test_postgresql_refuses_truncate_and_replication_role(conn: Connection):
    if conn.dialect.name != "postgresql":
        pytest.skip("SQLite has neither")
    for table in (*guards.APPEND_ONLY, "private"):
        assert "append only" in refused(conn, f"TRUNCATE {table} CASCADE")
    with pytest.raises(DBAPIError), conn.begin():
        conn.exec_driver_sql("SET session_replication_role = replica")
        conn.exec_driver_sql("UPDATE events SET body = body")


def test_every_guard_is_there_and_a_missing_one_is_named(conn: Connection):
    assert guards.missing(conn) == []
    conn.rollback()
    with conn.begin():
        on = "" if conn.dialect.name == "sqlite" else " ON events"
        conn.exec_driver_sql(f"DROP TRIGGER events_no_gap{on}")
        assert guards.missing(conn) == ["events_no_gap"]
        guards.install(conn)
        assert guards.missing(conn) == []


def test_rebuilding_a_table_drops_its_guards_and_a_migration_brings_them_back(conn: Connection):
    """What every migration's last line is for: on SQLite a rebuilt table has no triggers."""
    with conn.begin():
        operations = Operations(MigrationContext.configure(conn))
        with operations.batch_alter_table("refusals") as batch:
            batch.alter_column("person", existing_type=sa.Text(), nullable=True)
        if conn.dialect.name == "sqlite":
            assert "refusals_no_update" in guards.missing(conn)
        guards.remove(conn)
        with operations.batch_alter_table("events") as batch:
            batch.alter_column("to_state", existing_type=sa.Text(), nullable=True)
        guards.install(conn)
        assert guards.missing(conn) == []
    assert "append only" in refused(conn, "UPDATE events SET body = body")
    assert "append only" in refused(conn, "UPDATE refusals SET person = 'x'")


def test_an_erasure_takes_the_value_and_leaves_the_chain(site: Site):
    case = site.writer.submit(opened(private={"people/F08": {"name": "Bùi Minh Họa"}, "comment": "x"})).result().case
    with views.reading(site.database) as conn:
        before = [row.hash for row in ledger.raw(conn, "c_1")]
    from engine.core.plan import Plan
    from tests.store.plans import draft

    erased = [{"seq": 1, "record": "people/F08"}]
    event = draft("erasure.done", "c_1", "erase", erased=erased, basis="thử")
    after = site.writer.submit(Plan(case, event, "erase")).result().case
    with views.reading(site.database) as conn:
        assert [row.hash for row in ledger.raw(conn, "c_1")][:1] == before
        assert [row.field for row in ledger.private_rows(conn, "c_1")] == ["comment"]
        assert "private" in ledger.raw(conn, "c_1")[0].parsed(), "the commitment stays"
        assert b"Minh" not in (conn.exec_driver_sql("SELECT body FROM cases").scalar() or b"")
        assert views.case(conn, "c_1") == after
        assert "minh" not in (conn.exec_driver_sql("SELECT search FROM cases").scalar() or "")
