"""Uploads and papers, for downloading only: a browser shows none of them inside the site (reliability 5.4)."""

from __future__ import annotations

import re
import unicodedata
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response

from engine.core.directory import Person
from engine.service import Snapshot
from engine.store import files as store
from engine.web.headers import SANDBOX
from engine.web.limits import UNKNOWN, client
from engine.web.refusal import Refusal
from engine.web.running import Running, running
from engine.web.seeing import may_see
from engine.web.sessions import SignedIn

router = APIRouter(include_in_schema=False)
# what a link still shows after its question is closed
OPEN = frozenset({"live", "decided", "decided_by_other"})
NAME = re.compile(r"([A-Za-z0-9_-]{1,40})-(\d{1,9})\.pdf")


@router.get("/f/{file}")
def upload(request: Request, file: str, person: SignedIn) -> Response:
    site = running(request)
    with site.engine.snapshot() as snap:
        row = store.row(snap.conn, file)
        if row is None or not _sees(snap, row.case_id, person):
            raise Refusal(404, "missing")
    return download(_bytes(site, row), row.name, row.media_type)


@router.get("/d/{token}/f/{file}")
def upload_by_link(request: Request, token: str, file: str) -> Response:
    site = running(request)
    case_id = by_link(request, token)
    with site.engine.snapshot() as snap:
        row = store.row(snap.conn, file)
    if row is None or row.case_id != case_id:
        raise Refusal(404, "missing")
    return download(_bytes(site, row), row.name, row.media_type)


@router.get("/c/{case}/documents/{name}")
def paper(request: Request, case: str, name: str, person: SignedIn) -> Response:
    with running(request).engine.snapshot() as snap:
        if not _sees(snap, case, person):
            raise Refusal(404, "missing")
    return _paper(running(request), case, name)


@router.get("/d/{token}/documents/{name}")
def paper_by_link(request: Request, token: str, name: str) -> Response:
    return _paper(running(request), by_link(request, token), name)


def by_link(request: Request, token: str) -> str:
    """The case a link may read. Raises Refusal 404."""
    page = running(request).engine.look(token)
    if page.case is None or page.status not in OPEN:
        limiter, here = request.app.state.limiter, client(request)
        if page.status == "unknown" and not limiter.hit(UNKNOWN, "unknown", here):
            raise limiter.refuse(UNKNOWN, "unknown", here)
        raise Refusal(404, "missing")
    return page.case.id


def _sees(snap: Snapshot, case_id: str, person: Person) -> bool:
    case = snap.case(case_id)
    return case is not None and may_see(snap, case, person)


def _bytes(site: Running, row: store.FileRow) -> bytes:
    try:
        data: bytes = site.engine.files.read(row.sha256)
    except (FileNotFoundError, ValueError):
        raise Refusal(404, "damaged") from None
    return data


def _paper(site: Running, case_id: str, name: str) -> Response:
    from engine.service import issued

    found = NAME.fullmatch(name)
    if found is None:
        raise Refusal(404, "missing")
    document, seq = found.group(1), int(found.group(2))
    try:
        data = issued.pdf_of(site.engine, case_id, document, seq)
    except LookupError:
        raise Refusal(404, "paper") from None
    with site.engine.snapshot() as snap:
        case = snap.case(case_id)
    reference = case.reference if case and case.reference else case_id
    return download(data, f"{reference}-{document}-{seq}.pdf", "application/pdf")


def download(data: bytes, name: str, media_type: str) -> Response:
    """The bytes as an attachment: never rendered, never run."""
    return Response(data, media_type=media_type or "application/octet-stream", headers=headers(name))


_HARMFUL = re.compile(r"(?:[\x00-\x1f\x7f\"\\/:*?<>|\u202a-\u202e\u2066-\u2069\u200b\u2060\ufeff]|\.\.+)+")


def headers(name: str) -> dict[str, str]:
    """Of a download. The name is the user's own: shown, never used as a path; once as ASCII for old programs."""
    clean = _HARMFUL.sub("_", name).strip(". ")[:150] or "file"
    letters = unicodedata.normalize("NFD", clean.replace("đ", "d").replace("Đ", "D"))
    flat = letters.encode("ascii", "ignore").decode().strip()
    flat = f"file{flat}" if flat.startswith(".") else flat or "file"
    return {
        "Content-Disposition": f"attachment; filename=\"{flat}\"; filename*=UTF-8''{quote(clean, safe='')}",
        "Content-Security-Policy": SANDBOX,
        "Cross-Origin-Resource-Policy": "same-origin",
    }
