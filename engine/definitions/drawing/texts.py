"""Words of the picture: how wide they are and how they break into lines."""

from __future__ import annotations

import unicodedata

_NARROW = {
    **dict.fromkeys("ijl.,:;'|!()", 0.30),
    **dict.fromkeys("frt- ", 0.37),
    **dict.fromkeys("mw%", 0.90),
    "W": 0.98,
    "M": 0.92,
}


def width(text: str, size: float) -> float:
    """Width of a line in a usual sans-serif, a little generous. Vietnamese marks do not widen a letter."""
    total = 0.0
    for char in unicodedata.normalize("NFD", text):
        if unicodedata.combining(char):
            continue
        total += _NARROW.get(char, 0.71 if char.isupper() else 0.57)
    return total * size


def wrapped(text: str, room: float, size: float, most: int = 4) -> list[str]:
    """Lines of at most `room`; what does not fit into `most` lines ends in an ellipsis."""
    lines: list[str] = [""]
    for word in text.split():
        tried = f"{lines[-1]} {word}".strip()
        if width(tried, size) <= room or not lines[-1]:
            lines[-1] = tried
        else:
            lines.append(word)
    if len(lines) > most:
        lines = [*lines[: most - 1], f"{lines[most - 1]} …"]
    return [shortened(line, room, size) for line in lines]


def shortened(text: str, room: float, size: float) -> str:
    if width(text, size) <= room:
        return text
    while text and width(text + "…", size) > room:
        text = text[:-1]
    return text.rstrip() + "…"


def balanced(text: str, room: float, size: float, most: int = 4) -> list[str]:
    """Like `wrapped`, with lines of about the same length."""
    count = len(wrapped(text, room, size, most))
    narrow = room
    while (
        narrow > 30
        and len(wrapped(text, narrow - 4, size, most)) == count
        and "…" not in "".join(wrapped(text, narrow - 4, size, most))
    ):
        narrow -= 4
    return wrapped(text, narrow, size, most)
