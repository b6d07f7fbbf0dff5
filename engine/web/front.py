"""The first page: what the site is for, how things stand, what waits for me; on a demo, how to try it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from engine.store import views
from engine.web.rendering import language, render
from engine.web.running import running
from engine.web.sessions import Maybe
from engine.web.tasks import shown

router = APIRouter(include_in_schema=False)
SHOWN = 5


@router.api_route("/", methods=["GET", "HEAD"])
def front(request: Request, person: Maybe) -> Response:
    lang = language(request)
    site = running(request)
    with site.engine.snapshot() as snap:
        counts = views.counts(snap.conn, snap.now)
        rows = views.tasks(snap.conn, person.id) if person else []
        tasks = [shown(snap, row, lang) for row in rows[:SHOWN]]
        workflows = [d for d in (snap.active(name) for name in snap.workflows()) if d]
        tasks_of: dict[str, int] = {}
        if site.demo:
            for people in views.live_persons(snap.conn).values():
                for one in people:
                    tasks_of[one] = tasks_of.get(one, 0) + 1
        cast = [
            (snap.directory.people[p], n)
            for p, n in sorted(tasks_of.items(), key=lambda item: -item[1])
            if p in snap.directory.people
        ]
        context: dict[str, Any] = {
            "cast": cast[:8],
            "moves": site.demo is not None,
            "next_at": site.engine.next_at(site.demo.now()) if site.demo else None,
        }
        return render(
            request, "front.html", counts=counts, tasks=tasks, waiting=len(rows), workflows=workflows, **context
        )
