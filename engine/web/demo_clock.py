"""The demo's clock: forward by an hour, a working day, to the next deadline or to a date, and what happened on the way."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from engine.core.calendar import Calendar
from engine.service import Snapshot
from engine.web.forms_in import OpenForm, one
from engine.web.refusal import Refusal
from engine.web.rendering import language, local_path, render
from engine.web.running import DemoControls, running
from engine.web.sessions import Maybe
from engine.words.language import words

router = APIRouter(include_in_schema=False)
HOUR = 3_600_000_000
MOST = 100  # events that are listed; the others are counted


def controls(request: Request) -> DemoControls:
    """Raises Refusal 404 where the clock is real."""
    site = running(request)
    if site.demo is None or site.setting("production", False):
        raise Refusal(404, "missing")
    return site.demo


@router.get("/clock")
def look(request: Request, person: Maybe) -> Response:
    demo = controls(request)
    return render(request, "clock.html", **context(request, demo), happened=None, more=0, errors=[], given={})


@router.post("/clock")
def move(request: Request, person: Maybe, form: OpenForm) -> Response:
    """Move forward; nothing is moved when the wish cannot be read or lies behind."""
    demo, site = controls(request), running(request)
    before = demo.now()
    calendar = site.engine.library.calendar
    say = words(language(request))
    try:
        to = wanted(
            one(form, "to"), one(form, "date"), one(form, "time"), before, calendar, site.engine.next_at(before)
        )
    except ValueError as error:
        errors = [("date", say(str(error)))]
        given = {"date": one(form, "date"), "time": one(form, "time")}
        return render(
            request, "clock.html", 422, **context(request, demo), happened=None, more=0, errors=errors, given=given
        )
    happened = demo.advance(to)
    with site.engine.snapshot() as snap:
        listed = [told(snap, item, language(request)) for item in happened[:MOST]]
    page = {**context(request, demo), "since": before, "back": local_path(one(form, "next"), "")}
    return render(
        request, "clock.html", **page, happened=listed, more=max(0, len(happened) - MOST), errors=[], given={}
    )


def wanted(to: str, day: str, hour: str, now: int, calendar: Calendar, due: int | None) -> int:
    """The instant asked for. Raises ValueError with an English sentence."""
    local = calendar.local(now)
    if to == "hour":
        return now + HOUR
    if to == "day":
        return calendar.at(calendar.working_days(local.date(), 1), local.strftime("%H:%M:%S"))
    if to == "week":
        return now + 7 * 24 * HOUR
    if to == "due":
        if due is None:
            raise ValueError("No deadline is ahead")
        return max(due, now)
    if to != "date":
        raise ValueError("Choose how far the clock is moved")
    try:
        moment = datetime.combine(_day(day), time.fromisoformat(hour or "08:00"), tzinfo=calendar.zone)
    except ValueError:
        raise ValueError("Enter a date like 16/8/2022 and a time like 17:00") from None
    asked = calendar.instant(moment)
    if asked <= now:
        raise ValueError("The clock moves forward only: enter a later time")
    if moment - local > timedelta(days=400):
        raise ValueError("At most 400 days in one move")
    return asked


def _day(text: str) -> date:
    """`2022-08-16` or `16/8/2022`."""
    parts = text.strip().split("/")
    if len(parts) == 3 and all(p.isascii() and p.isdigit() for p in parts):
        return date(int(parts[2]), int(parts[1]), int(parts[0]))
    return date.fromisoformat(text.strip())


def context(request: Request, demo: DemoControls) -> dict[str, Any]:
    engine = running(request).engine
    return {"now": (now := demo.now()), "due": engine.next_at(now), "since": 0, "back": ""}


def told(snap: Snapshot, item: dict[str, Any], lang: str) -> dict[str, Any]:
    """One event of the clock in words."""
    say, case = words(lang), snap.case(item["case"])
    states = snap.definition(case).states if case else {}

    def label(name: str) -> str:
        return states[name].label[lang] if name in states else name

    if item["to"] and item["to"] != item["from"]:
        title = say("«%(from)s» becomes «%(to)s»", **{"from": label(item["from"]), "to": label(item["to"])})
    elif item["type"] == "step.held":
        title = say("The step is held")
    else:
        title = say("A reminder is due")
    count = len(item["notices"])
    small = say.count("%(n)s kind of mail", "%(n)s kinds of mail", count) if count else ""
    return {
        "key": bool(item["to"]),
        "at": item["at"],
        "title": f"{item['reference']} {item['title']}",
        "text": title,
        "small": small,
        "case": item["case"],
    }
