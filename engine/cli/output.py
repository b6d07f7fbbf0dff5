"""What goes to the terminal: UTF-8 whatever the locale says, columns, JSON, nothing that could disturb a terminal."""

from __future__ import annotations

import json
import os
import shutil
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from typing import Any


def prepare() -> None:
    """Vietnamese prints on any terminal; what a pipe cannot take is escaped, never an error."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def language(chosen: str | None) -> str:
    """Of labels and refusals: --lang, TRINH_LANG, else that of the terminal; English where nothing is said."""
    for text in (chosen, os.environ.get("TRINH_LANG"), os.environ.get("LANG")):
        if text and text[:2].lower() in ("vi", "en"):
            return text[:2].lower()
    return "en"


def safe(text: object) -> str:
    """Text of users for a terminal: control and direction characters become a box."""
    return "".join("□" if unicodedata.category(c) in ("Cc", "Cf") and c not in "\t\n\u200d" else c for c in str(text))


def say(text: object = "") -> None:
    print(safe(text))


def note(text: object) -> None:
    """Beside the result: to stderr, so that a pipe gets the result alone."""
    print(safe(text), file=sys.stderr)


def as_json(value: Any) -> None:
    """One document, ASCII-safe for terminals, readable for people."""
    print(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def width(text: str) -> int:
    """Columns a terminal gives to a text."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Aligned columns; on a terminal the last one is cut at its edge."""
    listed = [tuple(safe(cell).replace("\n", " ") for cell in row) for row in rows]
    sizes = [max(width(row[n]) for row in (head, *listed)) for n in range(len(head))]
    room = shutil.get_terminal_size().columns if sys.stdout.isatty() else 0
    for row in (head, *listed):
        line = "  ".join(cell + " " * (sizes[n] - width(cell)) for n, cell in enumerate(row)).rstrip()
        print(line if not room or width(line) <= room else _cut(line, room))


def _cut(line: str, room: int) -> str:
    kept, used = "", 0
    for char in line:
        used += width(char)
        if used >= room:
            break
        kept += char
    return kept + "…"


def pairs(rows: Iterable[tuple[str, object]]) -> None:
    """`Label   value`, one a line; further lines of a value stand below it."""
    listed = [(label, safe(value)) for label, value in rows]
    room = max((width(label) for label, _ in listed), default=0) + 2
    for label, value in listed:
        first, *more = value.split("\n")
        print(f"{label}{' ' * (room - width(label))}{first}".rstrip())
        for line in more:
            print(" " * room + line)
