"""A delegation walked through the core in memory: real decisions and events, no database. Numbers are taken as the writer does."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from engine.config.site import load_site
from engine.core import clock, decide, permission
from engine.core.case import Case
from engine.core.commands import Act, Actor, Fire, Open
from engine.core.events import iso
from engine.core.evolve import evolve
from engine.core.plan import Plan
from engine.core.world import World, key_of
from engine.definitions.loader import load_file
from engine.documents.bundle import Templates
from engine.documents.context import Moment, case_at, draft_context, issued_context, seen_then
from engine.words.formats import country

ROOT = Path(__file__).resolve().parents[2]
SITE = load_site(ROOT / "config.toml")
DEFINITION = replace(load_file(ROOT / "workflows" / "delegation-out.toml", None).definition, version=1)
TEMPLATES = Templates(ROOT / "templates")
Rows = dict[tuple[str, str], list[dict[str, Any]]]


class Walk:
    """`rows` are registers: (register, key) -> rows."""

    def __init__(self, rows: Rows | None = None, directory: Any = None):
        self.rows = rows or {}
        self.directory = directory or SITE.directory
        self.history: list[tuple[dict[str, Any], dict[str, Any]]] = []
        self.opened: Case | None = None
        self.numbers: Counter[str] = Counter()

    @property
    def case(self) -> Case:
        assert self.opened is not None
        return self.opened

    def world(self, now: int, values: dict[str, Any] | None = None) -> World:
        return World(
            directory=self.directory,
            calendar=SITE.calendar,
            site=SITE.site,
            rows=seen_then(values or {}, lambda register, key: (self.rows.get((register, key), []), 1)),
            now=now,
            templates=TEMPLATES.digest,
            countries=country,
        )

    def at(self, text: str) -> int:
        day, _, hours = text.partition(" ")
        return SITE.calendar.at(date.fromisoformat(day), f"{hours or '09:00'}:00")

    def take(self, plan: Plan) -> Case:
        body = dict(plan.draft.body)
        documents = [dict(item) for item in body.get("documents", [])]
        for order in plan.numbers:
            self.numbers[order.series] += 1
            printed = order.pattern.format(n=f"{self.numbers[order.series]:0{order.width}d}", **order.parts)
            if order.index < 0:
                body["reference"] = printed
            else:
                documents[order.index]["number"] = printed
        if documents:
            body["documents"] = documents
        body |= {"case": plan.draft.case, "seq": len(self.history) + 1, "type": plan.draft.type}
        body |= {"at": iso(plan.draft.at), "actor": plan.draft.actor}
        values = {name: private.value for name, private in plan.draft.private.items()}
        self.opened = evolve(self.opened, body, values)
        self.history.append((body, values))
        return self.opened

    def open(self, at: str, person: str) -> Walk:
        now = self.at(at)
        self.take(
            decide.open_case(DEFINITION, Open("c_1", Actor("person", person, "link"), now, "open"), self.world(now))
        )
        return self

    def act(self, at: str, person: str, action: str, **given: Any) -> Walk:
        now = self.at(at)
        grant = permission.right(self.case, DEFINITION.transitions[self.case.state][action], person)
        act = Act(
            case="c_1",
            grant=grant,
            action=action,
            actor=Actor("person", person, "link"),
            at=now,
            command=f"{at} {action}",
            **given,
        )
        self.take(decide.act(DEFINITION, self.case, act, self.world(now), DEFINITION))
        return self

    def until(self, at: str) -> Walk:
        """Everything the clock does until then."""
        now = self.at(at)
        while any(item.at <= now for item in self.case.deadlines.values()):
            due = min(item.at for item in self.case.deadlines.values())
            plan = clock.fire(DEFINITION, self.case, Fire("c_1", now), self.world(due))
            if plan is None:
                break
            self.take(plan)
        return self

    def moment(self, seq: int) -> Moment:
        case, body, values = case_at(self.history, seq)
        return Moment(DEFINITION, case, self.world(case.at, values), body, values)

    def issued(self, document: str) -> dict[str, Any]:
        """The context of the last document of this id."""
        item = [one for one in self.case.documents if one.id == document][-1]
        return issued_context(self.moment(item.seq), item, TEMPLATES.bundle(document).files)

    def draft(self, document: str, at: str | None = None) -> dict[str, Any]:
        moment = Moment(DEFINITION, self.case, self.world(self.at(at) if at else self.case.at), {}, {})
        return draft_context(moment, DEFINITION.documents[document], TEMPLATES.bundle(document).files)

    def contexts(self) -> dict[str, dict[str, Any]]:
        return {item.id: self.issued(item.id) for item in self.case.documents}


# -- the dossiers of the published scenarios


def days(first: str, kinds: list[tuple[str, str, str]]) -> list[dict[str, Any]]:
    start = date.fromisoformat(first)
    return [
        {"date": (start + timedelta(days=n)).isoformat(), "kind": kind, "country": land or None, "programme": programme}
        for n, (kind, land, programme) in enumerate(kinds)
    ]


def member(person: str, task: str, **more: Any) -> dict[str, Any]:
    return {"person": person, "task": task, **more}


TASKS = (
    "Trưởng đoàn, hội đàm với lãnh đạo thành phố bạn",
    "Phụ trách nội dung hợp tác đối ngoại và lễ tân",
    "Trao đổi về kế hoạch hợp tác giai đoạn 2022 - 2025",
    "Làm việc về xúc tiến du lịch giữa hai thành phố",
    "Chuẩn bị nội dung ký kết biên bản ghi nhớ",
    "Làm việc về giao lưu văn hóa, thể thao",
    "Theo dõi việc thực hiện các dự án đầu tư",
    "Thư ký đoàn, tổng hợp và biên bản các cuộc làm việc",
    "Phiên dịch, liên lạc với cơ quan bạn",
    "Làm việc về quản lý đô thị và giao thông",
    "Làm việc về đào tạo cán bộ quản lý",
)
PEOPLE = ("F01", "F02", "F04", "F09", "F06", "F10", "F11", "F08", "F20", "F16", "F15")


def members(people: tuple[str, ...]) -> list[dict[str, Any]]:
    return [member(person, task) for person, task in zip(people, TASKS, strict=False)]


FUNDING = [
    {
        "item": "Vé máy bay quốc tế",
        "amount": 186_500_000,
        "source": "CITY_BUDGET",
        "payer": None,
        "payer_kind": "PUBLIC",
    },
    {
        "item": "Ăn, ở, đi lại tại nước ngoài",
        "amount": 214_250_000,
        "source": "CITY_BUDGET",
        "payer": None,
        "payer_kind": "PUBLIC",
    },
]
INVITATION = {
    "inviter": "Chính quyền Thủ đô Viêng Chăn và Tòa thị chính Phnôm Pênh",
    "inviter_kind": "PUBLIC",
    "inviter_country": "LA",
    "names_individuals": False,
    "solicited": False,
    "organiser_kind": "PUBLIC",
    "document": "f_invitation",
}
OPEN_LANDS: Rows = {
    ("directives", key_of(["ALL"])): [
        {
            "country": "ALL",
            "ref": "BNG-1",
            "date": "2022-01-01",
            "effect": "PERMITTED",
            "from": "2022-01-01",
            "to": None,
        }
    ],
    **{("regions", key_of([land])): [{"country": land, "region": "ASEAN"}] for land in ("LA", "KH", "TH", "SG")},
}


def plan_item(key: str, **more: Any) -> dict[tuple[str, str], list[dict[str, Any]]]:
    row = {
        "id": key,
        "plan_kind": "CITY",
        "plan_state": "IN_FORCE",
        "year": 2022,
        "direction": "OUT",
        "pm_per_trip": False,
    }
    return {("plan_items", key_of([key])): [{**row, **more}]}


def vientiane(count: int = 9) -> dict[str, Any]:
    """S-01 (nine members), S-03 (eleven)."""
    return {
        "organiser": "so_ngoai_vu",
        "plan_item": "OUT-03",
        "title": "Đoàn đại biểu cấp cao thành phố Hà Nội thăm, làm việc tại Viêng Chăn và Phnôm Pênh",
        "main_purpose": "visit",
        "purposes": ["visit"],
        "departure": "2022-06-06",
        "planned_end": "2022-06-12",
        "head": "F01",
        "secretary": "F08",
        "members": members(PEOPLE[:count]),
        "itinerary": days(
            "2022-06-06",
            [
                ("TRAVEL", "", "Hà Nội – Viêng Chăn"),
                ("VISIT", "LA", "Hội đàm với lãnh đạo Thủ đô Viêng Chăn; chào xã giao"),
                ("VISIT", "LA", "Ký kết kế hoạch hợp tác; thăm Đại sứ quán"),
                ("TRAVEL", "", "Viêng Chăn – Phnôm Pênh"),
                ("VISIT", "KH", "Làm việc với Tòa thị chính Phnôm Pênh"),
                ("VISIT", "KH", "Thăm khu kinh tế, gặp doanh nghiệp Việt Nam"),
                ("TRAVEL", "", "Phnôm Pênh – Hà Nội"),
            ],
        ),
        "funding": FUNDING,
        "invitation": INVITATION,
    }


def city_rows(count: int = 9) -> Rows:
    return OPEN_LANDS | plan_item(
        "OUT-03",
        title="Viêng Chăn, Phnôm Pênh",
        head="F01",
        countries=["LA", "KH"],
        month=6,
        purpose="visit",
        head_count=count,
    )


LETTER = {"number": "462/BNG-CV-m", "date": "2022-03-01", "outcome": "Đồng ý", "file": None}


def agreed(count: int) -> dict[str, dict[int, dict[str, Any]]]:
    return {"members": {n: {"opinion": "AGREE"} for n in range(1, count + 1)}}


def s01(report: bool = True) -> Walk:
    """S-01: planned, approved by the Standing Committee and on the plan the Prime Minister approved; reported, closed."""
    walk = Walk(city_rows()).open("2022-05-04 08:00", "F08")
    walk.act("2022-05-04", "F08", "submit", values=vientiane())
    walk.act("2022-05-06", "F21", "forward", values={"sensitive": False})
    walk.act("2022-05-12", "F12", "give_opinion", columns=agreed(9))
    walk.act("2022-05-18", "F13", "send_up")
    walk.act("2022-05-18 10:00", "F21", "approve", values={"letter": LETTER})
    if report:
        walk.until("2022-06-20 08:00")
        written = {"number": "15/BC-SNgV", "date": "2022-06-20", "file": "f_report", "outcome": None}
        outcomes = [
            {
                "text": "Trao đổi đoàn nghệ thuật giữa hai thành phố",
                "owner": "so_van_hoa_va_the_thao",
                "due": "2022-12-15",
            }
        ]
        walk.act("2022-06-20", "F08", "hand_in", values={"report": written, "outcomes": outcomes})
        walk.act("2022-06-23", "F21", "accept")
    return walk


def s03() -> Walk:
    """S-03: eleven members, the exception granted."""
    walk = Walk(city_rows(11)).open("2022-05-04 08:00", "F08")
    grounds = {
        "R-11": {
            "truly_necessary": "Nội dung làm việc có thêm lĩnh vực đào tạo cán bộ quản lý theo đề nghị của phía bạn, cần cán bộ chuyên trách",
            "added_members": ["F15"],
        }
    }
    walk.act("2022-05-04", "F08", "submit", values=vientiane(11), grounds=grounds)
    walk.act("2022-05-06", "F21", "forward", values={"sensitive": False})
    walk.act(
        "2022-05-12", "F12", "give_opinion", columns=agreed(11), opinions=dict.fromkeys(walk.case.waivers, "AGREE")
    )
    walk.act("2022-05-18", "F13", "send_up", decisions=dict.fromkeys(walk.case.waivers, "GRANTED"))
    walk.act("2022-05-18 10:00", "F21", "approve", values={"letter": LETTER})
    return walk


def seoul(people: tuple[str, ...], **changes: Any) -> dict[str, Any]:
    """S-05, S-18: the tourism department in Seoul."""
    return {
        "organiser": "so_du_lich",
        "plan_item": "PROG-05",
        "title": "Đoàn xúc tiến du lịch tại Xơ-un",
        "main_purpose": "event",
        "purposes": ["event"],
        "departure": "2022-11-13",
        "planned_end": "2022-11-17",
        "head": "F04",
        "secretary": "F20",
        "members": members(people),
        "itinerary": days(
            "2022-11-13",
            [
                ("TRAVEL", "", "Hà Nội – Xơ-un"),
                ("VISIT", "KR", "Khai mạc gian hàng Hà Nội tại hội chợ du lịch"),
                ("VISIT", "KR", "Làm việc với Hiệp hội Du lịch Xơ-un"),
                ("VISIT", "KR", "Tọa đàm với các hãng lữ hành"),
                ("TRAVEL", "", "Xơ-un – Hà Nội"),
            ],
        ),
        "funding": FUNDING,
        "invitation": {**INVITATION, "inviter": "Hiệp hội Du lịch thành phố Xơ-un", "inviter_country": "KR"},
        **changes,
    }


def programme(head_count: int = 6, **more: Any) -> Rows:
    return OPEN_LANDS | plan_item(
        "PROG-05",
        plan_kind="AGENCY",
        head="F04",
        countries=["KR"],
        month=11,
        purpose="event",
        head_count=head_count,
        title="Xúc tiến du lịch tại Hàn Quốc",
        **more,
    )


THIRD_TRIP = {
    ("trips", key_of(["F04", 2022])): [
        {"person": "F04", "year": 2022, "from": "2022-03-21", "to": "2022-03-24", "state": "CLOSED"},
        {"person": "F04", "year": 2022, "from": "2022-09-04", "to": "2022-09-08", "state": "CLOSED"},
    ]
}
THREE_GROUNDS = {
    "important": "Hội chợ là sự kiện xúc tiến lớn nhất năm của Thành phố tại thị trường trọng điểm",
    "truly_necessary": "Ban tổ chức đề nghị người đứng đầu ngành du lịch phát biểu và ký thỏa thuận",
    "specific_task": "Trưởng đoàn trực tiếp ký thỏa thuận hợp tác với Hiệp hội Du lịch thành phố Xơ-un",
}


def s18(decision: str = "approve") -> Walk:
    """S-18: a leader's third trip in the year, granted on three grounds."""
    walk = Walk(programme() | THIRD_TRIP).open("2022-10-10 08:00", "F05")
    walk.act("2022-10-10", "F05", "submit", values=seoul(("F04", "F20", "F24")), grounds={"R-08:F04": THREE_GROUNDS})
    walk.act("2022-10-12", "F21", "forward", values={"sensitive": False})
    walk.act("2022-10-18", "F12", "give_opinion", columns=agreed(3), opinions=dict.fromkeys(walk.case.waivers, "AGREE"))
    if decision == "reject":
        refused = dict.fromkeys(walk.case.waivers, "REFUSED")
        walk.act("2022-10-24", "F13", "reject", decisions=refused, reason="Chưa thật sự cần thiết trong thời điểm này")
    elif decision == "approve_if":
        walk.act(
            "2022-10-24",
            "F13",
            "approve_if",
            decisions=dict.fromkeys(walk.case.waivers, "GRANTED"),
            values={"conditions": "Rút ngắn thời gian còn 04 ngày.\nKhông quá 02 cán bộ của Sở Du lịch."},
        )
    else:
        walk.act("2022-10-24", "F13", "approve", decisions=dict.fromkeys(walk.case.waivers, "GRANTED"))
    return walk


