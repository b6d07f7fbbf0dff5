"""The mailboxes of a demo's people: everybody's mail in the browser, because no mail leaves this machine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from engine.core.directory import Directory
from engine.web.headers import POLICY
from engine.web.refusal import Refusal
from engine.web.rendering import language, render
from engine.web.running import Running, running
from engine.web.sessions import Maybe

router = APIRouter(include_in_schema=False)
LATEST = 30
LATEST_OF_ONE = 200
FRAME = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; "
    "sandbox allow-top-navigation-by-user-activation"
)


def box(request: Request) -> Any:
    """The maildir of a demo site. Raises Refusal 404 elsewhere: real mailboxes are nobody else's business."""
    site = running(request)
    if site.mailbox is None or site.setting("production", False):
        raise Refusal(404, "missing")
    return site.mailbox


@router.get("/mailbox")
def everybody(request: Request, seen_by: Maybe, person: str = "") -> Response:
    """The people with mail, and the newest mails of all or of one."""
    mails, site = box(request), running(request)
    with site.engine.snapshot() as snap:
        directory = snap.directory
    stored = mails.names()
    people = {address: owner(directory, address) for address in stored}
    chosen = directory.people.get(person)
    if person and chosen is None:
        raise Refusal(404, "missing")
    latest = [(mail, box) for box in stored for mail in stored[box] if chosen is None or people[box]["id"] == chosen.id]
    latest.sort(reverse=True)
    shown = [
        {"mail": line, "who": people[line.box], "acts": acts(site, line)}
        for line in lines(mails, latest[: LATEST if chosen is None else LATEST_OF_ONE])
    ]
    return render(
        request,
        "mailbox.html",
        people=[(people[box], len(listed)) for box, listed in stored.items()],
        mails=shown,
        chosen=chosen,
        total=len(latest),
    )


def lines(mails: Any, listed: list[tuple[str, str]]) -> Iterator[Any]:
    """Mails of (id, address) as a list shows them; one that was taken away meanwhile is left out."""
    for mail, address in listed:
        with suppress(LookupError):
            yield mails.line(address, mail)


def owner(directory: Directory, address: str) -> dict[str, str]:
    """Whose address it is; the address alone for nobody we know."""
    person = next((p for p in directory.people.values() if p.mail.lower() == address.lower()), None)
    if person is None:
        return {"id": "", "name": address, "post": ""}
    body = directory.bodies.get(person.agency)
    return {
        "id": person.id,
        "name": person.name,
        "post": ", ".join(p for p in (person.post, body.vi if body else "") if p),
    }


def acts(site: Running, mail: Any) -> str:
    """The path of the decision link in a mail; empty when it only informs."""
    found = next((link for link in mail.links if link.startswith(f"{site.base_url}/d/")), "")
    return found.removeprefix(site.base_url)


def enters(site: Running, mail: Any) -> str:
    found = next((link for link in mail.links if link.startswith(f"{site.base_url}/sign-in/")), "")
    return found.removeprefix(site.base_url)


def _read(request: Request, mail_id: str) -> Any:
    try:
        return box(request).read(mail_id)
    except LookupError:
        raise Refusal(404, "missing") from None


@router.get("/mailbox/{mail_id}")
def one_mail(request: Request, mail_id: str, seen_by: Maybe) -> Response:
    mail, site = _read(request, mail_id), running(request)
    with site.engine.snapshot() as snap:
        who = owner(snap.directory, mail.to)
    headers = {"Content-Security-Policy": POLICY.replace("style-src", "frame-src 'self'; style-src")}
    return render(
        request, "mail.html", headers=headers, mail=mail, who=who, acts=acts(site, mail), enters=enters(site, mail)
    )


@router.get("/mailbox/{mail_id}/html")
def in_frame(request: Request, mail_id: str) -> Response:
    """The mail as a mail program shows it: its own page without scripts, in a frame; its links open in the window."""
    mail = _read(request, mail_id)
    html = re.sub(r"(?i)(<head[^>]*>)", r'\1<base target="_top">', mail.html or "", count=1)
    if not html:
        raise Refusal(404, "missing")
    return HTMLResponse(
        html,
        headers={
            "Content-Security-Policy": FRAME,
            "X-Frame-Options": "SAMEORIGIN",
            "Content-Language": language(request),
        },
    )
