"""A printed PDF as tests look at it: words with their place in millimetres, text, fonts."""

from __future__ import annotations

import io
import re
import subprocess
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from typing import Any

from pypdf import PdfReader

MM = 25.4 / 72
_PAGE = re.compile(r'<page width="([\d.]+)" height="([\d.]+)">(.*?)</page>', re.DOTALL)
_WORD = re.compile(r'<word xMin="([\d.]+)" yMin="([\d.]+)" xMax="([\d.]+)" yMax="([\d.]+)">(.*?)</word>')


@dataclass(frozen=True)
class Word:
    """Edges in mm from the top left corner of the page."""

    left: float
    top: float
    right: float
    bottom: float
    text: str

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


@dataclass(frozen=True)
class Page:
    width: float
    height: float
    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    def find(self, phrase: str) -> Word:
        """The place of a run of words; it must be there."""
        wanted = phrase.split()
        for start in range(len(self.words) - len(wanted) + 1):
            run = self.words[start : start + len(wanted)]
            if [word.text for word in run] == wanted:
                left, right = min(w.left for w in run), max(w.right for w in run)
                return Word(left, min(w.top for w in run), right, max(w.bottom for w in run), phrase)
        raise AssertionError(f"{phrase!r} is not on the page: {self.text}")


class Paper:
    def __init__(self, pdf: bytes):
        self.pdf = pdf
        self.reader = PdfReader(io.BytesIO(pdf))

    @cached_property
    def pages(self) -> list[Page]:
        found = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=self.pdf, capture_output=True, check=True)
        pages = []
        for width, height, inside in _PAGE.findall(found.stdout.decode("utf-8")):
            words = tuple(
                Word(float(a) * MM, float(b) * MM, float(c) * MM, float(d) * MM, unescape(text))
                for a, b, c, d, text in _WORD.findall(inside)
            )
            pages.append(Page(float(width) * MM, float(height) * MM, words))
        return pages

    @property
    def text(self) -> str:
        return " ".join(page.text for page in self.pages)

    @cached_property
    def fonts(self) -> list[tuple[str, bool]]:
        """(name without its subset mark, embedded) of every font of every page."""
        found = set()
        pages: list[Any] = list(self.reader.pages)
        for page in pages:
            for font in page["/Resources"].get("/Font", {}).values():
                inner = font.get_object()["/DescendantFonts"][0].get_object()
                descriptor = inner["/FontDescriptor"].get_object()
                embedded = any(name in descriptor for name in ("/FontFile", "/FontFile2", "/FontFile3"))
                found.add((str(inner["/BaseFont"]).split("+")[-1], embedded))
        return sorted(found)
