"""A site for one scenario: the real engine on a real database, on a clock that only the scenario moves.

Nothing is imitated but time: people act through minted links, the clock acts through `tick`, mails are the rows of the
outbox. So what a scenario sees is what an official would.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.core.case import Case
from engine.core.events import instant
from engine.service import Answers, Engine, Receipt


class StageClock:
    """Microseconds UTC, moved by hand, never backwards."""

    def __init__(self, now: int = 0):
        self.now = now

    def __call__(self) -> int:
        return self.now

    def set(self, now: int) -> None:
        self.now = max(self.now, now)


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail owed: instant µs UTC, notice, person, whether it is a copy, whether it is marked urgent."""

    at: int
    notice: str
    person: str
    copy: bool = False
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Paper:
    at: int
    document: str


class Stage:
    """Moves the clock and lets people act. `off` keeps the server down: the clock moves and nothing happens."""

    def __init__(self, engine: Engine, clock: StageClock):
        self.engine, self.clock, self.off = engine, clock, False
        self.tokens: dict[tuple[str, str], str] = {}  # (case, person) -> the link of the last task mail

    def at(self, moment: datetime) -> int:
        """A local wall time as µs UTC."""
        calendar = self.engine.library.calendar
        return calendar.instant(moment.replace(tzinfo=calendar.zone))

    def advance(self, to: int) -> None:
        """Run the clock to `to`; everything due on the way happens at its own instant."""
        while not self.off:
            due = self.engine.next_at()
            if due is None or due > to:
                break
            self.clock.set(due)
            self.engine.tick(self.clock.now)
        self.clock.set(to)

    def switch(self, off: bool) -> None:
        """Stop or start the server; what was missed happens at the start."""
        self.off = off
        if not off:
            self.engine.tick(self.clock.now)

    def open(self, workflow: str, person: str) -> str:
        return self.engine.open(workflow, person, auth="cli").case

    def act(self, case_id: str, person: str, answers: Answers) -> Receipt:
        """One act through a fresh link. Raises Refused or Conflict."""
        minted = self.engine.mint(case_id, person, via="cli", action=answers.action)
        return self.engine.decide(minted.token, answers)

    def remember_links(self, case_id: str) -> None:
        """Mint the links that the mails of this moment would carry, for scenarios that use an old one later."""
        for grant in self.case(case_id).live_grants():
            if grant.kind == "step" and (case_id, grant.person) not in self.tokens:
                self.tokens[case_id, grant.person] = self.engine.mint(
                    case_id, grant.person, via="mail", grant=grant.id
                ).token

    def case(self, case_id: str) -> Case:
        with self.engine.snapshot() as snap:
            found = snap.case(case_id)
        assert found is not None
        return found

    def events(self, case_id: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        with self.engine.snapshot() as snap:
            return snap.history(case_id)

    def mails(self, case_id: str, after: int) -> list[Mail]:
        """Mails owed by events after sequence number `after`."""
        return [mail for body, _ in self.events(case_id) if body["seq"] > after for mail in self._owed(body)]

    def _owed(self, body: dict[str, Any]) -> list[Mail]:
        found = []
        for item in body.get("notices", []):
            if item.get("quiet"):
                continue
            urgent = bool(item.get("urgent"))
            for copy, people in ((False, item.get("to", [])), (True, item.get("cc", []))):
                found += [Mail(instant(body["at"]), item["notice"], person, copy, urgent) for person in people]
        return found

    def papers(self, case_id: str, after: int) -> list[Paper]:
        return [
            Paper(instant(body["at"]), item["id"])
            for body, _ in self.events(case_id)
            if body["seq"] > after
            for item in body.get("documents", [])
        ]
