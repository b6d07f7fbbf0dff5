"""Who is signed in: a session kept by the server, found by the hash of a random cookie (links-mail-web E).

The cookie is `__Host-sid` on https and `sid` on the http of a demo or test. Idle for 30 minutes or 8 hours old, it is
dead; signing in makes a new one. The hidden token of forms is derived from the cookie, so nothing of it is stored.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from starlette.concurrency import run_in_threadpool

from engine.core.directory import Directory, Person
from engine.store import sessions as store
from engine.store import views
from engine.web.refusal import Refusal
from engine.web.running import Running, running

MINUTE = 60_000_000  # µs
TOUCH = MINUTE  # a session is marked as seen at most once a minute
SHAPE = 43  # characters of 256 random bits in URL-safe base64


@dataclass(frozen=True, slots=True)
class Session:
    """`csrf` is the hidden token of this session's forms."""

    person: str
    csrf: str


def key_of(secret: str) -> bytes:
    """What the store knows of a secret."""
    return hashlib.sha256(b"trinh/1 session\x00" + secret.encode()).digest()


def idle(site: Running) -> int:
    """µs without a click after which a session ends."""
    return int(getattr(site.setting("sign_in"), "idle_minutes", 30)) * MINUTE


def absolute(site: Running) -> int:
    """µs after which a session ends in any case."""
    return int(getattr(site.setting("sign_in"), "absolute_hours", 8)) * 60 * MINUTE


def cookie_name(site: Running) -> str:
    return "__Host-sid" if site.secure else "sid"


def csrf_of(secret: str) -> str:
    return hmac.new(secret.encode(), b"trinh/1 form", hashlib.sha256).hexdigest()[:32]


async def load(request: Request) -> Person | None:
    """Find the session once per request; sets `session`, `person`, `person_post` of the request's state."""
    if not hasattr(request.state, "session"):
        await run_in_threadpool(_load, request)
    return getattr(request.state, "person", None)


def _load(request: Request) -> None:
    site = running(request)
    request.state.session = request.state.person = None
    secret = request.cookies.get(cookie_name(site), "")
    if len(secret) != SHAPE:
        return
    now, key = site.session_clock(), key_of(secret)
    with views.reading(site.engine.database) as conn:
        row = store.find(conn, key, now, idle(site))
        directory = site.engine.library.directory(conn)
    person = directory.people.get(row.person) if row else None
    if row is None or person is None or not person.active:
        return
    if now - row.seen > TOUCH:
        site.engine.writer.chore(lambda conn: store.touch(conn, key, now), droppable=True)
    request.state.session = Session(person.id, csrf_of(secret))
    request.state.person, request.state.person_post = person, post(directory, person)


def post(directory: Directory, person: Person, lang: str = "vi") -> str:
    """`Phó Giám đốc, Sở Du lịch`."""
    body = directory.bodies.get(person.agency)
    name = (body.en if lang == "en" and body.en else body.vi) if body else ""
    return ", ".join(part for part in (person.post, name) if part)


def start(site: Running, person: str, answer: Response, old: str = "") -> None:
    """Open a new session for a person and put its cookie on the answer; the one before ends."""
    secret, now = secrets.token_urlsafe(32), site.session_clock()

    def work(conn: Any) -> None:
        if old:
            store.revoke(conn, key_of(old))
        store.create(conn, key_of(secret), person, "mail", now, now + absolute(site))

    site.engine.writer.chore(work).result()
    answer.set_cookie(
        cookie_name(site),
        secret,
        path="/",
        secure=site.secure,
        httponly=True,
        samesite="lax",
        max_age=absolute(site) // 1_000_000,
    )


def end(site: Running, request: Request, answer: Response) -> None:
    secret = request.cookies.get(cookie_name(site), "")
    if secret:
        site.engine.writer.chore(lambda conn: store.revoke(conn, key_of(secret))).result()
    answer.delete_cookie(cookie_name(site), path="/", secure=site.secure, httponly=True, samesite="lax")


async def maybe(request: Request) -> Person | None:
    return await load(request)


async def signed_in(request: Request) -> Person:
    """Raises Refusal 401, whose page is the sign-in form."""
    person = await load(request)
    if person is None:
        raise Refusal(401, "sign-in")
    return person


Maybe = Annotated[Person | None, Depends(maybe)]
SignedIn = Annotated[Person, Depends(signed_in)]
