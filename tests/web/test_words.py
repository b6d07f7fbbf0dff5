"""Every sentence of the pages exists in Vietnamese, with the same places to fill; pages come in the language asked for."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2.ext import babel_extract

from engine.core.answers import _EXPECTED
from engine.core.blockers import MESSAGES
from engine.words.language import catalogues, words
from tests.web.conftest import Web

ROOT = Path(__file__).resolve().parents[2]
PLACE = re.compile(r"%\(\w+\)s|\{\w+\}")
OPTIONS = {"trim_blocks": "true", "lstrip_blocks": "true", "extensions": "jinja2.ext.do"}
ONLY_NAMES = re.compile(r"[\s\d%().,:;·«»A-Z-]*")


def in_templates() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "templates" / "pages").glob("*.html")):
        with path.open("rb") as file:
            for _, _, message, _ in babel_extract(file, ["_", "gettext", "ngettext"], [], OPTIONS):
                for text in [message] if isinstance(message, str) else [m for m in message or () if m][:1]:
                    yield path.name, text


def in_code() -> Iterator[tuple[str, str]]:
    for path in sorted((ROOT / "engine" / "web").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            sentence = node.args[0].value
            if called in ("say", "gettext") or (called == "count" and len(node.args) > 2):
                yield path.name, str(sentence)


def test_every_sentence_is_translated():
    vi = words("vi")
    known = {**vi._single, **{one: forms[0] for one, forms in vi._plural.items()}}
    missing = sorted({(place, text) for place, text in [*in_templates(), *in_code()] if text not in known})
    assert missing == []


def test_refusals_of_the_core_are_translated():
    vi = words("vi")
    assert [m for m in [*MESSAGES.values(), *_EXPECTED.values()] if m not in vi._single] == []


def test_translations_fill_the_same_places():
    wrong = []
    for catalogue in catalogues("vi"):
        for message in catalogue:
            if not message.id:
                continue
            ids = message.id if isinstance(message.id, tuple) else (message.id,)
            texts = message.string if isinstance(message.string, (tuple, list)) else (message.string or "",)
            wanted = set(PLACE.findall(str(ids[-1])))
            wrong += [(ids[0], text) for text in texts if not set(PLACE.findall(str(text))) <= wanted]
    assert wrong == []


def test_the_language_is_remembered_and_leads_back(web: Web):
    client = web.client()
    assert '<html lang="vi">' in client.get("/sign-in").text
    answer = client.get("/lang?to=en&next=/sign-in")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert "lang=en" in answer.headers["set-cookie"]
    assert '<html lang="en">' in client.get("/sign-in").text
    assert '<html lang="vi">' in client.get("/sign-in?lang=vi").text
    assert client.get("/lang?to=en&next=https://evil.example").headers["location"] == "/"
    assert client.get("/lang?to=xx&next=//evil.example").headers["location"] == "/"


@pytest.mark.slow
def test_a_token_page_speaks_its_persons_language_and_keeps_no_cookie(web: Web):
    token = web.mint(web.case, "F13")
    client = web.client(cookies={"lang": "en"})
    answer = client.get(f"/d/{token}")
    assert '<html lang="vi">' in answer.text and "set-cookie" not in answer.headers
    assert f'href="/d/{token}?lang=en"' in answer.text
    english = client.get(f"/d/{token}?lang=en").text
    assert "please consider and decide before" in english and "17:00, Thursday 19 May 2022" in english
