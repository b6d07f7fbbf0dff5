"""Definitions, directory and calendar the engine works with: loaded once, found again by their digest."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from engine.core.calendar import Calendar
from engine.core.directory import Directory
from engine.core.model import Definition
from engine.core.world import Site
from engine.definitions.loader import load_bytes
from engine.store import definitions, people


class Library:
    """Caches of immutable things. Published bytes never change, so a definition is parsed once per process."""

    def __init__(self, site: Site, calendar: Calendar, site_files: Any, template: Callable[[str], str]):
        self.site, self.calendar, self.site_files, self.template = site, calendar, site_files, template
        self._definitions: dict[tuple[str, int], Definition] = {}
        self._directory: Directory | None = None
        self._lock = threading.Lock()

    def pinned(self, conn: Any, name: str, version: int) -> Definition:
        """Raises KeyError when that version was never published here."""
        found = self._definitions.get((name, version))
        if found is None:
            files, main = definitions.files(conn, name, version)
            loaded = load_bytes(files, main, self.site_files, version=version, check=False)
            with self._lock:
                found = self._definitions.setdefault((name, version), loaded)
        return found

    def know(self, definition: Definition) -> None:
        """A definition that was just read from the very bytes published as its version: it need not be read again."""
        self._definitions.setdefault((definition.name, definition.version), definition)

    def active(self, conn: Any, name: str) -> Definition | None:
        version = definitions.active(conn, name)
        return self.pinned(conn, name, version) if version else None

    def names(self, conn: Any) -> list[str]:
        return definitions.names(conn)

    def directory(self, conn: Any) -> Directory:
        """The directory of the last `people.changed`, read again when its version moved."""
        version = people.version(conn)
        found = self._directory
        if found is None or found.version != version:
            found = people.directory(conn)
            self._directory = found
        return found
