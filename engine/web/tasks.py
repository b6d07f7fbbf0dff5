"""What waits for me: my tasks, the earliest due first. A task's button mints a link and goes through the same door as a
mail: nothing is decided by a session."""

from __future__ import annotations

from collections import Counter
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from engine.core.act_fields import needs_form
from engine.core.blockers import Refused
from engine.core.case import Case
from engine.core.permission import clock_only
from engine.service import Snapshot
from engine.store import views
from engine.web.forms_in import Posted, one
from engine.web.refusal import Refusal
from engine.web.rendering import language, render, see
from engine.web.running import running
from engine.web.sessions import SignedIn
from engine.words.language import words

router = APIRouter(include_in_schema=False)
MOST = 200


@router.get("/tasks")
def mine(request: Request, person: SignedIn) -> Response:
    lang = language(request)
    engine = running(request).engine
    with engine.snapshot() as snap:
        rows = views.tasks(snap.conn, person.id)
        listed = [shown(snap, row, lang) for row in rows[:MOST]]
        now, calendar = snap.now, snap.calendar
    today = calendar.day(now)
    due = [row["due"] for row in listed if row["due"]]
    overdue = sum(1 for at in due if at <= now)
    last = sum(1 for at in due if at > now and calendar.day(at - 1) == today)
    return render(request, "tasks.html", tasks=listed, total=len(rows), overdue=overdue, today=last)


def shown(snap: Snapshot, row: views.TaskRow, lang: str) -> dict[str, Any]:
    """One line: the case, what is to be done, how it stands with the rules, until when."""
    case = snap.case(row.case_id)
    assert case is not None
    definition = snap.definition(case)
    state = definition.states[row.state]
    body = snap.directory.bodies.get(str(case.facts.get("organiser") or ""))
    author = snap.directory.people.get(case.author)
    by = (body.en if lang == "en" and body.en else body.vi) if body else (author.name if author else "")
    what = words(lang)("Confirm or decline") if row.kind == "confirm" else state.label[lang]
    acts = [t for t in definition.transitions.get(row.state, {}).values() if t.by is None and not clock_only(t)]
    edits = row.kind == "step" and any(needs_form(definition, t) for t in acts)
    return {
        "grant": row.grant,
        "case": row.case_id,
        "title": row.title or definition.title[lang],
        "reference": row.reference,
        "by": by,
        "what": what,
        "edits": edits,
        "urgent": row.urgent,
        "due": row.due_at,
        "rules": rules(case, lang),
    }


def rules(case: Case, lang: str) -> dict[str, str] | None:
    """The worst kind of finding and how many of it; None before the rules were judged."""
    if not case.dossier:
        return None
    say = words(lang)
    count = Counter(f.kind for f in case.findings)
    if n := count["block"]:
        first = next(f for f in case.findings if f.kind == "block")
        text = first.en if lang == "en" else first.vi
        return {"kind": "stop", "word": say.count("%(n)s block", "%(n)s blocks", n), "text": text}
    if n := count["exception"]:
        return {"kind": "exc", "word": say.count("%(n)s exception", "%(n)s exceptions", n), "text": ""}
    if n := count["warning"]:
        return {"kind": "note", "word": say.count("%(n)s note", "%(n)s notes", n), "text": ""}
    return {"kind": "ok", "word": say("Met"), "text": ""}


@router.post("/tasks/open")
def open_task(request: Request, person: SignedIn, form: Posted) -> Response:
    """A link for this moment, and on to its page."""
    try:
        minted = running(request).engine.mint(one(form, "case"), person.id, via="page", grant=one(form, "grant"))
    except Refused:
        raise Refusal(409, "gone") from None
    return see(f"/d/{minted.token}")
