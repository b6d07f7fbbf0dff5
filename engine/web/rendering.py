"""Pages from Jinja templates in both languages: escaped by default, an unknown name is an error, no scripts."""

from __future__ import annotations

import functools
import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from engine.core.directory import Person
from engine.web.running import running
from engine.words import formats
from engine.words.language import LANGS, words

PAGES = Path(__file__).resolve().parents[2] / "templates" / "pages"
STATIC = PAGES / "static"
LANG_COOKIE = "lang"


@functools.cache
def static_hash(name: str) -> str:
    """Twelve hex digits of a static file: its address changes with its bytes."""
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


def static(name: str) -> str:
    return f"/s/{static_hash(name)}/{name}"


@functools.cache
def environment(lang: str) -> Environment:
    """One environment a language, so that `_()` needs no request."""
    made = Environment(
        loader=FileSystemLoader(PAGES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
    )
    say = words(lang)
    made.install_gettext_callables(say.gettext, say.ngettext, newstyle=True)  # type: ignore[attr-defined]
    made.filters.update(
        money=functools.partial(formats.money, lang=lang),
        iso_day=functools.partial(formats.iso_day, lang=lang),
        iso_weekday=functools.partial(formats.iso_day, lang=lang, week=True),
        size=formats.size,
        country=functools.partial(formats.country, lang=lang),
        nowrap=lambda text: str(text).replace(" ", "\u00a0"),
        labels=lambda options: [(option[0], option[1]) for option in options],
    )
    return made


def language(request: Request) -> str:
    """The language of the answer: asked for, remembered by a cookie, the person's own, else Vietnamese. A token page
    sets `request.state.lang` itself and reads no cookie."""
    known = getattr(request.state, "lang", "")
    person: Person | None = getattr(request.state, "person", None)
    for found in (
        request.query_params.get("lang"),
        known,
        request.cookies.get(LANG_COOKIE) if not is_token_page(request) else "",
        person.lang if person else "",
    ):
        if found in LANGS:
            return str(found)
    return LANGS[0]


def is_token_page(request: Request) -> bool:
    path = request.url.path
    return path == "/d" or path.startswith("/d/")


def render(
    request: Request, name: str, status: int = 200, headers: Mapping[str, str] | None = None, **context: Any
) -> HTMLResponse:
    """The page `name` below templates/pages. Names every template knows: see `page_context`."""
    lang = language(request)
    text = environment(lang).get_template(name).render(**{**page_context(request, lang), **context})
    return HTMLResponse(text, status, dict(headers or {}))


def page_context(request: Request, lang: str) -> dict[str, Any]:
    """`lang other lang_href say clock person csrf site_name css path nav demo token_page base_url`."""
    site = running(request)
    session = getattr(request.state, "session", None)
    return {
        "lang": lang,
        "other": "en" if lang == "vi" else "vi",
        "lang_href": language_link(request, "en" if lang == "vi" else "vi"),
        "say": words(lang),
        "clock": formats.Clock(site.engine.library.calendar, lang, site.engine.clock()),
        "person": getattr(request.state, "person", None),
        "person_post": getattr(request.state, "person_post", ""),
        "csrf": getattr(session, "csrf", "") if session else "",
        "site_name": site_name(site, lang),
        "css": static("trinh.css"),
        "path": request.url.path,
        "current": current(request.url.path),
        "demo": site.demo is not None or bool(site.mailbox),
        "mailbox": bool(site.mailbox),
        "token_page": is_token_page(request),
        "base_url": site.base_url,
        "contact": str(getattr(site.setting("mail"), "reply_to", "") or ""),
        "wide": not is_token_page(request),
        "robot_free": True,
    }


def site_name(site: Any, lang: str) -> str:
    return _text(site.setting("name", "") or {"vi": "Thành phố Hà Nội", "en": "City of Hanoi"}, lang)


def _text(value: Any, lang: str) -> str:
    if isinstance(value, dict):
        return str(value.get(lang) or value.get("vi") or "")
    if hasattr(value, "vi") and hasattr(value, "en"):
        return str(value.en if lang == "en" else value.vi)
    return str(value or "")


def current(path: str) -> str:
    """The entry of the navigation a path belongs to."""
    first = path.split("/")[1] if "/" in path else ""
    return {
        "tasks": "tasks",
        "cases": "cases",
        "c": "cases",
        "new": "new",
        "workflows": "workflows",
        "mailbox": "mailbox",
    }.get(first, "")


def language_link(request: Request, lang: str) -> str:
    """Where the same page is found in another language. Token pages carry it in the address and keep no cookie."""
    if is_token_page(request):
        path = getattr(request.state, "token_path", "") or request.url.path
        return f"{path}?{urlencode({'lang': lang})}" if path != "/d" else ""
    back = request.url.path if request.method == "GET" else "/"
    if request.method == "GET" and request.url.query:
        back += "?" + request.url.query
    return f"/lang?to={lang}&next={quote(back, safe='/')}"


def see(path: str, status: int = 303) -> RedirectResponse:
    """Go on to a path of this site; the browser fetches it with GET."""
    return RedirectResponse(path, status)


def local_path(wanted: str | None, otherwise: str = "/") -> str:
    """`wanted` when it is a path of this site, else `otherwise`: no redirect leaves it."""
    if not wanted or not wanted.startswith("/") or wanted.startswith(("//", "/\\")):
        return otherwise
    if any(ord(c) < 33 or c == "\\" for c in wanted) or len(wanted) > 500:
        return otherwise
    return wanted
