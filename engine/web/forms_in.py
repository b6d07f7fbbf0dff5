"""Forms as they arrive: read once, counted, no name twice, no letters that no database keeps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

from fastapi import Depends, Request
from starlette.datastructures import FormData, UploadFile

from engine.web import csrf
from engine.web.refusal import Refusal
from engine.web.rendering import is_token_page

MOST_FIELDS = 4000  # eighty rows of a list with all their columns
MOST_FILES = 250  # boxes for files, most of them left empty
LONGEST_NAME = 200
URLENCODED = "application/x-www-form-urlencoded"


async def posted(request: Request) -> FormData:
    """The form of a POST. Token pages take no multipart and no session; all others need the session's hidden token.
    Raises Refusal."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if not kind and request.headers.get("content-length", "0") == "0":
        return await _checked(request, FormData())
    if kind != URLENCODED and (kind != "multipart/form-data" or is_token_page(request)):
        raise Refusal(415, "kind")
    try:
        form = await request.form(max_files=MOST_FILES, max_fields=MOST_FIELDS, max_part_size=200_000)
    except Refusal:
        raise
    except Exception:
        raise Refusal(422, "form") from None
    pairs = form.multi_items()
    if len(pairs) > MOST_FIELDS or any(not _sound(name, value) for name, value in pairs):
        raise Refusal(422, "form")
    return await _checked(request, form)


async def _checked(request: Request, form: FormData) -> FormData:
    if not is_token_page(request) and getattr(request.state, "needs_csrf", True):
        from engine.web.sessions import load

        await load(request)
        csrf.check(request, form)
    return form


def _sound(name: str, value: object) -> bool:
    if isinstance(value, UploadFile):
        return len(name) <= LONGEST_NAME
    text = f"{name}{value}"
    return len(name) <= LONGEST_NAME and "\x00" not in text and "\ufffd" not in name


async def open_form(request: Request) -> FormData:
    """A form that needs no session: signing in."""
    request.state.needs_csrf = False
    return await posted(request)


async def late_form(request: Request) -> FormData:
    """A form that may come from a session that is over by now. Whoever takes it changes nothing unless
    `request.state.proven`: it is shown again instead, for nothing typed may be lost."""
    request.state.needs_csrf = False
    form = await posted(request)
    request.state.proven = csrf.holds(request, form)
    return form


async def typed(request: Request) -> list[tuple[str, str]]:
    """(name, text) of a form nobody is signed in for, to be sent again after signing in; empty where it has none."""
    request.state.needs_csrf = False
    try:
        form = await posted(request)
    except Refusal:
        return []
    return [(n, v) for n, v in form.multi_items() if isinstance(v, str) and n not in ("csrf", "version")]


Posted = Annotated[FormData, Depends(posted)]
LateForm = Annotated[FormData, Depends(late_form)]
OpenForm = Annotated[FormData, Depends(open_form)]


def one(form: FormData, name: str) -> str:
    """The single value of a name. Raises Refusal (422) when it came twice or as a file."""
    values = form.getlist(name)
    if len(values) > 1 or any(isinstance(v, UploadFile) for v in values):
        raise Refusal(422, "form")
    return str(values[0]) if values else ""


def starting(form: FormData, prefix: str) -> Iterator[tuple[str, str]]:
    """(rest of the name, value) of all names with a prefix, each once."""
    for name in dict.fromkeys(name for name, _ in form.multi_items()):
        if name.startswith(prefix):
            yield name.removeprefix(prefix), one(form, name)


def texts(form: FormData) -> dict[str, Any]:
    """Every single text value, for showing a form again."""
    return {name: str(value) for name, value in form.multi_items() if not isinstance(value, UploadFile)}
