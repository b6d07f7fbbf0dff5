"""The same headers on every answer (LINK-A15). A handler may set its own: downloads and mails in a frame do."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; "
    "frame-ancestors 'none'"
)
# `same-origin` and not `no-referrer`: the latter makes browsers send `Origin: null` with the page's own forms
EVERYWHERE = {
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
}
HSTS = ("Strict-Transport-Security", "max-age=31536000")
# what a browser may do with an upload: nothing
SANDBOX = "default-src 'none'; sandbox"


class Head:
    """Answers HEAD everywhere as GET without its body."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "HEAD":
            await self.app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

        await self.app({**scope, "method": "GET"}, receive, sending)


class Headers:
    """`secure`: the site is reached over https, so browsers are told to stay there."""

    def __init__(self, app: ASGIApp, secure: bool = False):
        self.app, self.fixed = app, dict([*EVERYWHERE.items(), *([HSTS] if secure else [])])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self.fixed.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, sending)
