"""The site as an ASGI application: routers by audience, and what stands in front of all of them."""

from __future__ import annotations

import asyncio
import importlib
import importlib.util
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware

from engine.web import logs
from engine.web.csrf import Csrf
from engine.web.headers import Head, Headers
from engine.web.hosts import Hosts
from engine.web.limits import BodyLimit, Limiter, RateLimit, sizes
from engine.web.refusal import PlainErrors, Refusal, on_http, on_refusal, on_unusable
from engine.web.running import Running

# each has a `router`; the order is the one addresses are looked up in
ROUTERS = (
    "assets",
    "decide",
    "sign_in",
    "tasks",
    "draft_documents",
    "files",
    "mailbox",
    "demo_clock",
    "portal",
    "cases",
    "workflows",
)


def create_app(site: Running) -> FastAPI:
    """All pages of one site. Start it with one worker process on SQLite: the engine holds the only writer."""
    limiter = Limiter(site.setting("limits"))
    server = site.setting("server")
    trusted = tuple(getattr(server, "trusted_proxies", ()))
    stack = [  # from the outside in
        Middleware(Headers, secure=site.secure),
        Middleware(Head),
        Middleware(PlainErrors),
        Middleware(Hosts, base_url=site.base_url, open_locally=not site.setting("production", False)),
        Middleware(RateLimit, limiter=limiter, trusted=trusted),
        Middleware(Csrf, origin=site.origin),
        Middleware(BodyLimit, size=sizes(getattr(site.setup, "settings", None))),
    ]
    app = FastAPI(title="Trình", docs_url=None, redoc_url=None, openapi_url=None, middleware=stack, lifespan=_alive)
    app.state.running, app.state.limiter = site, limiter
    app.add_exception_handler(Refusal, on_refusal)
    app.add_exception_handler(HTTPException, on_http)
    app.add_exception_handler(RequestValidationError, on_unusable)
    for name in ROUTERS:
        if importlib.util.find_spec(f"engine.web.{name}") is not None:
            app.include_router(importlib.import_module(f"engine.web.{name}").router)
    logs.install()
    return app


@asynccontextmanager
async def _alive(app: FastAPI) -> AsyncIterator[None]:
    """The worker (clock, mail, papers) lives as long as the server. By now the server has set up its logs."""
    logs.install()
    site: Running = app.state.running
    worker = site.worker
    if worker is not None:
        await worker.start()
        if (
            site.demo is None
            and getattr(site.setting("demo"), "clock", False)
            and not site.setting("production", False)
        ):
            from engine.demo.controls import Controls

            site.demo = Controls(site.engine, worker, asyncio.get_running_loop())
    try:
        yield
    finally:
        if worker is not None:
            await worker.stop()
