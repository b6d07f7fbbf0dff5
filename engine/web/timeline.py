"""The whole history of a case, newest first: who, by what right, when, what was said and issued, how deadlines were counted."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response

from engine.core.case import Case
from engine.service import Snapshot
from engine.store import ledger, refusals
from engine.web.dossier_view import DossierView
from engine.web.refusal import Refusal
from engine.web.rendering import language, render
from engine.web.running import running
from engine.web.seeing import may_see
from engine.web.sessions import SignedIn
from engine.web.telling import Teller, Told
from engine.words.formats import Clock
from engine.words.language import words

router = APIRouter(include_in_schema=False)
PAGE = 60  # records a page shows


def history(snap: Snapshot, case: Case, lang: str, upto: int | None = None) -> list[Told]:
    """The events of a case and its refusals, newest first."""
    teller = Teller(
        lambda name, version: snap.library.pinned(snap.conn, name, version),
        snap.directory,
        Clock(snap.calendar, lang, snap.now),
        words(lang),
        case.people,
    )
    values = ledger.private_values(snap.conn, case.id)
    rows = ledger.raw(snap.conn, case.id, upto)
    told = teller.tell((row.parsed(), values.get(row.seq, {}), row.hash.hex()) for row in rows)
    if upto is None:
        told += [teller.refused(r.person, r.at, r.blockers) for r in refusals.of_case(snap.conn, case.id)]
    return sorted(told, key=lambda t: (t.at, t.seq), reverse=True)


@router.get("/c/{case_id}/timeline")
def show(request: Request, case_id: str, person: SignedIn) -> Response:
    lang = language(request)
    with running(request).engine.snapshot() as snap:
        case = snap.case(case_id)
        if case is None or not may_see(snap, case, person):
            raise Refusal(404, "missing")
        told = history(snap, case, lang)
        every = "all" in request.query_params
        kept = told if every else [t for t in told if t.kind != "quiet"]
        view = DossierView(snap, case, lang, "")
        return render(
            request,
            "timeline.html",
            case=case,
            view=view,
            told=kept,
            every=every,
            quiet=len(told) - len(kept),
            count=case.seq,
        )
