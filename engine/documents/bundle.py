"""The files a document is printed with, held together by one digest.

A bundle is the document's own template, everything shared (files whose name begins with `_`) and the fonts. Its digest is
the SHA-256 of a manifest that lists path and SHA-256 of each file, so an issued document names the very bytes it was printed
with: they are stored once per hash and found again years later, whatever `templates/` says by then.
"""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

FOLDER = "documents"
FONTS = "fonts"
PLAIN = "_letter.html"  # what a document without a template of its own is printed with
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,79}")
SUFFIXES = (".html", ".css", ".toml", ".ttf", ".svg", ".png")
MAX_FILE = 4 * 1024 * 1024


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class Bundle:
    """`files` maps a path below templates/ (`documents/D-06.html`) to its bytes; `main` is the template to print."""

    main: str
    files: Mapping[str, bytes]

    @cached_property
    def hashes(self) -> dict[str, str]:
        return {path: sha256(data) for path, data in sorted(self.files.items())}

    @cached_property
    def manifest(self) -> bytes:
        """The bytes that are hashed: JSON, sorted, one line."""
        return json.dumps({"main": self.main, "files": self.hashes}, sort_keys=True, separators=(",", ":")).encode()

    @cached_property
    def digest(self) -> str:
        return sha256(self.manifest)

    @property
    def blobs(self) -> dict[str, bytes]:
        """SHA-256 -> bytes of every file and of the manifest: what is stored."""
        return {self.digest: self.manifest, **{self.hashes[path]: data for path, data in self.files.items()}}


def restore(digest: str, fetch: Callable[[str], bytes | None]) -> Bundle:
    """The bundle of then. Raises LookupError when bytes are missing or are not what their hash says."""
    listed = json.loads(_whole(digest, fetch))
    return Bundle(listed["main"], {path: _whole(one, fetch) for path, one in listed["files"].items()})


def _whole(digest: str, fetch: Callable[[str], bytes | None]) -> bytes:
    data = fetch(digest)
    if data is None or sha256(data) != digest:
        raise LookupError(f"template bytes {digest[:12]} are not stored")
    return data


class Templates:
    """The folder `templates/` of a site. Reads its files again when one of them changed."""

    def __init__(self, root: Path):
        self.root = root
        self._lock = threading.Lock()
        self._seen: tuple[tuple[str, int, int], ...] = ()
        self._files: dict[str, bytes] = {}
        self._bundles: dict[str, Bundle] = {}

    def state(self) -> tuple[tuple[str, int, int], ...]:
        """Changes when a file changes."""
        with self._lock:
            self._refresh()
            return self._seen

    def names(self) -> frozenset[str]:
        """Ids of documents that have a template of their own."""
        return frozenset(
            path.stem for path in (self.root / FOLDER).glob("*.html") if not path.name.startswith("_") and _fits(path)
        )

    def bundle(self, document: str) -> Bundle:
        """What `document` is printed with now. Raises LookupError for a folder without the plain letter."""
        with self._lock:
            self._refresh()
            if document not in self._bundles:
                self._bundles[document] = self._gather(document)
            return self._bundles[document]

    def digest(self, document: str) -> str:
        """The digest an event carries for a document it issues."""
        return self.bundle(document).digest

    def _gather(self, document: str) -> Bundle:
        own = f"{FOLDER}/{document}.html"
        main = own if NAME.fullmatch(document) and own in self._files else f"{FOLDER}/{PLAIN}"
        if main not in self._files:
            raise LookupError(f"{self.root / main}: there is no such template")
        shared = {
            path: data
            for path, data in self._files.items()
            if path.startswith((f"{FOLDER}/_", f"{FONTS}/")) or path == main
        }
        return Bundle(main, shared)

    def _refresh(self) -> None:
        found = [path for folder in (FOLDER, FONTS) for path in sorted((self.root / folder).glob("*")) if _fits(path)]
        seen = tuple((str(path), path.stat().st_mtime_ns, path.stat().st_size) for path in found)
        if seen != self._seen:
            self._files = {f"{path.parent.name}/{path.name}": path.read_bytes() for path in found}
            self._bundles = {}
            self._seen = seen


def _fits(path: Path) -> bool:
    """A plain file of a known kind: no folder, no link that leads elsewhere, no giant."""
    return (
        path.suffix in SUFFIXES
        and NAME.fullmatch(path.name) is not None
        and not path.is_symlink()
        and path.is_file()
        and path.stat().st_size <= MAX_FILE
    )
