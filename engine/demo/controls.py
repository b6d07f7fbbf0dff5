"""Moving a demo's clock: from one instant that is due to the next, so that each happens at its own time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from engine.core.events import instant
from engine.service import Engine
from engine.store import views

MOST = 400 * 86_400_000_000  # µs; one move goes no further
LISTED = 10_000  # cases looked at for what happened


class Movable(Protocol):
    """A clock that can be moved forward (`engine.service.clocks.DemoClock`)."""

    def __call__(self) -> int: ...

    def advance(self, to: int) -> int: ...


class Demo:
    """The controls of the page /clock."""

    def __init__(self, engine: Engine, clock: Movable, mail: Callable[[], Any] | None = None):
        """`mail`: sends what is owed by now; called after each instant."""
        self.engine, self.clock, self.mail = engine, clock, mail

    def now(self) -> int:
        return self.clock()

    def advance(self, to: int) -> list[dict[str, Any]]:
        """What happened on the way, in order: `{at, case, reference, type, from, to, action, seq}`."""
        start = self.clock()
        to = min(to, start + MOST)
        happened: list[dict[str, Any]] = []
        while True:
            due = self.engine.next_at()
            if due is None or due > to:
                break
            before = self._heads()
            self.clock.advance(due)
            fired = self.engine.tick(self.clock())
            happened += self._since(before)
            self._send()
            if not fired:
                break
        self.clock.advance(to)
        self._send()
        return happened

    def _send(self) -> None:
        if self.mail is not None:
            self.mail()

    def _heads(self) -> dict[str, int]:
        with self.engine.snapshot() as snap:
            return {row.id: row.seq for row in views.cases(snap.conn, limit=LISTED)[0]}

    def _since(self, before: dict[str, int]) -> list[dict[str, Any]]:
        found = []
        with self.engine.snapshot() as snap:
            for row in views.cases(snap.conn, limit=LISTED)[0]:
                if row.seq == before.get(row.id):
                    continue
                for body, _ in snap.history(row.id):
                    if body["seq"] > before.get(row.id, 0) and body["actor"].get("kind") == "timer":
                        found.append(
                            {
                                "at": instant(body["at"]),
                                "case": row.id,
                                "reference": row.reference,
                                "title": row.title,
                                "type": body["type"],
                                "from": body.get("from", ""),
                                "to": body.get("to", ""),
                                "notices": [n["notice"] for n in body.get("notices", []) if not n.get("quiet")],
                            }
                        )
        return sorted(found, key=lambda item: item["at"])
