"""What is wrong in a file: where, what, what was expected, and what was probably meant.

Workflow files, config.toml, the site's files and scenarios all speak through these two classes, so that one mistake
looks the same everywhere: on the command line, on the administrator's page and as JSON.
"""

from __future__ import annotations

import difflib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

PRINTED = 200  # problems printed of one run; the rest is counted
_WIDEST = 160  # characters of a source line that are printed around the mark
_GUTTER = 5


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong in a file. `line` and `column` start at 1 and count characters; line 0 is the whole file.

    `source` is the line itself, `length` how many characters of it are marked, `hint` what stands behind the mark.
    """

    code: str
    message: str
    file: str
    line: int = 0
    column: int = 0
    length: int = 1
    hint: str = ""
    source: str = ""
    severity: Literal["error", "warning"] = "error"

    @property
    def place(self) -> str:
        return f"{self.file}:{self.line}:{self.column}" if self.line else self.file

    def text(self) -> str:
        """The problem as a terminal shows it: place, code and sentence; the line; the mark with the hint."""
        first = f"{self.place}: {self.code} {self.message}"
        if not self.line:
            return f"{first}\n{' ' * _GUTTER} = {self.hint}" if self.hint else first
        shown, start = _window(self.source, self.column - 1, self.length)
        marked = shown[start : start + max(self.length, 1)]
        blank = "".join("\t" if c == "\t" else " " * _width(c) for c in shown[:start])
        mark = "^" * max(sum(_width(c) for c in marked), 1)
        last = f"{' ' * _GUTTER} | {blank}{mark} {self.hint}".rstrip()
        line = f"{self.line:>{_GUTTER}} | {_visible(shown)}".rstrip()
        return f"{first}\n{line}\n{last}"

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "code": self.code,
            "severity": self.severity,
            "message": self.message,
            "file": self.file,
        }
        if self.line:
            found |= {"line": self.line, "column": self.column, "length": self.length, "source": self.source}
        return found | ({"hint": self.hint} if self.hint else {})


class Problems(Exception):
    """Everything found wrong, sorted by file and place. `items` hold errors and warnings together."""

    def __init__(self, items: Iterable[Problem]):
        self.items = in_order(items)
        super().__init__(self.text())

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(item for item in self.items if item.severity == "error")

    def text(self, most: int = PRINTED) -> str:
        return listed(self.items, most)

    def as_json(self) -> list[dict[str, Any]]:
        return [item.as_json() for item in self.items]


def in_order(items: Iterable[Problem]) -> tuple[Problem, ...]:
    """Each problem once, sorted by file, place and code."""
    return tuple(sorted(set(items), key=lambda p: (p.file, p.line, p.column, p.code, p.message)))


def listed(items: Iterable[Problem], most: int = PRINTED) -> str:
    """Problems as text, `most` of them and then how many more there are."""
    found = in_order(items)
    text = "\n".join(item.text() for item in found[:most])
    left = len(found) - most
    return text if left <= 0 else f"{text}\nand {left} more {'problem' if left == 1 else 'problems'}"


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`did you mean 'x'?` for the nearest known word, else an empty text."""
    nearest = near(word, known)
    return f"did you mean '{nearest}'?" if nearest else ""


def near(word: str, known: Iterable[str]) -> str:
    """The nearest known word, upper and lower case apart, or an empty text."""
    folded: dict[str, str] = {}
    for item in known:
        folded.setdefault(item.casefold(), item)
    numbered = any(char.isdigit() for char in word)  # N-10 is not a misspelt N-03
    found = difflib.get_close_matches(word.casefold(), folded, n=1, cutoff=0.8 if numbered else 0.6)
    return folded[found[0]] if found else ""


def _window(line: str, start: int, length: int) -> tuple[str, int]:
    """The part of a long line around its mark, and where the mark starts in it."""
    if len(line) <= _WIDEST:
        return line, start
    first = max(0, min(start - 40, len(line) - _WIDEST))
    shown = line[first : first + _WIDEST]
    if first:
        shown = "…" + shown[1:]
    if first + _WIDEST < len(line):
        shown = shown[:-1] + "…"
    return shown, start - first


def _width(char: str) -> int:
    """Columns a terminal gives to a character."""
    if unicodedata.combining(char) or unicodedata.category(char) in ("Cf", "Cc"):
        return 1 if char == "\t" or not unicodedata.combining(char) else 0
    return 2 if unicodedata.east_asian_width(char) in ("W", "F") else 1


def _visible(line: str) -> str:
    """A line that cannot disturb a terminal: control and direction characters become a box."""
    return "".join("□" if unicodedata.category(c) in ("Cc", "Cf") and c != "\t" else c for c in line)
