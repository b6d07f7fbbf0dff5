"""A site in a browser's reach: the real engine on a real database, its pages asked through ASGI."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from engine.core.events import instant
from engine.store import views
from engine.web.app import create_app
from engine.web.running import Running
from tests.support.delegation import Clock, Desk, agreed, site

BASE = "http://127.0.0.1:8000"


class HandClock(Clock):
    """The desk's clock with the movement of the demo's."""

    def advance(self, to: int) -> int:
        self.now = max(self.now, to)
        return self.now


@dataclass
class Moves:
    """The demo's controls without its worker: everything due on the way happens, no mail is sent."""

    desk: Desk

    def now(self) -> int:
        return self.desk.clock()

    def advance(self, to: int) -> list[dict[str, Any]]:
        engine, clock, happened = self.desk.engine, self.desk.clock, []
        while (due := engine.next_at()) is not None and due <= to:
            clock.now = max(clock.now, due)
            before = {row.id: row.seq for row in self._cases()}
            engine.tick()
            for row in self._cases():
                for body, _ in self.desk.history(row.id):
                    if body["seq"] > before[row.id]:
                        happened.append(told(row, body))
        clock.now = max(clock.now, to)
        return happened

    def _cases(self) -> list[views.CaseRow]:
        with self.desk.engine.snapshot() as snap:
            return views.cases(snap.conn, limit=1000)[0]


def told(row: views.CaseRow, body: dict[str, Any]) -> dict[str, Any]:
    names = {
        "from": body.get("from", ""),
        "to": body.get("to", ""),
        "type": body["type"],
        "notices": body.get("notices", []),
    }
    return {"at": instant(body["at"]), "case": row.id, "reference": row.reference, "title": row.title, **names}


@dataclass
class Web:
    """A desk and its pages. `mailed` holds the sign-in links that were sent: (person, url)."""

    desk: Desk
    app: Any
    running: Running
    mailed: list[tuple[str, str]] = field(default_factory=list)
    case: str = ""

    def client(self, **more: Any) -> TestClient:
        return TestClient(self.app, base_url=BASE, follow_redirects=False, raise_server_exceptions=False, **more)

    def mint(self, case: str, person: str) -> str:
        """The token of the task a person holds."""
        grant = next(g for g in self.desk.case(case).live_grants() if g.person == person)
        return self.desk.engine.mint(case, person, via="mail", grant=grant.id).token

    def mint_kind(self, case: str, person: str, kind: str) -> str:
        """The token of a task of one kind: a person may hold a step and a confirmation at once."""
        grant = next(g for g in self.desk.case(case).live_grants() if (g.person, g.kind) == (person, kind))
        return self.desk.engine.mint(case, person, via="mail", grant=grant.id).token

    def signed_in(self, person: str) -> TestClient:
        """A client that signed in with a mailed link."""
        client = self.client()
        address = site().directory.people[person].mail
        client.post("/sign-in", data={"mail": address}, headers=SAME)
        who, url = self.mailed[-1]
        assert who == person
        answer = client.post("/sign-in/enter", data={"token": url.rsplit("/", 1)[1]}, headers=SAME)
        assert answer.status_code == 303, answer.text
        return client


SAME = {"Sec-Fetch-Site": "same-origin"}


def decision_of_a_committee(desk: Desk, **changes: Any) -> str:
    """A proposal that the Standing Committee's clerk F13 decides on."""
    desk.clock.to("2022-05-04 09:00")
    case = desk.submitted(**changes)
    desk.act(case, "F21", "forward", "2022-05-06", values={"sensitive": False})
    opinions = {w.key: "AGREE" for w in desk.case(case).waivers.values()}
    count = len(desk.case(case).facts["members"])
    desk.act(case, "F12", "give_opinion", "2022-05-12", columns=agreed(count), opinions=opinions)
    return case


@pytest.fixture
def make_web(tmp_path: Path) -> Iterator[Callable[..., Web]]:
    """Sites of one test. `folder` is one that is filled already."""
    made: list[Web] = []

    def make(url: str = "", folder: Path | None = None, now: str = "2022-05-04 08:00", **more: Any) -> Web:
        ready = folder is not None
        folder = folder or tmp_path / f"site{len(made)}"
        folder.mkdir(exist_ok=True)
        clock = HandClock(now)
        desk = Desk(url or f"sqlite:///{folder}/trinh.db", folder, clock=clock, fill=not ready, warm=ready, **more)
        mailed: list[tuple[str, str]] = []
        running = Running(
            desk.engine,
            desk.setup,
            clock=clock,
            demo=Moves(desk),
            mail_sign_in=lambda person, url, lang: mailed.append((person.id, url)),
        )
        web = Web(desk, create_app(running), running, mailed)
        made.append(web)
        return web

    yield make
    for web in made:
        web.desk.close()


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A site with one case that waits for the Standing Committee, made once and copied by each test."""
    folder = tmp_path_factory.mktemp("prepared")
    desk = Desk(f"sqlite:///{folder}/trinh.db", folder, clock=HandClock())
    case = decision_of_a_committee(desk)
    desk.close()
    return folder, case


@pytest.fixture
def web(make_web: Callable[..., Web], prepared: tuple[Path, str], tmp_path: Path) -> Web:
    """`web.case` waits for F13, who records what the Standing Committee decides, since 2022-05-12 09:00."""
    folder = tmp_path / "copy"
    shutil.copytree(prepared[0], folder)
    web = make_web(folder=folder, now="2022-05-12 09:00")
    web.case = prepared[1]
    return web
