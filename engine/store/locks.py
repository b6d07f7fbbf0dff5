"""What a batch reads under its locks before any plan is taken, in one fixed order: the site's row, cases by id,
register keys by name, series by name (decisions 4.14). On SQLite BEGIN IMMEDIATE has locked everything already.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple


class Head(NamedTuple):
    """The end of a case's chain. `rec` µs UTC."""

    seq: int
    hash: bytes
    rec: int


class Known(NamedTuple):
    """An event a command made before."""

    seq: int
    digest: str


class SiteRow(NamedTuple):
    epoch: int
    directory: int


@dataclass(frozen=True, slots=True)
class Wanted:
    """Everything the plans of a batch touch."""

    cases: list[str]
    commands: list[tuple[str, str]]
    keys: list[tuple[str, str]]
    series: list[str]


@dataclass(slots=True)
class Locked:
    """What was found. The batch lays its own changes over these as it takes plan after plan."""

    site: SiteRow
    heads: dict[str, Head]
    known: dict[tuple[str, str], Known]
    versions: dict[tuple[str, str], int]
    numbers: dict[str, int]


def take(kind: str, cursor: Any, wanted: Wanted) -> Locked:
    return (_sqlite if kind == "sqlite" else _postgres)(cursor, wanted)


def _sqlite(cursor: Any, wanted: Wanted) -> Locked:
    def each(source: str, keys: Iterable[Any]) -> Iterable[tuple[Any, Any]]:
        for key in keys:
            row = cursor.execute(source, key if isinstance(key, tuple) else (key,)).fetchone()
            if row is not None:
                yield key, row

    site = cursor.execute("SELECT epoch, directory FROM schema_epoch WHERE id = 1").fetchone()
    heads = each("SELECT seq, head, recorded_at FROM cases WHERE id = ?", wanted.cases)
    known = each("SELECT seq, digest FROM events WHERE case_id = ? AND command = ?", wanted.commands)
    versions = each("SELECT version FROM register_keys WHERE register = ? AND key = ?", wanted.keys)
    numbers = each("SELECT value FROM numbers WHERE series = ?", wanted.series)
    return Locked(
        SiteRow(*site),
        {key: Head(*row) for key, row in heads},
        {key: Known(*row) for key, row in known},
        {key: row[0] for key, row in versions},
        {key: row[0] for key, row in numbers},
    )


def _postgres(cursor: Any, wanted: Wanted) -> Locked:
    site = cursor.execute("SELECT epoch, directory FROM schema_epoch WHERE id = 1 FOR SHARE").fetchone()
    cursor.execute(
        "SELECT id, seq, head, recorded_at FROM cases WHERE id = ANY(%s) ORDER BY id FOR UPDATE", (wanted.cases,)
    )
    heads = {row[0]: Head(row[1], bytes(row[2]), row[3]) for row in cursor.fetchall()}
    cursor.execute(
        "SELECT e.case_id, e.command, e.seq, e.digest FROM unnest(%s::text[], %s::text[]) AS w(c, m)"
        " JOIN events e ON e.case_id = w.c AND e.command = w.m",
        ([case for case, _ in wanted.commands], [command for _, command in wanted.commands]),
    )
    known = {(row[0], row[1]): Known(row[2], row[3]) for row in cursor.fetchall()}
    return Locked(SiteRow(*site), heads, known, _keys(cursor, wanted.keys), _series(cursor, wanted.series))


def _keys(cursor: Any, keys: list[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """A key that nobody wrote yet gets its row here, so that there is something to lock."""
    if not keys:
        return {}
    given = ([register for register, _ in keys], [key for _, key in keys])
    cursor.execute(
        "INSERT INTO register_keys (register, key, version)"
        " SELECT r, k, 0 FROM unnest(%s::text[], %s::text[]) AS w(r, k) ORDER BY r, k ON CONFLICT DO NOTHING",
        given,
    )
    cursor.execute(
        "SELECT t.register, t.key, t.version FROM register_keys t"
        " JOIN unnest(%s::text[], %s::text[]) AS w(r, k) ON t.register = w.r AND t.key = w.k"
        " ORDER BY t.register, t.key FOR UPDATE OF t",
        given,
    )
    return {(row[0], row[1]): row[2] for row in cursor.fetchall()}


def _series(cursor: Any, series: list[str]) -> dict[str, int]:
    if not series:
        return {}
    cursor.execute(
        "INSERT INTO numbers (series, value) SELECT s, 0 FROM unnest(%s::text[]) AS w(s) ORDER BY s"
        " ON CONFLICT DO NOTHING",
        (series,),
    )
    cursor.execute("SELECT series, value FROM numbers WHERE series = ANY(%s) ORDER BY series FOR UPDATE", (series,))
    return {row[0]: row[1] for row in cursor.fetchall()}
