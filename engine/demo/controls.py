"""The demo's clock as a page moves it: forward only, everything due on the way at its own instant, mails and documents too."""

from __future__ import annotations

import asyncio
import threading
from typing import Any

from engine.core.events import instant
from engine.store import ledger

ROUND = 60.0  # seconds that one round of the worker may take


class Controls:
    """`worker` runs on `loop`; pages call from other threads. One move at a time."""

    def __init__(self, engine: Any, worker: Any, loop: asyncio.AbstractEventLoop):
        self.engine, self.worker, self.loop = engine, worker, loop
        self._lock = threading.Lock()

    def now(self) -> int:
        return int(self.engine.clock())

    def advance(self, to: int) -> list[dict[str, Any]]:
        """What happened on the way: `{at, case, reference, title, type, from, to, notices}` in order."""
        with self._lock:
            happened: list[dict[str, Any]] = []
            due: int | None = None
            while (due := self.engine.next_at(due)) is not None and due <= to:  # a case that is stuck is passed
                self.engine.clock.advance(due)
                happened += self._one(due)
                self._round()
            self.engine.clock.advance(to)
            self._round()
            return happened

    def _one(self, due: int) -> list[dict[str, Any]]:
        """Let the clock act at one instant; the events that came of it."""
        with self.engine.snapshot() as snap:
            waiting = {row.case_id: snap.case(row.case_id) for row in _due(snap.conn, due)}
        self.engine.tick(self.now())
        found = []
        with self.engine.snapshot() as snap:
            for case_id, before in waiting.items():
                after = snap.case(case_id)
                if before is None or after is None:
                    continue
                for seq in range(before.seq + 1, after.seq + 1):
                    event = ledger.event(snap.conn, case_id, seq)
                    if event is not None and event.type != "link.issued":
                        found.append(_told(event.parsed(), after))
        return found

    def _round(self) -> None:
        asyncio.run_coroutine_threadsafe(self.worker.kick(), self.loop).result(ROUND)


def _due(conn: Any, at: int) -> list[Any]:
    from engine.store import deadlines

    return list(deadlines.due(conn, at, 1000))


def _told(body: dict[str, Any], case: Any) -> dict[str, Any]:
    return {
        "at": instant(body["at"]),
        "case": case.id,
        "reference": case.reference,
        "title": case.facts.get("title", ""),
        "type": body["type"],
        "from": body.get("from", ""),
        "to": body.get("to", ""),
        "notices": [item["notice"] for item in body.get("notices", []) if not item.get("quiet")],
    }
