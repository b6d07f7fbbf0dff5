"""A desk for tests of the pure core: people act, the clock runs, events are folded. No database, no links.

desk.at("2022-05-04 09:00").case("F08", two_capitals())
desk.does("F08", "submit")
assert desk.state == "SCREENING" and desk.mails == ["N-10 F08", "N-11 F21"]
"""

from __future__ import annotations

import copy
from datetime import datetime
from pathlib import Path
from typing import Any

from engine.config.site import load_site
from engine.core import clock, decide
from engine.core.blockers import Refused
from engine.core.case import Case
from engine.core.commands import Act, Actor, Fire, Open
from engine.core.directory import Person, Seat
from engine.core.events import instant, iso
from engine.core.evolve import evolve
from engine.core.model import Definition
from engine.core.permission import implicit, offers, right
from engine.core.plan import Plan
from engine.core.world import World, key_of
from engine.definitions.loader import load_file

ROOT = Path(__file__).resolve().parents[2]
SITE = load_site(ROOT / "config.toml")
DELEGATION = load_file(ROOT / "workflows" / "delegation-out.toml", SITE.names).definition
NOBODIES = {f"X{n}": Person(f"X{n}", f"Người Thử {n}", level="AGENCY") for n in range(1, 13)}

PLAN_ITEMS = [
    {"id": "OUT-03", "plan_kind": "CITY", "plan_state": "IN_FORCE", "year": 2022, "head": "F01", "month": 6,
     "countries": ["LA", "KH"], "purpose": "visit", "head_count": 9, "pm_per_trip": False},
    {"id": "PRO-04", "plan_kind": "PROMOTION", "plan_state": "APPROVED", "year": 2022, "head": "F06", "month": 7,
     "countries": ["JP"], "purpose": "work"},
]  # fmt: skip


def tokyo(**changes: Any) -> dict[str, Any]:
    """Seven people of the Promotion Centre in Tokyo, 10 to 14 July 2022: no finding, decided by the Standing Committee."""
    people = changes.pop("people", ["F06", "F17", "X1", "X2", "X3", "X4", "X5"])
    dossier = {
        "organiser": "trung_tam_xuc_tien_dau_tu_thuong_mai_du_lich",
        "plan_item": "PRO-04",
        "title": "Tokyo",
        "main_purpose": "work",
        "purposes": ["work"],
        "departure": "2022-07-10",
        "planned_end": "2022-07-14",
        "head": "F06",
        "secretary": "F17",
        "members": [{"person": p, "task": f"Nhiệm vụ mẫu số {n}"} for n, p in enumerate(people, 1)],
        "itinerary": [
            {"date": "2022-07-10", "kind": "TRAVEL"},
            *({"date": f"2022-07-{day}", "kind": "VISIT", "country": "JP"} for day in (11, 12, 13)),
            {"date": "2022-07-14", "kind": "TRAVEL"},
        ],
        "funding": [{"item": "Toàn bộ", "amount": 500_000_000, "source": "CITY_BUDGET", "payer_kind": "PUBLIC"}],
        "invitation": {"inviter": "Tokyo", "inviter_kind": "PUBLIC", "names_individuals": False, "solicited": False,
                       "organiser_kind": "PUBLIC", "document": "f_moi"},
    }  # fmt: skip
    return dossier | changes


def two_capitals(**changes: Any) -> dict[str, Any]:
    """Nine people under a member of the Standing Committee, 6 to 12 June 2022: agreed, then the Prime Minister."""
    people = changes.pop("people", ["F01", "F02", "F08", "X1", "X2", "X3", "X4", "X5", "X6"])
    days = [("06", "TRAVEL", ""), ("07", "VISIT", "LA"), ("08", "VISIT", "LA"), ("09", "TRAVEL", ""),
            ("10", "VISIT", "KH"), ("11", "VISIT", "KH"), ("12", "TRAVEL", "")]  # fmt: skip
    dossier = tokyo(
        people=people,
        organiser="so_ngoai_vu",
        plan_item="OUT-03",
        title="Viêng Chăn, Phnôm Pênh",
        main_purpose="visit",
        purposes=["visit"],
        departure="2022-06-06",
        planned_end="2022-06-12",
        head="F01",
        secretary="F08",
        itinerary=[{"date": f"2022-06-{day}", "kind": kind, "country": country} for day, kind, country in days],
    )
    dossier["members"][0]["central_permission"] = {"number": "15-TB/VPTW", "date": "2022-03-15"}
    return dossier | changes


