"""Signing in with a link that is mailed to the registered address (links-mail-web E).

Whoever asks gets the same answer, known or not. The link opens a page that names who will be signed in; only its button
signs in, and only once.
"""

from __future__ import annotations

import inspect
import secrets
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool

from engine.core.directory import Person
from engine.store import sessions as store
from engine.store import views
from engine.web import sessions
from engine.web.forms_in import OpenForm, Posted, one
from engine.web.limits import SIGN_IN, SIGN_IN_FROM, Limiter, client
from engine.web.rendering import language, local_path, render, see
from engine.web.running import Running, running
from engine.web.sessions import Maybe
from engine.words.language import words

router = APIRouter(include_in_schema=False)
HOME = "/tasks"  # where signing in leads by itself
NOT_BY_MAIL = frozenset({"admin", "auditor"})  # these use the command line as long as nothing stronger is built


def minutes(site: Running) -> int:
    return int(getattr(site.setting("sign_in"), "code_minutes", 10))


@router.get("/sign-in")
def ask(request: Request, person: Maybe, next: str = HOME) -> Response:
    if person is not None:
        return see(local_path(next, HOME))
    return render(request, "sign_in.html", next=local_path(next, HOME), needed=False, errors=[], address="")


@router.post("/sign-in")
def send(request: Request, form: OpenForm) -> Response:
    """Mail a link. The same answer whether or not somebody has this address."""
    site, limiter = running(request), request.app.state.limiter
    address, wanted = one(form, "mail").strip(), local_path(one(form, "next"), HOME)
    here = client(request)
    if not limiter.hit(SIGN_IN_FROM, "sign-in", here):
        raise limiter.refuse(SIGN_IN_FROM, "sign-in", here)
    if not plausible(address):
        say = words(language(request))
        errors = [("mail", say("Enter your office mail address, for example ten@hanoi.gov.vn"))]
        return render(request, "sign_in.html", 422, next=wanted, needed=False, errors=errors, address=address)
    lang = language(request)
    answer = render(request, "sign_in_sent.html", minutes=minutes(site))
    answer.background = BackgroundTask(_mail, site, limiter, address, wanted, lang)
    return answer


def plausible(address: str) -> bool:
    local, at, domain = address.rpartition("@")
    return (
        bool(at and local and "." in domain)
        and len(address) <= 254
        and not any(c.isspace() or ord(c) < 32 for c in address)
    )


async def _mail(site: Running, limiter: Limiter, address: str, wanted: str, lang: str) -> None:
    """After the answer has gone out, so that its time tells nothing."""
    found = await run_in_threadpool(_offer, site, limiter, address, wanted)
    if found is None or site.mail_sign_in is None:
        return
    person, url = found
    sent: Any = site.mail_sign_in(person, url, person.lang or lang)
    if inspect.isawaitable(sent):
        await sent


def _offer(site: Running, limiter: Limiter, address: str, wanted: str) -> tuple[Person, str] | None:
    with views.reading(site.engine.database) as conn:
        person_id = views.person_for_mail(conn, address)
        directory = site.engine.library.directory(conn)
    person = directory.people.get(person_id or "")
    if person is None or not person.active or NOT_BY_MAIL & set(person.roles):
        return None
    if not limiter.hit(SIGN_IN, "sign-in", person.id):
        return None
    token = secrets.token_urlsafe(24)
    now, key = site.session_clock(), sessions.key_of(token)
    until = now + minutes(site) * sessions.MINUTE
    site.engine.writer.chore(lambda conn: store.offer(conn, key, person.id, until, now)).result()
    onward = f"?next={quote(wanted, safe='/')}" if wanted != HOME else ""
    return person, f"{site.base_url}/sign-in/{token}{onward}"


@router.get("/sign-in/{token}")
def confirm(request: Request, token: str, next: str = HOME) -> Response:
    """Who will be signed in. Nothing happens yet: mail programs open links by themselves."""
    site = running(request)
    person = _known(site, token)
    if person is None:
        return render(request, "sign_in_over.html", 410)
    with site.engine.snapshot() as snap:
        post = sessions.post(snap.directory, person, language(request))
    return render(request, "sign_in_confirm.html", token=token, who=person, post=post, next=local_path(next, HOME))


@router.post("/sign-in/enter")
def enter(request: Request, form: OpenForm) -> Response:
    """Use the link: it works once."""
    site, token = running(request), one(form, "token")
    person, now, key = _known(site, token), site.session_clock(), sessions.key_of(token)
    if person is None or site.engine.writer.chore(lambda conn: store.take(conn, key, now)).result() != person.id:
        return render(request, "sign_in_over.html", 410)
    answer = see(local_path(one(form, "next"), HOME))
    sessions.start(site, person.id, answer, old=request.cookies.get(sessions.cookie_name(site), ""))
    return answer


def _known(site: Running, token: str) -> Person | None:
    """Whom a mailed link signs in while it lives."""
    with views.reading(site.engine.database) as conn:
        found = store.peek(conn, sessions.key_of(token), site.session_clock())
        directory = site.engine.library.directory(conn)
    person = directory.people.get(found or "")
    return person if person is not None and person.active else None


@router.post("/sign-out")
def leave(request: Request, form: Posted) -> Response:
    answer = see("/sign-in")
    sessions.end(running(request), request, answer)
    return answer
