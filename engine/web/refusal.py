"""Answers that are no page of a case: not found, refused, too large, too many, our own fault. Plain words, no trace."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger("trinh.web")
_FILLED_IN = re.compile(r"/c/[^/]+/edit/[^/]+$")


class Refusal(Exception):
    """A page that says why nothing happened; `code` names its words in templates/pages/refusal.html."""

    def __init__(self, status: int, code: str, headers: Mapping[str, str] | None = None, **params: object):
        super().__init__(code)
        self.status, self.code, self.headers, self.params = status, code, dict(headers or {}), params


CODES = {
    400: "request",
    403: "forbidden",
    404: "missing",
    405: "method",
    413: "large",
    415: "kind",
    422: "form",
    429: "many",
}


def page(request: Request, refusal: Refusal, typed: Sequence[tuple[str, str]] = ()) -> Response:
    """`typed`: what a form held that came after the end of its session."""
    from engine.web.rendering import render

    try:
        if refusal.code == "sign-in":
            wanted = request.url.path if request.method == "GET" else "/tasks"
            if typed:
                wanted = request.url.path
            asked: dict[str, Any] = {"next": wanted, "needed": True, "errors": [], "address": "", "typed": typed}
            asked["address_again"] = f"{request.url.path}?{request.url.query}".removesuffix("?")
            return render(request, "sign_in.html", refusal.status, **asked)
        context = {"code": refusal.code, "params": refusal.params, "wide": False}
        return render(request, "refusal.html", refusal.status, refusal.headers, **context)
    except Exception:
        log.exception("the page of a refusal could not be made")
        return fallback(refusal.status)


def fallback(status: int) -> Response:
    """When even templates fail."""
    text = "Hệ thống gặp sự cố, chưa ghi nhận điều gì. / Something went wrong here; nothing was recorded."
    return PlainTextResponse(text, status)


async def answer(scope: Scope, receive: Receive, send: Send, refusal: Refusal) -> None:
    await page(Request(scope, receive), refusal)(scope, receive, send)


async def on_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    if error.code == "sign-in" and request.method == "POST" and _FILLED_IN.match(request.url.path):
        from engine.web.forms_in import typed

        return page(request, error, await typed(request))
    return page(request, error)


async def on_http(request: Request, error: Exception) -> Response:
    """404, 405 and the like of the framework."""
    assert isinstance(error, HTTPException)
    code = CODES.get(error.status_code, "request")
    return page(request, Refusal(error.status_code, code, error.headers))


async def on_unusable(request: Request, error: Exception) -> Response:
    """Parameters of the wrong shape: a page address that cannot be, or a form that no page of ours sends."""
    return page(
        request,
        Refusal(
            404 if request.method in ("GET", "HEAD") else 422,
            "missing" if request.method in ("GET", "HEAD") else "form",
        ),
    )


class PlainErrors:
    """The last resort: whatever fails becomes a plain page. The trace goes to the log, without the form."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = False

        async def sending(message: Message) -> None:
            nonlocal started
            started = started or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, sending)
        except Refusal as refusal:
            if started or scope["type"] != "http":
                raise
            await answer(scope, receive, send, refusal)
        except Exception as error:
            if scope["type"] != "http" or started:
                raise
            log.error("%s %s failed: %s", scope["method"], scope["path"], type(error).__name__, exc_info=True)
            await answer(scope, receive, send, Refusal(500, "ours"))


__all__ = ["HTMLResponse", "PlainErrors", "Refusal", "answer", "on_http", "on_refusal", "on_unusable", "page"]