def s47() -> Walk:
    """A report that is late: reminder letter the day after it was due."""
    return s01(report=False).until("2022-06-24 09:00")


def by_the_city() -> Walk:
    """Nobody managed by the Standing Board: the People's Committee decides and issues, a State paper."""
    walk = Walk(programme(3)).open("2022-10-10 08:00", "F05")
    walk.act("2022-10-10", "F05", "submit", values=seoul(("F20", "F24", "F08"), head="F20", secretary="F24"))
    walk.act("2022-10-12", "F21", "forward", values={"sensitive": False})
    walk.act("2022-10-18", "F12", "give_opinion", columns=agreed(3))
    walk.act("2022-10-24", "F23", "approve")
    return walk


def urgent() -> Walk:
    """S-24: outside the plan, to carry out a commitment; the Party Civil Affairs Committee proposes. KHẨN."""
    trip = vientiane(4) | {
        "plan_item": None,
        "title": "Đoàn thực hiện Biên bản ghi nhớ về hợp tác đô thị với Viêng Chăn",
        "main_purpose": "work",
        "purposes": ["work"],
        "departure": "2022-08-15",
        "planned_end": "2022-08-18",
        "head": "F04",
        "members": members(("F04", "F20", "F08", "F24")),
        "itinerary": days(
            "2022-08-15",
            [
                ("TRAVEL", "", "Hà Nội – Viêng Chăn"),
                ("VISIT", "LA", "Làm việc về giao thông đô thị"),
                ("VISIT", "LA", "Ký kế hoạch thực hiện"),
                ("TRAVEL", "", "Viêng Chăn – Hà Nội"),
            ],
        ),
        "commitment": {
            "agreement": "Biên bản ghi nhớ về hợp tác quản lý đô thị",
            "partner": "Chính quyền Thủ đô Viêng Chăn",
            "signed_on": "2021-12-10",
            "clause": "khoản 3",
        },
    }
    grounds = {
        "R-04": {
            "important": "Thực hiện cam kết với đối tác truyền thống",
            "urgency": "Phía bạn đề nghị hoàn thành trong tháng 8",
        }
    }
    walk = Walk(OPEN_LANDS).open("2022-08-08 08:00", "F08")
    walk.act("2022-08-08", "F08", "submit_urgent", values=trip, grounds=grounds)
    walk.act("2022-08-08 10:00", "F21", "forward", values={"sensitive": False})
    walk.act("2022-08-09", "F22", "propose", note="Đề nghị bố trí phiên dịch")
    walk.act(
        "2022-08-10",
        "F12",
        "give_opinion",
        columns=agreed(4),
        opinions=dict.fromkeys(walk.case.waivers, "AGREE_WITH_CONDITIONS"),
    )
    walk.act("2022-08-11", "F13", "approve", decisions=dict.fromkeys(walk.case.waivers, "GRANTED"))
    return walk


