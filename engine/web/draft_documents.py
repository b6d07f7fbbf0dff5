"""Drafts of documents for whoever may hand something in: DỰ THẢO, to read, complete and sign before anything is recorded."""

from __future__ import annotations

import logging

from fastapi import APIRouter, Request
from fastapi.responses import Response

from engine.core.case import Case
from engine.core.directory import Person
from engine.core.model import Document
from engine.documents.render import PrintError
from engine.service import Snapshot, issued
from engine.web.files import download
from engine.web.limits import DRAFTS
from engine.web.refusal import Refusal
from engine.web.running import running
from engine.web.sessions import SignedIn
from engine.words.language import words

log = logging.getLogger("trinh.web")
router = APIRouter(include_in_schema=False)


def drafts(snap: Snapshot, case: Case, person: Person) -> list[Document]:
    """Documents that an act of this person would issue: those of a submission, and those that are written outside, signed
    and handed in. Documents of other decisions are no business of a draft."""
    definition = snap.definition(case)
    found: dict[str, Document] = {}
    for offer in snap.offers(case, person.id):
        for item in offer.transition.issue:
            document = definition.documents[item.name]
            if document.uploaded or (offer.transition.submits and not item.when):
                found[document.id] = document
    return list(found.values())


def links(snap: Snapshot, case: Case, person: Person, lang: str) -> list[dict[str, str]]:
    """Rows for `ui.documents`."""
    say, href = words(lang), f"/c/{case.id}/documents/{{}}-draft.pdf"
    return [
        {
            "href": href.format(document.id),
            "title": document.title[lang],
            "about": say("to complete, sign and hand in") if document.uploaded else say("as it would be printed now"),
        }
        for document in drafts(snap, case, person)
    ]


@router.get("/c/{case_id}/documents/{document}-draft.pdf")
def download_draft(request: Request, case_id: str, document: str, person: SignedIn) -> Response:
    """The draft with what this person has typed so far. Printed in the printer's own process, beside all writing."""
    site, limiter = running(request), request.app.state.limiter
    with site.engine.snapshot() as snap:
        case = snap.case(case_id)
        if case is None or document not in {item.id for item in drafts(snap, case, person)}:
            raise Refusal(404, "missing")
    if not limiter.hit(DRAFTS, "draft", person.id):
        raise limiter.refuse(DRAFTS, "draft", person.id)
    if site.printer is None:
        raise Refusal(503, "printer")
    try:
        data = issued.draft_pdf(site.engine, site.printer, case.id, document, person.id)
    except LookupError:
        raise Refusal(404, "missing") from None
    except PrintError as error:
        log.error("the draft of %s of case %s cannot be printed: %s", document, case.id, error)
        raise Refusal(503, "printer") from None
    return download(data, f"{case.reference or 'draft'}-{document}-draft.pdf", "application/pdf")
