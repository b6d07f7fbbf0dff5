"""Jumps of the machine's clock, and when the clock is believed again (reliability.md 2.3).

The wall clock is compared with the monotonic one. Behind means late, never early, and needs nothing. A jump ahead of
more than an hour may be a mistake that would lapse every case: moves by date wait until two looks a minute apart agree
with what the database knows about the time. Reminders do not wait.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.store import now as known
from engine.store.database import Database
from engine.store.views import reading

DRIFT = 5.0  # seconds between two looks that are no drift any more
AHEAD = 3600.0
APART = 60.0
SERVER = 60_000_000  # µs by which this machine may differ from the database server
SILENCE = 31 * 86_400_000_000  # µs after the last event that an embedded database believes


@dataclass(frozen=True, slots=True)
class Jump:
    """`seconds` is how far the wall clock moved against the monotonic one; `before`, `after` are µs UTC."""

    seconds: float
    before: int
    after: int


class ClockGuard:
    """`wall` gives µs UTC, `monotonic` seconds."""

    def __init__(self, database: Database, wall: Callable[[], int], monotonic: Callable[[], float]):
        self.database, self._wall, self._monotonic = database, wall, monotonic
        self._seen = (wall(), monotonic())
        self._agreed: float | None = None
        self.holding = False

    def look(self) -> Jump | None:
        """A jump since the last look."""
        wall, monotonic = self._wall(), self._monotonic()
        expected = self._seen[0] + round((monotonic - self._seen[1]) * 1_000_000)
        self._seen = (wall, monotonic)
        seconds = (wall - expected) / 1_000_000
        if abs(seconds) <= DRIFT:
            return None
        if seconds > AHEAD:
            self.holding = True
        self._agreed = None
        return Jump(seconds, expected, wall)

    def sweep(self) -> bool:
        """Called at every sweep: whether moves by date are still held."""
        if not self.holding:
            return False
        if not self._agree():
            self._agreed = None
        elif self._agreed is None:
            self._agreed = self._monotonic()
        elif self._monotonic() - self._agreed >= APART:
            self.holding, self._agreed = False, None
        return self.holding

    def _agree(self) -> bool:
        with reading(self.database) as conn:
            server, last = known.server_now(conn), known.last_recorded(conn)
        now = self._wall()
        if server is not None:
            return abs(server - now) <= SERVER
        return now <= last + SILENCE