def conference() -> Walk:
    """S-14: five days at a conference, the event clause lifts R-13."""
    trip = seoul(
        ("F04", "F20", "F24"),
        title="Đoàn dự hội nghị quốc tế về du lịch đô thị tại Xơ-un",
        departure="2022-11-13",
        planned_end="2022-11-19",
        event={"kind": "INTL_CONFERENCE", "evidence": "f_programme"},
        itinerary=days(
            "2022-11-13",
            [
                ("TRAVEL", "", "Hà Nội – Xơ-un"),
                *[("VISIT", "KR", f"Hội nghị, ngày thứ {n}") for n in range(1, 6)],
                ("TRAVEL", "", "Xơ-un – Hà Nội"),
            ],
        ),
    )
    walk = Walk(programme()).open("2022-10-10 08:00", "F05")
    walk.act(
        "2022-10-10",
        "F05",
        "submit",
        values=trip,
        grounds={"R-13": {"event_need": "Chương trình hội nghị kéo dài 05 ngày"}},
    )
    walk.act("2022-10-12", "F21", "forward", values={"sensitive": False})
    walk.act("2022-10-18", "F12", "give_opinion", columns=agreed(3), opinions=dict.fromkeys(walk.case.waivers, "AGREE"))
    walk.act("2022-10-24", "F13", "approve", decisions=dict.fromkeys(walk.case.waivers, "GRANTED"))
    return walk


