"""No other site may post here (LINK-A18).

What browsers say about a request decides: `Sec-Fetch-Site`, else `Origin`. A request without either passes on token
pages, where the token in the body is the proof, and nowhere else. Pages with a session also need its hidden token.
"""

from __future__ import annotations

import hmac

from fastapi import Request
from starlette.datastructures import FormData, Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from engine.web.refusal import Refusal, answer

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def foreign(method: str, path: str, headers: Headers, origin: str) -> bool:
    """Whether a request comes from elsewhere."""
    if method in SAFE:
        return False
    site = headers.get("sec-fetch-site")
    if site is not None:
        return site != "same-origin"
    given = headers.get("origin")
    if given is not None:
        return given != origin
    return not (path == "/d" or path.startswith("/d/"))


class Csrf:
    def __init__(self, app: ASGIApp, origin: str):
        self.app, self.origin = app, origin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and foreign(scope["method"], scope["path"], Headers(scope=scope), self.origin):
            await answer(scope, receive, send, Refusal(403, "foreign"))
            return
        await self.app(scope, receive, send)


def check(request: Request, form: FormData) -> None:
    """The hidden token of a page with a session. Raises Refusal (403)."""
    if not holds(request, form):
        raise Refusal(403, "form")


def holds(request: Request, form: FormData) -> bool:
    """Whether the form carries the hidden token of the session it is sent in."""
    session = getattr(request.state, "session", None)
    return session is not None and hmac.compare_digest(str(form.get("csrf") or "").encode(), session.csrf.encode())
