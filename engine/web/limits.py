"""How much one client may ask for: requests in a time (LINK-A19) and bytes in a body.

Counters live in this process; several nodes behind a balancer each allow the limit.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from ipaddress import ip_address, ip_network
from typing import Any

from fastapi import Request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.web.refusal import Refusal, answer

PAGES = parse("60/minute")  # /d*, one address
UNKNOWN = parse("20/10 minutes")  # tokens that open nothing, one address
POSTS = parse("10/minute")  # answers that were not taken, one grant
RESEND = parse("3/hour")  # new links asked for, one grant
DRAFTS = parse("20/minute")  # drafts of documents, one person
SIGN_IN = parse("5/hour")  # sign-in mails, one person
SIGN_IN_FROM = parse("30/10 minutes")  # sign-in mails asked for, one address
FORM = 2 * 1024 * 1024
UPLOAD_FORM = 7 * 1024 * 1024  # the rest of a form that brings files
UPLOAD = 107 * 1024 * 1024  # all files of a case and the rest of the form; each file is counted where it is read


class Limiter:
    """Counts events under keys; `hit` answers whether there was room."""

    def __init__(self, wanted: Any = None) -> None:
        """`wanted`: the site's [limits]; without them those above hold."""
        self._storage = MemoryStorage()
        self._window = MovingWindowRateLimiter(self._storage)
        self._wanted = configured(wanted) if wanted is not None else {}

    def hit(self, limit: RateLimitItem, *key: str) -> bool:
        return self._window.hit(self._wanted.get(limit, limit), *key)

    def room(self, limit: RateLimitItem, *key: str) -> bool:
        """Whether there is room, without taking it."""
        return self._window.test(self._wanted.get(limit, limit), *key)

    def refuse(self, limit: RateLimitItem, *key: str) -> Refusal:
        reset = self._window.get_window_stats(self._wanted.get(limit, limit), *key).reset_time
        wait = max(1, int(reset - time.time()) + 1)
        return Refusal(429, "many", {"Retry-After": str(wait)}, minutes=-(-wait // 60))

    def reset(self) -> None:
        self._storage.reset()


def configured(wanted: Any) -> dict[RateLimitItem, RateLimitItem]:
    """Limits of config.toml in the place of those above."""
    return {
        PAGES: parse(f"{wanted.links_per_minute}/minute"),
        UNKNOWN: parse(f"{wanted.unknown_links}/10 minutes"),
        POSTS: parse(f"{wanted.answers_per_minute}/minute"),
        RESEND: parse(f"{wanted.new_links_per_hour}/hour"),
    }


def client_of(peer: str, headers: Headers, trusted: Iterable[str]) -> str:
    """The address a request comes from. `X-Forwarded-For` counts only behind a configured proxy, read from the right."""
    networks = [ip_network(item, strict=False) for item in trusted]

    def known(text: str) -> bool:
        try:
            return any(ip_address(text) in network for network in networks)
        except ValueError:
            return False

    found = peer
    hops = [hop.strip() for hop in headers.get("x-forwarded-for", "").split(",") if hop.strip()]
    while known(found) and hops:
        found = hops.pop()
    return found[:64]


def client(request: Request) -> str:
    return str(request.state.client)


class RateLimit:
    """Finds the client's address for everybody behind it, and stops floods of /d*."""

    def __init__(self, app: ASGIApp, limiter: Limiter, trusted: tuple[str, ...] = ()):
        self.app, self.limiter, self.trusted = app, limiter, trusted

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        peer = (scope.get("client") or ("unknown", 0))[0]
        found = client_of(peer, Headers(scope=scope), self.trusted)
        scope.setdefault("state", {})["client"] = found
        path = scope["path"]
        if (path == "/d" or path.startswith("/d/")) and not self.limiter.hit(PAGES, "d", found):
            await answer(scope, receive, send, self.limiter.refuse(PAGES, "d", found))
            return
        await self.app(scope, receive, send)


class BodyLimit:
    """Counts the bytes of a body as they come; what goes beyond is answered with 413. `size` gives the limit of a path."""

    def __init__(self, app: ASGIApp, size: Callable[[str], int]):
        self.app, self.size = app, size

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = self.size(scope["path"])
        told = Headers(scope=scope).get("content-length", "")
        if told and (not told.isdigit() or int(told) > most):
            await answer(scope, receive, send, Refusal(413, "large", megabytes=most // (1024 * 1024)))
            return
        seen = 0

        async def counting() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > most:
                raise Refusal(413, "large", megabytes=most // (1024 * 1024))
            return message

        await self.app(scope, counting, send)


def size_of(path: str) -> int:
    """Files come to the pages of a case; everything else is a form."""
    return UPLOAD if path.startswith("/c/") else FORM


def sizes(settings: Any) -> Callable[[str], int]:
    """`size_of` with the figures of a site."""
    if settings is None:
        return size_of
    form, upload = settings.limits.body_bytes, settings.files.case_bytes + UPLOAD_FORM
    return lambda path: upload if path.startswith("/c/") else form