def sent_back() -> Walk:
    """D-03 of the screening, then a withdrawal of the trip from consideration by D-08."""
    walk = Walk(city_rows()).open("2022-05-04 08:00", "F08")
    walk.act(
        "2022-05-04",
        "F08",
        "submit",
        values=vientiane()
        | {"funding": [{**FUNDING[0], "source": "SPONSORSHIP", "payer": "Quỹ Giả Định", "payer_kind": "FOUNDATION"}]},
    )
    walk.act(
        "2022-05-06",
        "F21",
        "return",
        reason="Bổ sung nguồn kinh phí hợp lệ.\nBổ sung bản dịch thư mời có xác nhận của cơ quan.",
    )
    return walk


def refused() -> Walk:
    walk = Walk(city_rows()).open("2022-05-04 08:00", "F08")
    walk.act(
        "2022-05-04",
        "F08",
        "submit",
        values=vientiane() | {"funding": [{**FUNDING[0], "payer": "Công ty Ví Dụ", "payer_kind": "ENTERPRISE"}]},
    )
    walk.act("2022-05-06", "F21", "reject", reason="Chuyến đi do doanh nghiệp đài thọ, trái quy định")
    return walk


def cancelled() -> Walk:
    walk = s18()
    walk.act("2022-11-01", "F05", "cancel", reason="Phía bạn lùi thời gian tổ chức hội chợ sang năm 2023")
    return walk


