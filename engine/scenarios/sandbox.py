"""A site for one scenario: the real engine on a real database, on a clock that only the scenario moves.

Nothing is imitated but time: people act through minted links, the clock acts through `tick`, files are stored, registers
imported and workflows published as on any site. So what a scenario sees is what an official would.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from engine.config.site import SiteSetup
from engine.core.case import Case
from engine.core.events import instant
from engine.core.evolve import replay
from engine.definitions.loader import Loaded
from engine.service import Answers, Engine, LinkPage, Receipt
from engine.service.opening import open_engine
from engine.service.publishing import import_register, publish, set_people
from engine.store import refusals, registers

ADMIN = "scenario"
_PDF = b"%PDF-1.4\n% made for a scenario: "


class SandboxClock:
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
    issuer: str = ""


class Sandbox:
    """Moves the clock and lets people act. `off` keeps the server down: the clock moves and nothing happens."""

    def __init__(self, engine: Engine, clock: SandboxClock):
        self.engine, self.clock, self.off = engine, clock, False
        self.links: dict[str, str] = {}  # name -> token of a mailed link that was kept

    def advance(self, to: int) -> None:
        """Run the clock to `to`; everything due on the way happens at its own instant."""
        due: int | None = None
        while not self.off:
            due = self.engine.next_at(due)
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

    # -- what people do

    def open(self, workflow: str, person: str) -> str:
        """Raises Refused."""
        return self.engine.open(workflow, person, auth="cli").case

    def save(self, case: str, person: str, values: dict[str, Any], grounds: dict[str, dict[str, Any]]) -> None:
        """Keep edits as a draft. Raises Refused."""
        self.engine.save_draft(case, person, values, grounds, self.engine.draft(case, person).version)

    def act(self, case: str, person: str, answers: Answers, *, link: str = "", address: str = "") -> Receipt:
        """One act through a fresh link, or through one that was kept. Raises Refused or Conflict."""
        client = {"address": address} if address else None
        token = self.links[link] if link else self.engine.mint(case, person, via="cli", action=answers.action).token
        return self.engine.decide(token, answers, client=client)

    def keep(self, name: str, case: str, person: str) -> None:
        """The link that the person's task mail carries now. Raises Refused when the person has no task."""
        grant = next((g for g in self.case(case).live_grants() if g.person == person), None)
        held = grant.id if grant else ""
        self.links[name] = self.engine.mint(case, person, via="mail", grant=held or "none").token

    def look(self, link: str) -> LinkPage:
        return self.engine.look(self.links[link])

    def upload(self, case: str, person: str, name: str) -> str:
        """Hand in a small file of this name; its id."""
        return str(self.engine.attach(case, person, name, _PDF + name.encode() + b"\n%%EOF\n").id)

    # -- what the site knows

    def publish(self, loaded: Loaded) -> int:
        return publish(self.engine, loaded, ADMIN).version

    def know(self, register: str, rows: list[dict[str, Any]]) -> None:
        """Rows that enter a register beside those it has."""
        import_register(self.engine, register, rows, ADMIN, "add")

    # -- what came of it

    def case(self, case: str) -> Case:
        with self.engine.snapshot() as snap:
            found = snap.case(case)
        assert found is not None
        return found

    def case_at(self, case: str, at: int) -> Case | None:
        """The case as it was recorded until `at`."""
        events = [(body, values) for body, values in self.events(case) if instant(body["rec"]) <= at]
        return replay(events) if events else None

    def events(self, case: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        with self.engine.snapshot() as snap:
            return snap.history(case)

    def rows(self, case: str, register: str) -> list[dict[str, Any]]:
        """Rows of a register that this case shows."""
        with self.engine.snapshot() as snap:
            return [row for _, _, row in registers.entries(snap.conn, register, case)]

    def refusals(self, case: str) -> list[Any]:
        self.engine.writer.chore(lambda conn: None).result()  # a refusal is written behind the answer
        with self.engine.snapshot() as snap:
            return list(refusals.of_case(snap.conn, case))

    def close(self) -> None:
        self.engine.close()


@contextmanager
def sandbox(setup: SiteSetup, url: str, folder: Path, start: int) -> Iterator[Sandbox]:
    """A site of its own in an empty database, its clock at `start`; files and keys below `folder`."""
    clock = SandboxClock(start)
    settings = replace(
        setup.settings,
        database_url=url,
        data=folder,
        files=replace(setup.settings.files, dir=folder / "files"),
        keys=replace(setup.settings.keys, signing=folder / "engine.key", secret=folder / "site.secret"),
    )
    engine = open_engine(replace(setup, settings=settings), clock=clock)
    try:
        set_people(engine, setup.directory, ADMIN)
        yield Sandbox(engine, clock)
    finally:
        engine.close()


def mails(events: list[tuple[dict[str, Any], dict[str, Any]]]) -> list[Mail]:
    """Mails that events owe; rungs overtaken by a higher one mail nothing."""
    found = []
    for body, _ in events:
        for item in body.get("notices", []):
            if item.get("quiet"):
                continue
            urgent = bool(item.get("urgent"))
            for copy, people in ((False, item.get("to", [])), (True, item.get("cc", []))):
                found += [Mail(instant(body["at"]), item["notice"], person, copy, urgent) for person in people]
    return found


def papers(events: list[tuple[dict[str, Any], dict[str, Any]]]) -> list[Paper]:
    return [
        Paper(instant(body["at"]), item["id"], item.get("issuer", ""))
        for body, _ in events
        for item in body.get("documents", [])
    ]
