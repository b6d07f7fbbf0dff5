"""Where `now` comes from: the machine's clock, or a demo site's, which only moves forward. Microseconds UTC."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path


def wall() -> int:
    return time.time_ns() // 1000


class DemoClock:
    """The machine's clock and what it was moved forward; the offset is kept in a small file beside the database."""

    def __init__(self, path: Path):
        self._path, self._lock = path, threading.Lock()
        try:
            self._offset = int(path.read_text("ascii"))
        except (OSError, ValueError):
            self._offset = 0

    def __call__(self) -> int:
        return wall() + self._offset

    def advance(self, to: int) -> int:
        """Move to `to`, never backwards; the time it is then."""
        with self._lock:
            ahead = to - self()
            if ahead > 0:
                self._offset += ahead
                half = self._path.with_name(self._path.name + ".new")
                half.write_text(str(self._offset), "ascii")
                os.replace(half, self._path)
            return self()