def to_the_prime_minister() -> Walk:
    """C8: an unplanned trip of a City leader; D-09 goes to the Prime Minister."""
    trip = vientiane(4) | {
        "plan_item": None,
        "departure": "2022-08-29",
        "planned_end": "2022-09-01",
        "members": members(("F01", "F02", "F20", "F08")),
        "itinerary": days(
            "2022-08-29",
            [("TRAVEL", "", "Đi"), ("VISIT", "LA", "Hội đàm"), ("VISIT", "LA", "Ký kết"), ("TRAVEL", "", "Về")],
        ),
    }
    grounds = {
        "R-04": {
            "important": "Dự lễ kỷ niệm theo lời mời của Thủ đô Viêng Chăn",
            "urgency": "Thời gian do phía bạn ấn định",
        }
    }
    walk = Walk(OPEN_LANDS).open("2022-08-08 08:00", "F08")
    walk.act("2022-08-08", "F08", "submit_urgent", values=trip, grounds=grounds)
    walk.act("2022-08-08 10:00", "F21", "forward", values={"sensitive": False})
    walk.act("2022-08-10", "F12", "give_opinion", columns=agreed(4), opinions=dict.fromkeys(walk.case.waivers, "AGREE"))
    walk.act("2022-08-11", "F13", "send_up", decisions=dict.fromkeys(walk.case.waivers, "GRANTED"))
    return walk


def referred() -> Walk:
    walk = Walk(city_rows()).open("2022-05-04 08:00", "F08")
    walk.act("2022-05-04", "F08", "submit", values=vientiane())
    walk.act("2022-05-06", "F21", "forward", values={"sensitive": False})
    walk.act("2022-05-12", "F12", "give_opinion", columns=agreed(9))
    walk.act("2022-05-16", "F13", "refer", reason="Đoàn cấp cao, cần ý kiến của tập thể Ban Thường vụ")
    return walk
