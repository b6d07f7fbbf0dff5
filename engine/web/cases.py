"""The list of cases a person may see, with filters and a search that does without diacritics."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response

from engine.service import Snapshot
from engine.store import views
from engine.web import case_page, replay, timeline
from engine.web.rendering import language, render
from engine.web.running import running
from engine.web.seeing import seated_in, sees_all
from engine.web.sessions import SignedIn
from engine.web.tasks import rules

router = APIRouter(include_in_schema=False)
for part in (case_page.router, timeline.router, replay.router):
    router.include_router(part)
PAGE = 30
SHOWS = ("open", "overdue", "closed", "all")


@router.get("/cases")
def listing(request: Request, person: SignedIn) -> Response:
    query = request.query_params
    text, state, show = query.get("q", "").strip()[:100], query.get("state", "")[:100], query.get("show", "")
    show = show if show in SHOWS else "all" if text else "open"
    page = int(query["page"]) if query.get("page", "").isdecimal() and len(query["page"]) < 6 else 1
    with running(request).engine.snapshot() as snap:
        seen: dict[str, Any] = (
            {} if sees_all(person) else {"person": person.id, "bodies": seated_in(snap.directory, person.id)}
        )
        wanted: dict[str, dict[str, Any]] = {
            "open": {"open": True},
            "closed": {"open": False},
            "overdue": {"overdue_at": snap.now},
        }
        rows, total = views.cases(
            snap.conn,
            text=text,
            state=state,
            limit=PAGE,
            offset=(max(1, page) - 1) * PAGE,
            **wanted.get(show, {}),
            **seen,
        )
        listed = [line(snap, row, language(request)) for row in rows]
        filters = {"q": text, "state": state, "show": show}
        kept = {name: value for name, value in filters.items() if value}
        context: dict[str, Any] = {
            "states": states(snap, language(request)),
            "page": max(1, page),
            "pages": -(-total // PAGE),
        }
        context["address"] = lambda n: "/cases?" + urlencode({**kept, "page": n})
        return render(request, "cases.html", cases=listed, total=total, filters=filters, **context)


def states(snap: Snapshot, lang: str) -> list[tuple[str, str]]:
    """States of the published workflows, each once, in the order of the files."""
    found: dict[str, str] = {}
    for name in snap.workflows():
        definition = snap.active(name)
        for state in definition.states.values() if definition else ():
            found.setdefault(state.name, state.label[lang])
    return list(found.items())


def line(snap: Snapshot, row: views.CaseRow, lang: str) -> dict[str, Any]:
    """One case of the list."""
    case = snap.case(row.id)
    definition = snap.library.pinned(snap.conn, row.workflow, row.version)
    state = definition.states.get(row.state)
    body = snap.directory.bodies.get(str(case.facts.get("organiser") or "")) if case else None
    holders = [g.body or g.person for g in case.live_grants() if g.kind == "step"] if case and not row.final else []
    return {
        "id": row.id,
        "title": row.title or definition.title[lang],
        "reference": row.reference,
        "by": (body.en if lang == "en" and body.en else body.vi) if body else "",
        "state": state.label[lang] if state else row.state,
        "final": row.final,
        "held": bool(case and case.held),
        "urgent": row.urgent and not row.final,
        "due": row.due_at if not row.final else None,
        "holders": ", ".join(dict.fromkeys(_named(snap, h, lang) for h in holders)),
        "rules": rules(case, lang) if case else None,
        "at": row.at,
    }


def _named(snap: Snapshot, who: str, lang: str) -> str:
    body = snap.directory.bodies.get(who)
    if body is not None:
        return body.en if lang == "en" and body.en else body.vi
    person = snap.directory.people.get(who)
    return person.name if person else who
