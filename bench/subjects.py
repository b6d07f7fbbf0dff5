"""What is measured: the whole engine on the six-step workflow, and a decision on a delegation of nine.

`prepare` makes what a slice needs (cases, minted links) outside the measured time; `run` decides for some seconds with
some clients (threads) and gives the seconds each decision took and the time of the whole.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine.core.calendar import Calendar
from engine.core.directory import Body, Directory, Person, Seat
from engine.core.world import Site
from engine.definitions.loader import load_file
from engine.definitions.site import SiteNames
from engine.service import Answers, Engine
from engine.service.library import Library
from engine.service.publishing import open_log, publish, set_people
from engine.store.database import Database
from engine.store.migrations.run import upgrade

HERE = Path(__file__).parent
Work = tuple[str, Answers]


class Linear:
    """Cases of `linear.toml`; each slice approves one step of each of its cases."""

    def __init__(self, url: str):
        people = {name: Person(name, name, f"{name}@example.vn", "office") for name in ("author", "holder", "head")}
        seats = (
            Seat("office", "clerk", "author", id="office.clerk"),
            Seat("office", "decide", "holder", id="office.decide"),
            Seat("office", "head", "head", id="office.head"),
        )
        directory = Directory({"office": Body("office", vi="Văn phòng", en="Office")}, people, seats)
        names = SiteNames(directory, Site())
        database = Database.open(url)
        upgrade(database)
        self.engine = Engine(
            database,
            Library(Site(), Calendar(), names, lambda document: ""),
            key=Ed25519PrivateKey.generate(),
            clock=lambda: time.time_ns() // 1000,
            base_url="http://localhost",
        )
        open_log(self.engine)
        set_people(self.engine, directory, "bench")
        publish(self.engine, load_file(HERE / "linear.toml", names), "bench")
        self._cases: deque[str] = deque()

    def prepare(self, count: int) -> list[Work]:
        """Links of `count` tasks, one of a case each."""
        while len(self._cases) < count:
            case = self.engine.open("linear", "author").case
            self.engine.decide(self._token(case, "author", "submit"), Answers("submit", values={"amount": 5}))
            self._cases.append(case)
        cases = [self._cases.popleft() for _ in range(count)]
        return [(self._token(case, "holder", "approve"), Answers("approve")) for case in cases]

    def keep(self, done: list[Any]) -> None:
        self._cases.extend(receipt.case for receipt in done if receipt.state != "DONE")

    def _token(self, case: str, person: str, action: str) -> str:
        return self.engine.mint(case, person, via="cli", action=action).token


class Nine:
    """The Organization Board's opinion on a delegation of nine, all rules judged: printed beside, without a goal."""

    def __init__(self, url: str, folder: Path):
        from tests.support.delegation import Desk, agreed

        self.desk = Desk(url, folder)
        self.engine: Engine = self.desk.engine
        self._answers = Answers("give_opinion", columns=agreed())

    def prepare(self, count: int) -> list[Work]:
        found = []
        for _ in range(count):
            case = self.desk.submitted()
            self.desk.act(case, "F21", "forward", values={"sensitive": False})
            found.append((self.engine.mint(case, "F12", via="cli", action="give_opinion").token, self._answers))
        return found

    def keep(self, done: list[Any]) -> None: ...


def run(engine: Engine, works: list[Work], clients: int, seconds: float) -> tuple[int, float, list[float], list[Any]]:
    """(decisions, seconds in all, seconds of each, receipts)."""
    queue, taken = iter(works), threading.Lock()
    spent: list[float] = []
    done: list[Any] = []
    gate = threading.Barrier(clients + 1)
    end = [0.0]

    def client() -> None:
        gate.wait()
        while time.perf_counter() < end[0]:
            with taken:
                work = next(queue, None)
            if work is None:
                return
            start = time.perf_counter()
            receipt = engine.decide(work[0], work[1])
            spent.append(time.perf_counter() - start)
            done.append(receipt)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    start = time.perf_counter()
    end[0] = start + seconds
    gate.wait()
    for thread in threads:
        thread.join()
    return len(spent), time.perf_counter() - start, spent, done
