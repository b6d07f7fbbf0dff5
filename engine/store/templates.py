"""Files of document templates and the manifests of their bundles, by SHA-256, so that an old document can be printed
again."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.engine import Connection

from engine.store.hot import upsert
from engine.store.tables import templates


def keep(conn: Connection, bundle: dict[str, bytes]) -> None:
    """Keep contents under their SHA-256; what is there stays. A chore of the writer."""
    made: Any = upsert(conn.dialect.name, templates, ("sha256",), update=False)
    for sha256, body in sorted(bundle.items()):
        conn.execute(made, {"sha256": sha256, "body": body})


def read(conn: Connection, sha256: str) -> bytes | None:
    found = conn.execute(select(templates.c.body).where(templates.c.sha256 == sha256)).scalar()
    return bytes(found) if found is not None else None
