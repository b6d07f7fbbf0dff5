"""Edits before they are submitted: one row per case and person, with a version that rises with each save."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.engine import Connection

from engine.store.hot import Hot
from engine.store.tables import drafts

_c = drafts.c
_READ = Hot(
    lambda kind: select(_c.facts, _c.grounds, _c.version, _c.at).where(
        _c.case_id == bindparam("case_id"), _c.person == bindparam("person")
    )
)


@dataclass(frozen=True, slots=True)
class DraftRow:
    """`values` field -> value, `grounds` waiver -> {ground: value}; `at` µs UTC of the last save."""

    values: dict[str, Any]
    grounds: dict[str, dict[str, Any]]
    version: int
    at: int


def read(conn: Connection, case_id: str, person: str) -> DraftRow | None:
    row = _READ.one(conn, case_id=case_id, person=person)
    return DraftRow(json.loads(row[0]), json.loads(row[1]), row[2], row[3]) if row else None


def save(
    conn: Connection,
    case_id: str,
    person: str,
    values: dict[str, Any],
    grounds: dict[str, dict[str, Any]],
    version: int,
    now: int,
) -> int | None:
    """The new version, or None when `version` is not the one kept (another save came first). A chore of the writer."""
    columns = {"facts": _json(values), "grounds": _json(grounds), "version": version + 1, "at": now}
    known = read(conn, case_id, person)
    if (known.version if known else 0) != version:
        return None
    if known is None:
        conn.execute(insert(drafts).values(case_id=case_id, person=person, **columns))
        return version + 1
    kept = (_c.case_id == case_id) & (_c.person == person) & (_c.version == version)
    return version + 1 if conn.execute(update(drafts).where(kept).values(**columns)).rowcount == 1 else None


def drop(conn: Connection, case_id: str, person: str) -> None:
    conn.execute(delete(drafts).where(_c.case_id == case_id, _c.person == person))


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, allow_nan=False)
