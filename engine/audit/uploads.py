"""Whether the files of a case are still those its events name: the row of each upload, and the bytes below its hash."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from engine.audit.chain import Entry
from engine.audit.report import Findings
from engine.store.files import FileRow

MISSING, OTHER = "document-missing", "document-hash"


class Bytes:
    """Reads each kept file once per run. `read` raises OSError when it is gone, ValueError when it holds other bytes."""

    def __init__(self, read: Callable[[str], bytes] | None):
        self._read = read  # none: this run has no folder of files
        self._seen: dict[str, str] = {}

    def wrong(self, sha256: str) -> str:
        """The finding about the bytes kept under a hash, "" when they are right."""
        if self._read is None:
            return ""
        if sha256 not in self._seen:
            try:
                self._read(sha256)
                self._seen[sha256] = ""
            except OSError:
                self._seen[sha256] = MISSING
            except ValueError:
                self._seen[sha256] = OTHER
        return self._seen[sha256]


def check(entries: list[Entry], rows: Callable[[], Mapping[str, FileRow]], kept: Bytes, findings: Findings) -> None:
    """Every upload an event brought in, against its row and its bytes. A hash that was erased says nothing any more."""
    found: Mapping[str, FileRow] | None = None
    for entry in entries:
        hashes = entry.values.get("files") or {}
        for item in entry.body.get("files") or ():
            sha256 = hashes.get(item["id"], "")
            if not sha256:
                continue
            found = rows() if found is None else found
            _one(entry.row.seq, item, sha256, found.get(item["id"]), kept, findings)


def _one(seq: int, item: Mapping[str, Any], sha256: str, row: FileRow | None, kept: Bytes, findings: Findings) -> None:
    name = f"the file {item['id']} that was handed in"
    if row is None:
        findings.add(seq, MISSING, f"the row of {name} is gone")
    elif (row.sha256, row.size, row.media_type) != (sha256, item["size"], item["media_type"]):
        findings.add(seq, OTHER, f"the row of {name} names other bytes than the event")
    wrong = kept.wrong(sha256)
    if wrong:
        findings.add(seq, wrong, f"{name} is gone" if wrong == MISSING else f"{name} holds other bytes now")
