"""Uploaded and produced files: bytes below one directory under their SHA-256, a row that names each upload."""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import bindparam, insert, select
from sqlalchemy.engine import Connection

from engine.store.hot import Hot
from engine.store.tables import files

_OF_CASE = Hot(
    lambda kind: select(files).where(files.c.case_id == bindparam("case_id")).order_by(files.c.at, files.c.id)
)
_MAGIC = (
    (b"%PDF-", "application/pdf"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"PK\x03\x04", "application/zip"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "application/x-ole-storage"),
)


@dataclass(frozen=True, slots=True)
class Kept:
    sha256: str
    size: int
    media_type: str


@dataclass(frozen=True, slots=True)
class FileRow:
    """An upload. `name` is the user's own, for showing only. `at` µs UTC."""

    id: str
    case_id: str
    person: str
    name: str
    media_type: str
    size: int
    sha256: str
    at: int


def media_type(data: bytes) -> str:
    """By the first bytes, never by the name."""
    if data.startswith(b"PK\x03\x04") and b"word/" in data[:4096]:
        return "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    return next((kind for magic, kind in _MAGIC if data.startswith(magic)), "application/octet-stream")


class FileStore:
    """`root` is made when the first file is kept."""

    def __init__(self, root: Path | str):
        self.root = Path(root)

    def path(self, sha256: str) -> Path:
        return self.root / sha256[:2] / sha256

    def keep(self, data: bytes) -> Kept:
        """Durable before it returns; the same bytes are kept once."""
        digest = hashlib.sha256(data).hexdigest()
        place = self.path(digest)
        if not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            half = place.with_name(f".{digest}.{secrets.token_hex(4)}")
            with open(half, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(half, place)
            _sync_directory(place.parent)
        return Kept(digest, len(data), media_type(data))

    def read(self, sha256: str) -> bytes:
        """Raises FileNotFoundError; ValueError when the bytes are not those that were kept."""
        data = self.path(sha256).read_bytes()
        if hashlib.sha256(data).hexdigest() != sha256:
            raise ValueError(f"file {sha256} does not hold the bytes that were kept")
        return data

    def fetch(self, sha256: str) -> bytes | None:
        """What was kept under a digest, or None."""
        try:
            return self.read(sha256)
        except FileNotFoundError:
            return None

    def record(
        self, conn: Connection, file_id: str, case_id: str, person: str, name: str, kept: Kept, now: int
    ) -> FileRow:
        """A chore of the writer."""
        row = FileRow(file_id, case_id, person, name[:200], kept.media_type, kept.size, kept.sha256, now)
        conn.execute(insert(files).values(**{c.name: getattr(row, c.name) for c in files.c}))
        return row


def _sync_directory(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def row(conn: Connection, file_id: str) -> FileRow | None:
    found = conn.execute(select(files).where(files.c.id == file_id)).first()
    return FileRow(*found) if found else None


def of_case(conn: Connection, case_id: str) -> list[FileRow]:
    return [FileRow(*row) for row in _OF_CASE.all(conn, case_id=case_id)]
