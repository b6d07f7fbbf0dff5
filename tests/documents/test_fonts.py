"""The fonts that come with the templates have every letter a paper needs, and nothing else is printed with."""

from __future__ import annotations

import unicodedata

import pytest
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from engine.documents.bundle import Bundle
from engine.documents.render import Printer
from tests.documents.paper import Paper
from tests.documents.walk import ROOT, TEMPLATES

FACES = ("Regular", "Bold", "Italic", "BoldItalic")
TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")


def letters() -> str:
    """134 Vietnamese letters with their tones, in both cases, and the signs of papers."""
    small = {unicodedata.normalize("NFC", base + tone) for base in "aăâeêioôơuưy" for tone in TONES} | {"đ"}
    marked = {letter for letter in small if letter not in "aeiouy"}
    both = marked | {letter.upper() for letter in marked}
    assert len(both) == 134
    return "".join(sorted(both)) + "–—«»“”‘’…•₫×°§/-.,;:()'\"%&@#+=<>[]{}|0123456789"


@pytest.mark.parametrize("face", FACES)
def test_every_face_has_every_letter(face: str) -> None:
    known = TTFont(ROOT / "templates" / "fonts" / f"Tinos-{face}.ttf").getBestCmap()
    assert [letter for letter in letters() if ord(letter) not in known] == []


def test_the_licence_lies_beside_the_fonts() -> None:
    assert "SIL OPEN FONT LICENSE Version 1.1" in (ROOT / "templates" / "fonts" / "OFL.txt").read_text("ascii")


def test_every_letter_is_printed_embedded_and_found_again(printer: Printer) -> None:
    css = TEMPLATES.bundle("D-01").files["documents/_van_ban.css"]
    fonts = {path: data for path, data in TEMPLATES.bundle("D-01").files.items() if path.startswith("fonts/")}
    page = (
        '<html lang="vi"><head><title>thử</title><link rel="stylesheet" href="_van_ban.css"></head><body>'
        "{% for face in faces %}<p style='{{ face }}'>{% for letter in letters %}{{ letter }} {% endfor %}</p>{% endfor %}</body></html>"
    )
    bundle = Bundle("documents/all.html", {**fonts, "documents/_van_ban.css": css, "documents/all.html": page.encode()})
    faces = ["", "font-weight:bold", "font-style:italic", "font-weight:bold;font-style:italic"]
    paper = Paper(printer.pdf("all", {"letters": list(letters()), "faces": faces}, bundle).pdf)
    assert [name for name, embedded in paper.fonts if embedded] == [name for name, _ in paper.fonts]
    assert {name for name, _ in paper.fonts} == {"Tinos", "Tinos-Bold", "Tinos-Italic", "Tinos-Bold-Italic"}
    for letter in letters():
        assert paper.text.count(letter) >= 4, letter
