"""Statements of the hot path: compiled once per dialect, run on the driver's cursor (decisions X6: no type processors,
so values are already what the columns hold)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from operator import itemgetter
from typing import Any

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.engine import Connection
from sqlalchemy.schema import Table
from sqlalchemy.sql.expression import ClauseElement

_DIALECTS: dict[str, Any] = {
    "sqlite": sqlite.dialect(),
    "postgresql": PGDialect_psycopg(paramstyle="format"),
}
Row = Sequence[Any]
Build = Callable[[str], ClauseElement]  # dialect name -> statement

__all__ = ["Hot", "postgresql", "upsert"]


class Hot:
    """One statement. `build` makes it from the dialect's name, where the two differ; values are given by name."""

    def __init__(self, build: Build):
        self._build = build
        self._made: dict[str, tuple[str, Callable[[dict[str, Any]], tuple[Any, ...]]]] = {}

    def sql(self, kind: str) -> tuple[str, Callable[[dict[str, Any]], tuple[Any, ...]]]:
        """(text, values by name -> values in place)."""
        found = self._made.get(kind)
        if found is None:
            compiled = self._build(kind).compile(dialect=_DIALECTS[kind])
            names = list(compiled.positiontup or ())  # type: ignore[attr-defined]
            given = compiled.params
            fixed = {name: value for name, value in given.items() if value is not None}
            found = self._made[kind] = (str(compiled), _picker(names, fixed))
        return found

    def one(self, conn: Connection, **values: Any) -> Row | None:
        """The first row, on the driver's cursor of `conn`."""
        row: Row | None = self._run(conn, values).fetchone()
        return row

    def all(self, conn: Connection, **values: Any) -> list[Row]:
        rows: list[Row] = self._run(conn, values).fetchall()
        return rows

    def _run(self, conn: Connection, values: dict[str, Any]) -> Any:
        source, place = self.sql(conn.dialect.name)
        driver: Any = conn.connection.dbapi_connection
        return driver.execute(source, place(values))

    def many(self, cursor: Any, kind: str, rows: Iterable[dict[str, Any]]) -> None:
        """Run for every row; `cursor.rowcount` says how many rows of the table were touched."""
        source, place = self.sql(kind)
        cursor.executemany(source, [place(row) for row in rows])


def _picker(names: list[str], fixed: dict[str, Any]) -> Callable[[dict[str, Any]], tuple[Any, ...]]:
    if fixed:
        return lambda row: tuple(row[name] if name in row else fixed[name] for name in names)
    if len(names) > 1:
        return itemgetter(*names)
    if not names:
        return lambda row: ()
    return lambda row: (row[names[0]],)


def upsert(kind: str, table: Table, keys: tuple[str, ...], update: bool = True) -> ClauseElement:
    """INSERT ... ON CONFLICT (keys) DO UPDATE (or NOTHING); every column of the table is given."""
    made: Any = (sqlite_insert if kind == "sqlite" else postgresql_insert)(table)
    if not update:
        return made.on_conflict_do_nothing(index_elements=list(keys))
    return made.on_conflict_do_update(
        index_elements=list(keys), set_={c.name: made.excluded[c.name] for c in table.c if c.name not in keys}
    )
