"""The schema that migrations make is the one the code uses, on both databases."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from engine.store import guards, tables
from engine.store.database import Database, DatabaseRefused, migrate
from engine.store.migrations import run
from engine.store.migrations.run import HEAD, revision, upgrade


def test_migrations_make_the_tables_of_the_code(database_url: str):
    database = Database.open(database_url)
    upgrade(database)
    upgrade(database)  # again changes nothing
    with database.reader.connect() as conn:
        assert compare_metadata(MigrationContext.configure(conn), tables.meta) == []
        assert revision(conn) == HEAD
        assert guards.missing(conn) == []
        assert conn.execute(text("SELECT epoch FROM schema_epoch")).scalar() == tables.EPOCH
        assert inspect(conn).get_view_names() == ["tasks"]
    database.close()


def test_every_revision_ends_by_installing_the_guards():
    for path in sorted((run.HERE / "versions").glob("*.py")):
        lines = path.read_text("utf-8").rstrip().splitlines()
        assert lines[-1] == "    guards.install(op.get_bind())", path.name
    newest = sorted((run.HERE / "versions").glob("*.py"))[-1].read_text("utf-8")
    assert f'revision = "{HEAD}"' in newest


def test_no_column_has_the_name_of_a_keyword_and_strict_knows_every_type():
    for table in tables.meta.tables.values():
        for column in table.c:
            assert column.name not in ("case", "grant", "commit", "values"), f"{table.name}.{column.name}"
            assert isinstance(column.type, (sa.Text, sa.BigInteger, sa.LargeBinary)), f"{table.name}.{column.name}"


def test_sqlite_refuses_values_of_another_type(sqlite_url: str):
    migrate(sqlite_url)
    database = Database.open(sqlite_url)
    assert database.writer is not None
    with database.writer.connect() as conn:
        strict = conn.exec_driver_sql("SELECT name, strict FROM pragma_table_list WHERE type = 'table'").fetchall()
        loose = [name for name, on in strict if not on and not re.match("sqlite_|alembic_", name)]
        assert loose == []
        conn.rollback()
        with pytest.raises(sa.exc.IntegrityError, match="cannot store TEXT value in INTEGER column"):
            conn.exec_driver_sql("INSERT INTO numbers VALUES ('s', '12abc')")
    database.close()


def test_a_database_of_a_newer_program_is_refused(database_url: str):
    migrate(database_url)
    database = Database.open(database_url)
    assert database.writer is not None
    with database.writer.begin() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DatabaseRefused, match="the database has schema 9999, this program knows"):
        upgrade(database)
    database.close()
