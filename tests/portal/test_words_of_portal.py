"""Every sentence of the portal's pages has its Vietnamese, and no translation loses a placeholder."""

from __future__ import annotations

import ast
import re
from io import BytesIO
from pathlib import Path

from jinja2.ext import babel_extract

from engine.web import case_page, replay, telling, workflows
from engine.web.printing import LETTER_LABELS
from engine.words.language import words

ROOT = Path(__file__).resolve().parents[2]
PAGES = "fields told edit edit_conflict new new_workflow discard not_possible check case cases front workflows workflow timeline replay"
MODULES = (
    "ahead case_page check front cases workflows portal telling timeline edit edit_page filling slips uploads suggested "
    "seeing reads steps form_fields named printing strip track"
)


def sentences() -> set[str | tuple[str, str]]:
    found: set[str | tuple[str, str]] = set()
    options = {"trim_blocks": "true", "lstrip_blocks": "true", "extensions": "jinja2.ext.do"}
    for name in PAGES.split():
        page = (ROOT / "templates" / "pages" / f"{name}.html").read_bytes()
        for _, _, message, _ in babel_extract(BytesIO(page), ["_", "ngettext"], [], options):
            parts = [part for part in (message if isinstance(message, tuple) else (message,)) if part]
            if parts:
                found.add(parts[0] if len(parts) == 1 else (parts[0], parts[1]))
    for name in MODULES.split():
        for node in ast.walk(ast.parse((ROOT / "engine" / "web" / f"{name}.py").read_text("utf-8"))):
            if isinstance(node, ast.Call):
                found |= _said(node)
    found |= set(replay.STANDING)
    for table in (telling.HOW, telling.REASONS, workflows.NEEDS, workflows.SEAT_WORDS, LETTER_LABELS):
        found |= set(table.values())
    return (
        found | {word for _, word in case_page.WAIVER_WORDS.values()} | {word for _, word in workflows.KINDS.values()}
    )


def _said(node: ast.Call) -> set[str | tuple[str, str]]:
    texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
    name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
    if name == "count" and len(texts) == 2:
        return {(texts[0], texts[1])}
    return {texts[0]} if name == "say" and texts else set()


def test_every_sentence_has_its_vietnamese():
    vi = words("vi")
    missing = [s for s in sentences() if (s[0] not in vi._plural if isinstance(s, tuple) else s not in vi._single)]
    assert not missing


def test_placeholders_survive():
    vi = words("vi")
    place = re.compile(r"%\(\w+\)s")
    for sentence in sentences():
        english = sentence[0] if isinstance(sentence, tuple) else sentence
        vietnamese = vi._plural[english][0] if isinstance(sentence, tuple) else vi._single[english]
        assert set(place.findall(vietnamese)) == set(place.findall(english)), english
