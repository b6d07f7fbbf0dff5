"""Refusals of people who are known and were not allowed: append-only lines, no events (decisions 4.16)."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from engine.store.hot import upsert
from engine.store.tables import refusals

DAY = 86_400_000_000
MOST = 20  # lines per right and day


@dataclass(frozen=True, slots=True)
class RefusalRow:
    """`at` µs UTC; `blockers`: code, rule and path of each reason."""

    case_id: str
    person: str
    command: str
    at: int
    blockers: list[dict[str, str]]


def record(conn: Connection, case_id: str, person: str, command: str, at: int, blockers: list[dict[str, str]]) -> bool:
    """One line per command and reasons; whether it is new. A chore of the writer."""
    c, day = refusals.c, at // DAY
    listed = json.dumps(blockers, ensure_ascii=False, sort_keys=True)
    digest = hashlib.sha256(f"{person}\0{listed}".encode()).hexdigest()[:32]
    same = (c.case_id == case_id) & (c.command == command)
    if conn.execute(select(func.count()).select_from(refusals).where(same, c.digest == digest)).scalar():
        return False
    if (conn.execute(select(func.count()).select_from(refusals).where(same, c.day == day)).scalar() or 0) >= MOST:
        return False
    row: dict[str, Any] = {
        "case_id": case_id,
        "person": person,
        "command": command,
        "digest": digest,
        "day": day,
        "at": at,
        "blockers": listed,
    }
    made: Any = upsert(conn.dialect.name, refusals, ("case_id", "command", "digest"), update=False)
    return bool(conn.execute(made, row).rowcount)


def of_case(conn: Connection, case_id: str) -> list[RefusalRow]:
    """In the order they happened."""
    c = refusals.c
    rows = conn.execute(
        select(c.case_id, c.person, c.command, c.at, c.blockers).where(c.case_id == case_id).order_by(c.at, c.digest)
    )
    return [RefusalRow(row[0], row[1], row[2], row[3], json.loads(row[4])) for row in rows]
