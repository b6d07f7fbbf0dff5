"""The test surroundings keep their promises: a fresh database each time, a server of our own."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy


def _tables(url: str) -> list[str]:
    engine = sqlalchemy.create_engine(url)
    try:
        return sqlalchemy.inspect(engine).get_table_names()
    finally:
        engine.dispose()


def _make_table(url: str) -> None:
    engine = sqlalchemy.create_engine(url)
    try:
        with engine.begin() as connection:
            connection.execute(sqlalchemy.text("CREATE TABLE left_over (id INTEGER)"))
    finally:
        engine.dispose()


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_gets_a_database_that_nobody_has_used(database_url, turn):
    assert _tables(database_url) == []
    _make_table(database_url)
    assert _tables(database_url) == ["left_over"]


def test_a_filled_database_is_copied_and_its_copies_are_apart(postgres_cluster):
    filled = []

    def fill(url: str) -> None:
        filled.append(url)
        _make_table(url)

    first, second = postgres_cluster.fresh(fill), postgres_cluster.fresh(fill)
    assert len(filled) == 1
    assert first != second
    assert _tables(first) == _tables(second) == ["left_over"]


def test_no_event_loop_of_the_browser_is_left_behind():
    assert asyncio.run(asyncio.sleep(0, result="done")) == "done"
