"""Proposing: what a person may start, their drafts and proposals, a new case with what is known about it already."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from engine.core.blockers import Refused
from engine.core.decide import may_start
from engine.core.directory import Person
from engine.core.model import Definition
from engine.service import Conflict, Snapshot
from engine.store import drafts as draft_rows
from engine.store import views
from engine.web import check, edit, front
from engine.web.forms_in import Posted, one
from engine.web.refusal import Refusal
from engine.web.rendering import language, render, see
from engine.web.running import running
from engine.web.sessions import SignedIn

router = APIRouter(include_in_schema=False)
for part in (front.router, edit.router, check.router):
    router.include_router(part)

MOST = 50


@router.get("/new")
def choose(request: Request, person: SignedIn) -> Response:
    with running(request).engine.snapshot() as snap:
        offered = [
            d for d in (snap.active(name) for name in snap.workflows()) if d and may_start(d, person.id, snap.world())
        ]
        rows, total = views.cases(snap.conn, author=person.id, limit=MOST)
        drafts = [row for row in rows if not row.reference and not row.final]
        others = [row for row in rows if row.reference]
        states = {row.id: _state(snap, row) for row in others}
        kept = {row.id: draft_rows.read(snap.conn, row.id, person.id) for row in drafts}
        titles = {case: str(draft.values.get("title") or "") if draft else "" for case, draft in kept.items()}
        context: dict[str, Any] = {"states": states, "titles": titles, "discarded": "discarded" in request.query_params}
        return render(request, "new.html", offered=offered, drafts=drafts, proposals=others, total=total, **context)


def _state(snap: Snapshot, row: views.CaseRow) -> Any:
    found = snap.library.pinned(snap.conn, row.workflow, row.version).states.get(row.state)
    return found.label if found else None


@router.get("/new/{workflow}")
def describe(request: Request, workflow: str, person: SignedIn) -> Response:
    with running(request).engine.snapshot() as snap:
        definition = _active(snap, workflow)
        allowed = may_start(definition, person.id, snap.world())
        return render(
            request,
            "new_workflow.html",
            200 if allowed else 403,
            definition=definition,
            allowed=allowed,
            states=_way(definition),
        )


def _way(definition: Definition) -> list[str]:
    """The usual states of a case, for telling what will happen."""
    from engine.web.track import usual

    return [definition.start.state, *usual(definition, definition.start.state)]


@router.post("/new/{workflow}")
def start(request: Request, workflow: str, person: SignedIn, form: Posted) -> Response:
    """Open a case; a second press of the same button opens the same one."""
    engine = running(request).engine
    with engine.snapshot() as snap:
        definition = _active(snap, workflow)
        known = first_values(definition, snap, person)
    try:
        case = engine.open(workflow, person.id).case
        if known:
            engine.save_draft(case, person.id, known, {}, 0)
    except (Refused, KeyError):
        raise Refusal(403, "forbidden") from None
    except Conflict:
        pass
    return see(f"/c/{case}/edit")


def first_values(definition: Definition, snap: Snapshot, person: Person) -> dict[str, Any]:
    """What follows from who proposes: the body they may propose for, where the workflow names a field for it."""
    found: dict[str, Any] = {}
    for path in definition.start.by:
        root, _, right = path.partition(".")
        spec = definition.fields.get(root)
        if spec is None or spec.type.kind != "body" or root in found:
            continue
        bodies = dict.fromkeys(
            s.body for s in snap.directory.seats if s.person == person.id and s.right == (right or "decide")
        )
        own = person.agency if person.agency in bodies else next(iter(bodies), "")
        if own:
            found[root] = own
    return found


def _active(snap: Snapshot, workflow: str) -> Definition:
    definition = snap.active(workflow)
    if definition is None:
        raise Refusal(404, "missing")
    return definition


@router.get("/c/{case_id}/discard")
def ask_discard(request: Request, case_id: str, person: SignedIn) -> Response:
    with running(request).engine.snapshot() as snap:
        case = snap.case(case_id)
        if case is None or case.author != person.id or case.dossier or case.discarded:
            raise Refusal(404, "missing")
        found = edit.filling(snap, case_id, person)
        title = str((found.draft.values if found else {}).get("title") or "")
        workflow = snap.definition(case).title[language(request)]
        return render(request, "discard.html", case=case, title=title, workflow=workflow)


@router.post("/c/{case_id}/discard")
def discard(request: Request, case_id: str, person: SignedIn, form: Posted) -> Response:
    if one(form, "sure") != "yes":
        return see(f"/c/{case_id}/edit")
    try:
        running(request).engine.discard(case_id, person.id)
    except Refused:
        raise Refusal(404, "missing") from None
    return see("/new?discarded=1")
