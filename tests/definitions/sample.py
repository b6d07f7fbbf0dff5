"""A small whole workflow and a small site, for tests that break one thing at a time."""

from __future__ import annotations

from engine.core.directory import Body, Directory, Person, Seat
from engine.core.model import Definition
from engine.core.world import RegisterSpec, Site
from engine.definitions.loader import load_bytes
from engine.definitions.problems import Problem, Problems
from engine.definitions.site import SiteNames

TRIP = """\
workflow = "trip"
vi = "Chuyến đi"
en = "Trip"
effective = 2022-01-01
start = { state = "DRAFT", by = ["unit.clerk"] }
urgent = "days_left < 5"
conflict = "members.map(m, m.person.id)"
always = [{ rule = "R-40", from = "DRAFT", to = "DONE", passes = "REVIEW" }]
informs = [{ rule = "R-34", notices = ["N-03"], bodies = ["archive"] }]

[parameters]
max_size = 7
office = "board"
barred = ["visit"]

[fields.dossier]
unit = { type = "body", vi = "Cơ quan", en = "Unit" }
title = { type = "text", vi = "Tên", en = "Title" }
purpose = { type = "purpose", vi = "Mục đích", en = "Purpose" }
departure = { type = "date", vi = "Ngày đi", en = "Departure" }
members = { type = "list of member", vi = "Thành phần", en = "Members" }
report = { type = "letter?", vi = "Báo cáo", en = "Report" }

[fields.waiver]
important = { type = "text", vi = "Quan trọng", en = "Important" }

[record.member]
person = { type = "person", vi = "Người", en = "Person" }
task = { type = "text?", vi = "Nhiệm vụ", en = "Task" }
opinion = { type = "opinion?", vi = "Ý kiến", en = "Opinion" }

[choices]
purpose = { visit = ["thăm", "visit"], work = ["làm việc", "work"] }
opinion = { AGREE = ["đồng ý", "agree"], DISAGREE = ["không", "disagree"] }

[let]
size = "members.size()"
days_left = "days_after(today, departure)"
"made(p)" = "trips(p.id, year(departure)).size()"
busy = "members.exists(m, made(m.person) > 2)"

[groups]
open = ["REVIEW", "DECISION"]

[states]
DRAFT = { vi = "Dự thảo", en = "Draft", who = "author", edit = ["dossier", "waiver"] }
REVIEW = { vi = "Thẩm tra", en = "Review", who = "registry", mail = "N-01", limit = "review", ladder = "lapse" }
DECISION = { vi = "Quyết định", en = "Decision", who = "board", mail = "N-01", limit = "review" }
DONE = { vi = "Xong", en = "Done", final = "good", mail = "N-03" }
REFUSED = { vi = "Không", en = "Refused", final = "bad", mail = "N-03" }

[actions]
submit = { vi = "Trình", en = "Submit" }
forward = { vi = "Chuyển", en = "Forward" }
approve = { vi = "Duyệt", en = "Approve" }
reject = { vi = "Không", en = "Reject" }

[on.DRAFT]
submit = { to = "REVIEW", submits = true, needs = ["R-10"], issue = ["D-01 if size > 1"] }

[on.REVIEW]
forward = { to = "decision", needs = ["no block", "exceptions requested"], asks = ["members.opinion", "note?"] }

[on.open]
reject = { to = "REFUSED", asks = ["reason"] }
lapse = { to = "REFUSED", at = "departure" }

[on.DECISION]
approve = { to = "DONE", needs = ["exceptions granted"], asks = ["waivers.decision"], opens = ["paper"], issue = ["D-02"] }

[route]
decision = [
  { id = "C1", if = "size > max_size", to = "DECISION", decider = "board" },
  { id = "C2", to = "DECISION", decider = "board" },
]

[waiver]
document = "D-01"
decider = "decision.decider"

[block.R-10]
each = "m in members"
check = "letters(m.task.trim()) >= 3"
vi = "{m.person.name}: thiếu nhiệm vụ."
en = "{m.person.name}: no task."

[exception.R-12]
check = "size <= max_size"
grounds = ["important"]
vi = "Có {size} người."
en = "{size} people."

[block.R-13]
check = "!(purpose in barred) && !busy"
lifted_by = "R-16"
vi = "Không được."
en = "Barred."

[lift.R-16]
check = "office == 'board'"
grounds = ["important"]
vi = "Vận dụng."
en = "Lifted."

[limits]
review = { normal = "3 working days", urgent = "1 working day", chase = ["board"] }

[ladder.step]
rungs = [
  { at = "due", to = ["holder"], send = "N-02" },
  { at = "due + 1 working day", to = ["chase 1"], send = "N-02" },
]

[ladder.lapse]
due = "departure"
rungs = [{ at = "due - 3 days", to = ["holder"], send = "N-02", in = "open" }]

[publish]
trips = { while = "DONE", each = "m in members", row = { person = "m.person.id", year = "year(departure)" } }

[obligation]
paper = { each = "m in members", owner = "unit", due = "departure", ladder = "lapse", vi = "Nợ {m.person.name}", en = "Owed" }

[documents]
D-01 = { kind = "TTr", issuer = "unit", vi = "Tờ trình", en = "Submission" }
D-02 = { annex = "D-01", vi = "Phụ lục", en = "Annex" }

[notices]
N-01 = { kind = "task", to = ["holder"], vi = "Cần xử lý: {title}", en = "To do: {title}" }
N-02 = { kind = "reminder", to = ["rung"], vi = "Đến hạn {due}", en = "Due {due}" }
N-03 = { kind = "info", to = ["author", "archive"], cc = ["unit if size > 3"], vi = "Kết quả: {title}", en = "Result: {title}" }
"""


def site(**templates: frozenset[str]) -> SiteNames:
    """Three bodies with one deciding person each, and one register."""
    bodies = {slug: Body(slug, vi=slug, en=slug) for slug in ("registry", "board", "archive", "minister")}
    people = {f"F0{n}": Person(f"F0{n}", f"Người {n}") for n in range(1, 4)}
    seats = tuple(Seat(body, "decide", f"F0{n}") for n, body in enumerate(("registry", "board", "archive"), 1))
    directory = Directory(bodies, people, seats, {"all units": ("registry", "board")})
    registers = {"trips": RegisterSpec("trips", ("person", "year"), ("from", "to"))}
    return SiteNames(directory, Site(registers), **templates)


def changed(*changes: tuple[str, str], text: str = TRIP) -> str:
    """The sample with each `old` replaced by `new` once. An old text that is not there is a mistake of the test."""
    for old, new in changes:
        assert text.count(old) >= 1, f"not in the sample: {old}"
        text = text.replace(old, new, 1)
    return text


def load(text: str, names: SiteNames | None = None, **others: str) -> Definition:
    """The definition of a text. Others: base files by name, `base="..."` is base.toml."""
    files = {"trip.toml": text.encode(), **{f"{name}.toml": other.encode() for name, other in others.items()}}
    return load_bytes(files, "trip.toml", names or site())


def problems(text: str, names: SiteNames | None = None, **others: str) -> tuple[Problem, ...]:
    """What is wrong with a text, warnings left out."""
    try:
        load(text, names, **others)
    except Problems as error:
        return error.errors
    return ()
