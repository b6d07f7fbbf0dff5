"""The style sheet under the hash of its bytes, the language switch, and whether the site is up."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from engine.store import views
from engine.web.refusal import Refusal
from engine.web.rendering import LANG_COOKIE, STATIC, local_path, see, static_hash
from engine.web.running import running
from engine.words.language import LANGS

router = APIRouter(include_in_schema=False)
TYPES = {".css": "text/css; charset=utf-8", ".svg": "image/svg+xml"}


@router.get("/s/{digest}/{name}")
def static_file(digest: str, name: str) -> Response:
    """Files of templates/pages/static; an old address of a changed file is gone."""
    path = STATIC / name
    if "/" in name or path.suffix not in TYPES or not path.is_file() or static_hash(name) != digest:
        raise Refusal(404, "missing")
    return Response(
        path.read_bytes(),
        media_type=TYPES[path.suffix],
        headers={"Cache-Control": "public, max-age=31536000, immutable"},
    )


@router.get("/favicon.ico")
def no_icon() -> Response:
    return Response(status_code=204, headers={"Cache-Control": "public, max-age=86400"})


@router.get("/robots.txt")
def robots() -> Response:
    return Response("User-agent: *\nDisallow: /\n", media_type="text/plain")


@router.get("/lang")
def switch_language(request: Request, to: str = "", next: str = "/") -> Response:
    """Remember a language and go back. No right depends on it."""
    answer = see(local_path(next))
    if to in LANGS:
        secure = running(request).secure
        answer.set_cookie(LANG_COOKIE, to, max_age=31_536_000, samesite="lax", httponly=True, secure=secure, path="/")
    return answer


@router.get("/healthz")
def alive() -> Response:
    return JSONResponse({"status": "ok"})


@router.get("/readyz")
def ready(request: Request) -> Response:
    """503 while the database does not answer."""
    try:
        with views.reading(running(request).engine.database) as conn:
            views.counts(conn)
    except Exception:
        return JSONResponse({"status": "database"}, 503)
    return JSONResponse({"status": "ok"})
