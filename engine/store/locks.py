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
    spends: list[dict[str, Any]]


@dataclass(slots=True)
class Locked:
    """What was found. The batch lays its own changes over these as it takes plan after plan."""

    site: SiteRow
    heads: dict[str, Head]
    known: dict[tuple[str, str], Known]
    versions: dict[tuple[str, str], int]
    numbers: dict[str, int]
    spent: set[tuple[Any, ...]]


def marks(grant_id: str, case_id: str, entry: int, kind: str, seat: str, person: str) -> set[tuple[Any, ...]]:
    """What a used right takes: its own name, and for a task the seat and the person of that entry."""
    if kind == "implicit":
        return {(grant_id,)}
    return {(grant_id,), (case_id, entry, kind, "seat", seat), (case_id, entry, kind, "person", person)}


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
    spent: set[tuple[Any, ...]] = set()
    for row in wanted.spends:
        for used in cursor.execute(f"{_SPENT} grant_id = ?{_TASKS} ?", (row["grant_id"], row["case_id"])).fetchall():
            spent |= marks(*used)
    return Locked(
        SiteRow(*site),
        {key: Head(*row) for key, row in heads},
        {key: Known(*row) for key, row in known},
        {key: row[0] for key, row in versions},
        {key: row[0] for key, row in numbers},
        spent,
    )


def _postgres(cursor: Any, wanted: Wanted) -> Locked:
    """Sent in one go, in the order of the locks; then the answers are read."""
    connection = cursor.connection
    with connection.pipeline():
        site = connection.execute("SELECT epoch, directory FROM schema_epoch WHERE id = 1 FOR SHARE")
        heads = connection.execute(
            "SELECT id, seq, head, recorded_at FROM cases WHERE id = ANY(%s) ORDER BY id FOR UPDATE", (wanted.cases,)
        )
        keys = _keys(connection, wanted.keys)
        series = _series(connection, wanted.series)
        known = connection.execute(
            "SELECT e.case_id, e.command, e.seq, e.digest FROM unnest(%s::text[], %s::text[]) AS w(c, m)"
            " JOIN events e ON e.case_id = w.c AND e.command = w.m",
            ([case for case, _ in wanted.commands], [command for _, command in wanted.commands]),
        )
        rights, cases = [row["grant_id"] for row in wanted.spends], [row["case_id"] for row in wanted.spends]
        spent = connection.execute(f"{_SPENT} grant_id = ANY(%s){_TASKS} ANY(%s)", (rights, cases)) if rights else None
    return Locked(
        SiteRow(*site.fetchone()),
        {row[0]: Head(row[1], bytes(row[2]), row[3]) for row in heads},
        {(row[0], row[1]): Known(row[2], row[3]) for row in known},
        {(row[0], row[1]): row[2] for row in keys},
        {row[0]: row[1] for row in series},
        {mark for row in spent or () for mark in marks(*row)},
    )


_SPENT = "SELECT grant_id, case_id, entry, kind, seat, person FROM spends WHERE"
_TASKS = " OR kind <> 'implicit' AND case_id ="


def _keys(connection: Any, keys: list[tuple[str, str]]) -> Any:
    """A key that nobody wrote yet gets its row here, so that there is something to lock."""
    if not keys:
        return ()
    given = ([register for register, _ in keys], [key for _, key in keys])
    connection.execute(
        "INSERT INTO register_keys (register, key, version)"
        " SELECT r, k, 0 FROM unnest(%s::text[], %s::text[]) AS w(r, k) ORDER BY r, k ON CONFLICT DO NOTHING",
        given,
    )
    return connection.execute(
        "SELECT t.register, t.key, t.version FROM register_keys t"
        " JOIN unnest(%s::text[], %s::text[]) AS w(r, k) ON t.register = w.r AND t.key = w.k"
        " ORDER BY t.register, t.key FOR UPDATE OF t",
        given,
    )


def _series(connection: Any, series: list[str]) -> Any:
    if not series:
        return ()
    connection.execute(
        "INSERT INTO numbers (series, value) SELECT s, 0 FROM unnest(%s::text[]) AS w(s) ORDER BY s"
        " ON CONFLICT DO NOTHING",
        (series,),
    )
    return connection.execute(
        "SELECT series, value FROM numbers WHERE series = ANY(%s) ORDER BY series FOR UPDATE", (series,)
    )
