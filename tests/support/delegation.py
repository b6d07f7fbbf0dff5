"""The outgoing delegation on a real engine and database: a clock moved by hand, people who act through minted links."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from dataclasses import replace
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from engine.config.site import SiteSetup, load_site
from engine.core.case import Case
from engine.definitions.loader import Loaded, load_file
from engine.service import Answers, Engine, Receipt
from engine.service.opening import open_engine
from engine.service.publishing import import_register, publish, set_people
from engine.store import definitions

ROOT = Path(__file__).resolve().parents[2]
WORKFLOW = "delegation-out"
FILLED = "2022-05-04 08:00"
LETTER = {"number": "462/BNG-CV-m", "date": "2022-03-01", "outcome": "Đồng ý", "file": None}
MEMBERS = ("F01", "F02", "F04", "F09", "F06", "F10", "F11", "F08", "F20")


@cache
def site() -> SiteSetup:
    return load_site(ROOT / "config.toml")


@cache
def workflow() -> Loaded:
    return load_file(ROOT / "workflows" / f"{WORKFLOW}.toml", site().names)


def moment(text: str) -> int:
    """`2022-05-04 09:00` local as µs UTC."""
    day, _, clock = text.partition(" ")
    return site().calendar.at(date.fromisoformat(day), f"{clock or '09:00'}:00")


class Clock:
    def __init__(self, text: str = FILLED):
        self.now = moment(text)

    def __call__(self) -> int:
        return self.now

    def to(self, text: str) -> None:
        self.now = max(self.now, moment(text))


@cache
def filled() -> Path:
    """The folder of a site with its people, workflow and registers since 2022-05-04 08:00 and no case: made once a
    process, copied by every desk that wants such a site on SQLite."""
    folder = Path(tempfile.mkdtemp(prefix="trinh-filled-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    desk = Desk(f"sqlite:///{folder}/trinh.db", folder, fill=False)
    fill_in(desk.engine)
    desk.close()
    return folder


class Desk:
    """One site. `act` mints a link for the person and decides with it.

    `fill`: with people, workflow and registers. `warm`: the engine knows the published workflow without reading it again;
    a desk opened on what is there already is cold otherwise, as after a restart.
    """

    def __init__(
        self,
        url: str,
        folder: Path,
        *,
        fill: bool = True,
        warm: bool = False,
        setup: SiteSetup | None = None,
        **more: Any,
    ):
        self.clock = more.pop("clock", None) or Clock()
        self.uploads: dict[tuple[str, str], str] = {}
        copied = fill and setup is None and self.clock() >= moment(FILLED) and _empty(url, folder)
        if copied:
            shutil.copytree(filled(), folder, dirs_exist_ok=True)
        self.setup = placed(setup or site(), url, folder)
        self.engine: Engine = open_engine(self.setup, clock=self.clock, **more)
        if copied or warm:
            remember(self.engine)
        elif fill:
            fill_in(self.engine)

    def open(self, person: str = "F08") -> str:
        return self.engine.open(WORKFLOW, person).case

    def act(self, case: str, person: str, action: str, at: str = "", **given: Any) -> Receipt:
        if at:
            self.clock.to(at)
        if "values" in given:
            given["values"] = self.handed_in(case, person, given["values"])
        minted = self.engine.mint(case, person, via="page", action=action)
        return self.engine.decide(minted.token, Answers(action, **given))

    def handed_in(self, case: str, person: str, value: Any) -> Any:
        """The values with every file named `f_…` uploaded for this case."""
        if isinstance(value, dict):
            return {name: self.handed_in(case, person, item) for name, item in value.items()}
        if isinstance(value, list):
            return [self.handed_in(case, person, item) for item in value]
        if isinstance(value, str) and value in ("f_invitation", "f_report", "f_programme"):
            if (case, value) not in self.uploads:
                row = self.engine.attach(case, person, f"{value}.pdf", b"%PDF-1.4 " + value.encode())
                self.uploads[case, value] = row.id
            return self.uploads[case, value]
        return value

    def case(self, case: str) -> Case:
        with self.engine.snapshot() as snap:
            found = snap.case(case)
        assert found is not None
        return found

    def history(self, case: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        with self.engine.snapshot() as snap:
            return snap.history(case)

    def submitted(self, person: str = "F08", at: str = "2022-05-04 09:00", **changes: Any) -> str:
        case = self.open(person)
        self.act(case, person, "submit", at, values=dossier(**changes))
        return case

    def close(self) -> None:
        self.engine.close()


def placed(setup: SiteSetup, url: str, folder: Path) -> SiteSetup:
    """The site in another database, its files and keys below `folder`."""
    settings = replace(
        setup.settings,
        database_url=url,
        data=folder,
        files=replace(setup.settings.files, dir=folder / "files"),
        keys=replace(setup.settings.keys, signing=folder / "engine.key", secret=folder / "site.secret"),
    )
    return replace(setup, settings=settings)


def _empty(url: str, folder: Path) -> bool:
    """An SQLite site is to be made in this folder, and nothing of it is there."""
    return url == f"sqlite:///{folder}/trinh.db" and not any(
        (folder / name).exists() for name in ("trinh.db", "engine.key", "site.secret")
    )


def fill_in(engine: Engine) -> None:
    set_people(engine, site().directory, "test")
    publish(engine, workflow(), "test")
    know(engine)


def remember(engine: Engine) -> None:
    """Give the engine the workflow as this process has read it, where those very bytes are published."""
    with engine.snapshot() as snap:
        version = definitions.active(snap.conn, WORKFLOW)
        row = definitions.read(snap.conn, WORKFLOW, version) if version else None
    if row is not None and row.sha256 == workflow().definition.sha256:
        engine.library.know(replace(workflow().definition, version=version))


def know(engine: Engine) -> None:
    """Registers of the published scenarios."""
    item = {
        "plan_kind": "CITY",
        "plan_state": "IN_FORCE",
        "year": 2022,
        "direction": "OUT",
        "head": "F01",
        "countries": ["LA", "KH"],
        "month": 6,
        "purpose": "visit",
        "head_count": 9,
        "pm_per_trip": False,
        "title": "Viêng Chăn, Phnôm Pênh",
    }
    import_register(engine, "plan_items", [{"id": "OUT-03", **item}, {"id": "OUT-04", **item}], "test")
    permitted = {"country": "ALL", "ref": "thử/2022", "effect": "PERMITTED", "from": "2022-01-01"}
    import_register(engine, "directives", [permitted], "test")
    regions = [{"country": land, "region": "southeast_asia"} for land in ("LA", "KH")]
    import_register(engine, "regions", regions, "test")


def dossier(**changes: Any) -> dict[str, Any]:
    """S-01: nine members, headed by a Standing Committee member, on a plan item."""
    kinds = ["TRAVEL", "VISIT LA", "VISIT LA", "TRAVEL", "VISIT KH", "VISIT KH", "TRAVEL"]
    start = date(2022, 6, 6)
    return {
        "organiser": "so_ngoai_vu",
        "plan_item": "OUT-03",
        "title": "Thăm Viêng Chăn và Phnôm Pênh",
        "main_purpose": "visit",
        "purposes": ["visit"],
        "departure": "2022-06-06",
        "planned_end": "2022-06-12",
        "head": "F01",
        "secretary": "F08",
        "members": [{"person": p, "task": f"Nhiệm vụ mẫu số {n} của đoàn công tác"} for n, p in enumerate(MEMBERS, 1)],
        "itinerary": [
            {
                "date": (start + timedelta(days=n)).isoformat(),
                "kind": kind.partition(" ")[0],
                "country": kind.partition(" ")[2] or None,
                "programme": "Chương trình làm việc",
            }
            for n, kind in enumerate(kinds)
        ],
        "funding": [
            {"item": "Toàn bộ", "amount": 900_000_000, "source": "CITY_BUDGET", "payer": None, "payer_kind": "PUBLIC"}
        ],
        "invitation": {
            "inviter": "Chính quyền Viêng Chăn",
            "inviter_kind": "PUBLIC",
            "inviter_country": "LA",
            "names_individuals": False,
            "solicited": False,
            "organiser_kind": "PUBLIC",
            "document": "f_invitation",
        },
        **changes,
    }


def agreed(count: int = 9) -> dict[str, dict[int, dict[str, Any]]]:
    return {"members": {number: {"opinion": "AGREE"} for number in range(1, count + 1)}}


def report(number: str = "15/BC-SNgV") -> dict[str, Any]:
    letter = {"number": number, "date": "2022-06-20", "file": "f_report", "outcome": None}
    outcomes = [{"text": "Trao đổi đoàn nghệ thuật", "owner": "so_van_hoa_va_the_thao", "due": "2022-12-15"}]
    return {"report": letter, "outcomes": outcomes}


def travelled(desk: Desk) -> str:
    """S-01 until the report is accepted; everything the clock does on the way is done by `tick`."""
    case = desk.submitted()
    desk.act(case, "F21", "forward", "2022-05-06", values={"sensitive": False})
    desk.act(case, "F12", "give_opinion", "2022-05-12", columns=agreed())
    desk.act(case, "F13", "send_up", "2022-05-18 09:00")
    desk.act(case, "F21", "approve", "2022-05-18 10:00", values={"letter": LETTER})
    until(desk, "2022-06-20 08:30")
    desk.act(case, "F08", "hand_in", "2022-06-20 09:00", values=report())
    desk.act(case, "F21", "accept", "2022-06-23 09:00")
    return case


def until(desk: Desk, text: str) -> None:
    """Run the clock to a time; everything due on the way happens at its own instant."""
    end = moment(text)
    due: int | None = None
    while (due := desk.engine.next_at(due)) is not None and due <= end:
        desk.clock.now = max(desk.clock.now, due)
        desk.engine.tick()
    desk.clock.now = max(desk.clock.now, end)