class Desk:
    """One case on a simulated clock. `events` are bodies with their private values, as a ledger would give them."""

    def __init__(self, definition: Definition = DELEGATION, **registers: list[dict[str, Any]]):
        self.definition = definition
        self.active: Definition | None = None
        self.directory = SITE.directory.__class__(
            SITE.directory.bodies, SITE.directory.people | NOBODIES, SITE.directory.seats, SITE.directory.lists, 1
        )
        self.registers: dict[tuple[str, str], list[dict[str, Any]]] = {}
        given: dict[str, list[dict[str, Any]]] = {
            "plan_items": PLAN_ITEMS,
            "directives": [{"country": "ALL", "effect": "PERMITTED", "from": "2022-01-01"}],
            "regions": [{"country": c, "region": "southeast_asia"} for c in ("LA", "KH")],
        }
        for name, rows in (given | registers).items():
            for row in rows:
                self.knows(name, **row)
        self.now = 0
        self.events: list[tuple[dict[str, Any], dict[str, Any]]] = []
        self.folded: Case | None = None
        self.seen = 0

    # -- given

    def knows(self, register: str, **row: Any) -> None:
        keys = SITE.site.registers[register].keys
        self.registers.setdefault((register, key_of([row.get(k) for k in keys])), []).append(row)

    def seat(self, body: str, right: str, person: str) -> Desk:
        seats = (*self.directory.seats, Seat(body, right, person, id=f"{body}.{right}#{person}"))
        self.directory = self.directory.__class__(
            self.directory.bodies, self.directory.people, seats, self.directory.lists, self.directory.version + 1
        )
        return self

    def at(self, moment: str) -> Desk:
        """Run the clock to a local time; everything due on the way happens at its instant, the last one included."""
        end = instant_at(moment)
        while (due := self._next(end)) is not None:
            self.now = due
            self._fire()
        self.now = end
        return self

    def off_until(self, moment: str) -> Desk:
        """The server is off: the clock runs on and nothing happens, then it starts and makes up for it."""
        self.now = instant_at(moment)
        while self._next(self.now) is not None:
            self._fire()
        return self

    def case_of(self, person: str, dossier: dict[str, Any], **grounds: dict[str, Any]) -> Desk:
        """A proposal by `person`, not yet submitted. `grounds`: `R_12={...}`."""
        command = Open("c_1", Actor("person", person, "session"), self.now, "open.1")
        self._take(decide.open_case(self.definition, command, self.world(self.now)))
        self.dossier = copy.deepcopy(dossier)
        self.grounds = {rule.replace("_", "-"): given for rule, given in grounds.items()}
        return self

    # -- when

    def does(self, person: str, action: str, *, grant: str = "", **answers: Any) -> Desk:
        """Raises Refused. The author's first submission brings the dossier."""
        transition = self.definition.transitions.get(self.case.state, {}).get(action)
        if transition is not None and transition.submits and self.case.state == "DRAFT":
            answers["values"] = self.dossier | answers.get("values", {})
            answers["grounds"] = self.grounds | answers.get("grounds", {})
        if not grant:
            held = next((g.id for g in self.case.live_grants() if g.person == person and g.kind == "confirm"), "")
            if action in ("confirm", "decline"):
                grant = held
            else:
                grant = right(self.case, transition, person) if transition else implicit(self.case, person)
        command = Act(
            "c_1", grant, action, Actor("person", person, "link"), self.now, f"act.{self.case.seq}", **answers
        )
        self._take(decide.act(self.definition, self.case, command, self.world(self.now), self.active))
        return self

    def refuses(self, person: str, action: str, **answers: Any) -> list[str]:
        """Codes of the refusal, with rule or path; nothing may have changed."""
        before = self.case
        try:
            self.does(person, action, **answers)
        except Refused as refused:
            assert self.case == before
            return [f"{b.code} {b.rule or b.path}".strip() for b in refused.blockers]
        raise AssertionError(f"{action} by {person} was not refused")

    def agrees(self, person: str = "F12", opinion: str = "AGREE") -> Desk:
        """The Organization Board's opinion on every member and every request."""
        columns = {"members": {n: {"opinion": opinion} for n in range(1, len(self.case.facts["members"]) + 1)}}
        opinions = {key: "AGREE" for key, waiver in self.case.waivers.items() if waiver.state == "REQUESTED"}
        return self.does(person, "give_opinion", columns=columns, opinions=opinions)

    # -- then

    @property
    def case(self) -> Case:
        assert self.folded is not None
        return self.folded

    @property
    def state(self) -> str:
        return self.case.state

    @property
    def last(self) -> dict[str, Any]:
        return self.events[-1][0]

    @property
    def private(self) -> dict[str, Any]:
        return self.events[-1][1]

    @property
    def due(self) -> str:
        return local(self.case.due.at) if self.case.due else ""

    @property
    def mails(self) -> list[str]:
        """Mails since this was asked last: `N-25 F01 F02 cc F21`, with the instant when it is not the present one."""
        found = []
        for body, _ in self.events[self.seen :]:
            for item in body.get("notices", []):
                if item.get("quiet") or not (item["to"] or item.get("cc")):
                    continue
                when = "" if instant(body["at"]) == self.now else f"{local(instant(body['at']))} "
                urgent = "KHẨN " if item.get("urgent") else ""
                copies = f" cc {' '.join(item['cc'])}" if item.get("cc") else ""
                found.append(f"{when}{urgent}{item['notice']} {' '.join(item['to'])}{copies}".strip())
        self.seen = len(self.events)
        return found

    def offered(self, person: str) -> list[str]:
        return [o.transition.action for o in offers(self.definition, self.case, self.world(self.now), person)]

    def pending(self) -> list[str]:
        """What the clock will do: `2022-06-30 08:00 N-26`."""
        found = []
        for item in self.case.deadlines.values():
            name = clock.rung_of(self.definition, item).send if item.kind == "rung" else item.name
            found.append(f"{local(item.at)} {name}")
        return sorted(found)

    # -- inside

    def world(self, now: int) -> World:
        def rows(register: str, key: str) -> tuple[list[dict[str, Any]], int]:
            return list(self.registers.get((register, key), [])), 1

        return World(directory=self.directory, calendar=SITE.calendar, site=SITE.site, rows=rows, now=now)

    def _next(self, end: int) -> int | None:
        """The earliest deadline until `end`."""
        deadlines = self.folded.deadlines.values() if self.folded else ()
        return min((item.at for item in deadlines if item.at <= end), default=None)

    def _fire(self) -> None:
        at = self._next(self.now)
        assert at is not None
        self._take(clock.fire(self.definition, self.case, Fire(self.case.id, self.now), self.world(at)))

    def _take(self, plan: Plan | None) -> None:
        if plan is None:
            return
        draft, seq = plan.draft, (self.folded.seq + 1 if self.folded else 1)
        body = {**draft.body, "case": "c_1", "seq": seq, "type": draft.type, "at": iso(draft.at), "actor": draft.actor}
        values = {name: record.value for name, record in draft.private.items()}
        self.folded = evolve(self.folded, body, values)
        self.events.append((body, values))


def instant_at(moment: str) -> int:
    """A local time as µs UTC."""
    return SITE.calendar.instant(datetime.fromisoformat(moment).replace(tzinfo=SITE.calendar.zone))


def local(at: int) -> str:
    moment = SITE.calendar.local(at)
    return moment.strftime("%Y-%m-%d %H:%M:%S").removesuffix(":00")
