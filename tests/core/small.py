"""A small workflow for what the outgoing delegation does not use: votes of several, two clock moves at one instant."""

from __future__ import annotations

from typing import Any

from engine.core.model import Definition
from engine.definitions.loader import load_bytes
from tests.core.desk import SITE

HEAD = """
workflow = "small"
vi = "Nhỏ"
en = "Small"
start = { state = "DRAFT", by = ["so_ngoai_vu.clerk"] }

[fields.paper]
title  = { type = "text",  vi = "Tên", en = "Title" }
day    = { type = "date?", vi = "Ngày", en = "Day" }
amount = { type = "number?", vi = "Số", en = "Amount" }

[fields.waiver]
why    = { type = "text", vi = "Vì sao", en = "Why" }

[waiver]
opinion = "ban_to_chuc_thanh_uy"
decider = "thuong_truc_thanh_uy"

[exception.R-01]
check   = "amount <= 100"
grounds = ["why"]
vi      = "Số tiền {amount} vượt 100."
en      = "{amount} is more than 100."

[states]
DRAFT   = { vi = "Dự thảo",   en = "Draft",    who = "author", edit = ["paper", "waiver"] }
BOARD   = { vi = "Biểu quyết", en = "Board",    who = "thuong_truc_thanh_uy", VOTE, mail = "N-14" }
DONE    = { vi = "Xong",      en = "Done",     final = "good" }
REFUSED = { vi = "Không",     en = "Refused",  final = "bad" }
LATE    = { vi = "Muộn",      en = "Late",     final = "bad" }

[actions]
submit  = { vi = "Trình",     en = "Submit" }
yes     = { vi = "Đồng ý",    en = "Yes" }
no      = { vi = "Không",     en = "No" }

[on.DRAFT]
submit  = { to = "BOARD", submits = true }

[on.BOARD]
yes     = { to = "DONE", needs = ["exceptions granted"], asks = ["waivers.decision", "note?"] }
no      = { to = "REFUSED", asks = ["reason"] }
CLOCK

[notices]
N-14    = { kind = "task", to = ["holder"], vi = "Biểu quyết: {title}", en = "To vote: {title}" }
"""


def small(vote: str = 'vote = "majority"', clock: str = 'late = { to = "LATE", at = "day" }') -> Definition:
    text = HEAD.replace("VOTE", vote).replace("CLOCK", clock)
    return load_bytes({"small.toml": text.encode()}, "small.toml", SITE.names)


def paper(**changes: Any) -> dict[str, Any]:
    return {"title": "Tờ trình", "day": "2022-07-10", "amount": 50} | changes
