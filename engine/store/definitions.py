"""Published definitions: the exact bytes of a workflow file and all it includes, by version. The newest is active."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, select
from sqlalchemy.engine import Connection

from engine.store.hot import Hot
from engine.store.tables import definition_files, definitions

_c = definitions.c
_ACTIVE = Hot(lambda kind: select(func.max(_c.version)).where(_c.name == bindparam("name")))


@dataclass(frozen=True, slots=True)
class DefinitionRow:
    """`manifest`: (path, length, SHA-256) of each file. `at` µs UTC, `seq` of the `_log` event that published it."""

    name: str
    version: int
    sha256: str
    main: str
    manifest: list[tuple[str, int, str]]
    at: int
    seq: int


def active(conn: Connection, name: str) -> int:
    """The version new cases use; 0 when nothing was published."""
    row = _ACTIVE.one(conn, name=name)
    return int(row[0]) if row and row[0] else 0


def names(conn: Connection) -> list[str]:
    return [row[0] for row in conn.execute(select(_c.name).distinct().order_by(_c.name))]


def read(conn: Connection, name: str, version: int) -> DefinitionRow | None:
    row = conn.execute(select(definitions).where(_c.name == name, _c.version == version)).first()
    return _row(row) if row else None


def versions(conn: Connection, name: str) -> list[DefinitionRow]:
    return [_row(r) for r in conn.execute(select(definitions).where(_c.name == name).order_by(_c.version))]


def _row(row: Any) -> DefinitionRow:
    manifest = [(path, size, digest) for path, size, digest in json.loads(row.manifest)]
    return DefinitionRow(row.name, row.version, row.sha256, row.main, manifest, row.at, row.seq)


def files(conn: Connection, name: str, version: int) -> tuple[dict[str, bytes], str]:
    """({path: bytes}, path of the main file). Raises KeyError when that version was never published here, ValueError
    when stored bytes are not those of the manifest."""
    found = read(conn, name, version)
    if found is None:
        raise KeyError((name, version))
    loaded: dict[str, bytes] = {}
    for path, size, digest in found.manifest:
        body = bytes(
            conn.execute(select(definition_files.c.body).where(definition_files.c.sha256 == digest)).scalar() or b""
        )
        if len(body) != size or hashlib.sha256(body).hexdigest() != digest:
            raise ValueError(f"{name} version {version}: the stored bytes of {path} are not those published")
        loaded[path] = body
    return loaded, found.main


def known_files(conn: Connection, digests: list[str]) -> set[str]:
    """Which of these bytes are stored already."""
    listed = select(definition_files.c.sha256).where(definition_files.c.sha256.in_(digests))
    return {row[0] for row in conn.execute(listed)}
