"""Registers: rows that cases publish or that are imported. Each key has a version that rises with every change of its
rows, so that a plan judged by old rows is noticed."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.engine import Connection

from engine.core.events import LOG
from engine.store.hot import Hot
from engine.store.tables import register_keys, registers

_c = registers.c
_ROWS = Hot(
    lambda kind: (
        select(_c.body, _c.case_id)
        .where(_c.register == bindparam("register"), _c.key == bindparam("key"))
        .order_by(_c.entry)
    )
)
_VERSION = Hot(
    lambda kind: select(register_keys.c.version).where(
        register_keys.c.register == bindparam("register"), register_keys.c.key == bindparam("key")
    )
)


def rows(conn: Connection, register: str, key: str, without_case: str = "") -> tuple[list[dict[str, Any]], int]:
    """Rows under a key (canonical JSON of the key values) without those of one case, and the version of the key."""
    found = _ROWS.all(conn, register=register, key=key)
    version = _VERSION.one(conn, register=register, key=key)
    others = [json.loads(body) for body, case_id in found if case_id != without_case]
    return others, int(version[0]) if version else 0


def listed(conn: Connection, register: str, limit: int = 2000) -> list[dict[str, Any]]:
    """Every row of a register, for forms and the command line."""
    found = select(_c.body).where(_c.register == register).order_by(_c.key, _c.entry).limit(limit)
    return [json.loads(row[0]) for row in conn.execute(found)]


def entries(conn: Connection, register: str, case_id: str = LOG) -> list[tuple[str, str, dict[str, Any]]]:
    """(entry, key, row) of what one case, or an import, put there."""
    found = select(_c.entry, _c.key, _c.body).where(_c.register == register, _c.case_id == case_id).order_by(_c.entry)
    return [(row[0], row[1], json.loads(row[2])) for row in conn.execute(found)]


def sizes(conn: Connection) -> dict[str, int]:
    """Register -> number of rows."""
    return {row[0]: row[1] for row in conn.execute(select(_c.register, func.count()).group_by(_c.register))}
