"""Only the site's own names are answered: a foreign `Host` is no site of ours, whatever it points to."""

from __future__ import annotations

from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from engine.web.refusal import Refusal, answer

LOCAL = ("localhost", "127.0.0.1", "[::1]")
PROBES = ("/healthz", "/readyz")  # asked for by address


class Hosts:
    """`open_locally`: a site that is not in production also answers to the names of this machine."""

    def __init__(self, app: ASGIApp, base_url: str, open_locally: bool = True):
        self.app = app
        self.names = {urlsplit(base_url).netloc.lower()}
        self.local = LOCAL if open_locally else ()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] not in PROBES:
            host = Headers(scope=scope).get("host", "").lower()
            bare = host.rsplit(":", 1)[0] if not host.endswith("]") else host
            if host not in self.names and bare not in self.local:
                await answer(scope, receive, send, Refusal(400, "request"))
                return
        await self.app(scope, receive, send)
