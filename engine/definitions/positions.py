"""Where every key and value of a TOML text stands, which `tomllib` does not tell.

`spots` walks over a text that the parser has accepted and notes line, column and length; it reads no values. Over a
text the parser refused it goes as far as it can, to find a key that is declared twice.
"""

from __future__ import annotations

import bisect
import re
import tomllib
from dataclasses import dataclass

Path = tuple[str | int, ...]

_SPACE = re.compile(r"[ \t]*")
_BLANK = re.compile(r"(?:[ \t\n]|#[^\n]*)*")
_KEY = re.compile(r'"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|[A-Za-z0-9_-]+')
_TEXT = re.compile(
    r'"""(?:[^\\]|\\[\s\S])*?"{3,5}(?!")'
    r"|'''[\s\S]*?'{3,5}(?!')"
    r'|"(?:[^"\\\n]|\\.)*"'
    r"|'[^'\n]*'"
)
_BARE = re.compile(r"[^,\]}#\n]*")


@dataclass(frozen=True, slots=True)
class Spot:
    """Line, column (both from 1) and length of a key and of its value; an entry of a list has no key of its own."""

    key: tuple[int, int, int]
    value: tuple[int, int, int]


@dataclass(slots=True)
class Again:
    """A key or header that is declared a second time: from `start` to `end` in the text (a header: without brackets)."""

    path: Path
    first: Spot
    second: Spot
    start: int
    end: int
    header: bool


class Lost(ValueError):
    """The text is not TOML at this offset."""


class Walker:
    """One walk over a text. `spots` maps paths to places, `twice` lists keys declared again."""

    def __init__(self, text: str):
        self.text, self.at = text, 0
        self.spots: dict[Path, Spot] = {}
        self.twice: list[Again] = []
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]
        self._counts: dict[Path, int] = {}  # array of tables -> how many so far
        self._given: set[Path] = set()  # keys and headers written out, not implied by a longer one

    def walk(self) -> None:
        try:
            self._document()
        except (Lost, IndexError):
            return

    def _document(self) -> None:
        prefix: Path = ()
        while True:
            self._skip(_BLANK)
            if self.at >= len(self.text):
                return
            prefix = self._header() if self.text[self.at] == "[" else self._pair(prefix, prefix)

    def _skip(self, pattern: re.Pattern[str]) -> None:
        match = pattern.match(self.text, self.at)
        self.at = match.end() if match else self.at

    def _take(self, mark: str) -> None:
        if not self.text.startswith(mark, self.at):
            raise Lost
        self.at += len(mark)

    def _place(self, start: int, end: int) -> tuple[int, int, int]:
        line = bisect.bisect_right(self._starts, start) - 1
        stop = self.text.find("\n", start)
        end = min(end, stop) if stop >= 0 else end
        return line + 1, start - self._starts[line] + 1, max(end - start, 1)

    def _keys(self) -> list[tuple[str, int, int]]:
        found = []
        while True:
            self._skip(_SPACE)
            match = _KEY.match(self.text, self.at)
            if match is None:
                raise Lost
            found.append((_plain(match.group()), match.start(), match.end()))
            self.at = match.end()
            self._skip(_SPACE)
            if not self.text.startswith(".", self.at):
                return found
            self.at += 1

    def _header(self) -> Path:
        many = self.text.startswith("[[", self.at)
        self._take("[[" if many else "[")
        keys = self._keys()
        end = self.at
        self._take("]]" if many else "]")
        path: Path = ()
        for number, (name, start, stop) in enumerate(keys):
            path += (name,)
            last = number == len(keys) - 1
            place = self._place(start, stop)
            if last and many:
                self._counts[path] = self._counts.get(path, 0) + 1
            elif last:
                spot = Spot(place, self._place(keys[0][1], end))
                if path not in self._counts:
                    self._note(path, spot, keys[0][1], stop, header=True)
            self.spots.setdefault(path, Spot(place, self._place(keys[0][1], end)))
            if path in self._counts:
                path += (self._counts[path] - 1,)
                self.spots.setdefault(path, Spot(place, self._place(keys[0][1], end)))
        return path

    def _pair(self, prefix: Path, result: Path) -> Path:
        """One `key = value`; gives back `result`."""
        keys = self._keys()
        self._take("=")
        self._skip(_SPACE)
        path = prefix
        for name, start, stop in keys[:-1]:
            path += (name,)
            self.spots.setdefault(path, Spot(self._place(start, stop), self._place(start, stop)))
        name, start, stop = keys[-1]
        path += (name,)
        begin = self.at
        key = self._place(start, stop)
        again = self._note(path, Spot(key, key), keys[0][1], begin, header=False)
        self._value(path)
        if again is not None:
            again.end = self.at
        self.spots[path] = Spot(key, self._place(begin, self.at))
        return result

    def _note(self, path: Path, spot: Spot, start: int, end: int, *, header: bool) -> Again | None:
        again = Again(path, self.spots[path], spot, start, end, header) if path in self._given else None
        if again is not None:
            self.twice.append(again)
        self._given.add(path)
        self.spots.setdefault(path, spot)
        return again

    def _value(self, path: Path) -> None:
        mark = self.text[self.at]
        if mark == "[":
            self._list(path)
        elif mark == "{":
            self._table(path)
        elif mark in "\"'":
            match = _TEXT.match(self.text, self.at)
            if match is None:
                raise Lost
            self.at = match.end()
        else:
            match = _BARE.match(self.text, self.at)
            if match is None or not match.group().strip():
                raise Lost
            self.at += len(match.group().rstrip())

    def _list(self, path: Path) -> None:
        self._take("[")
        number = 0
        while True:
            self._skip(_BLANK)
            if self.text[self.at] == "]":
                self.at += 1
                return
            begin = self.at
            self._value((*path, number))
            place = self._place(begin, self.at)
            self.spots[(*path, number)] = Spot(place, place)
            number += 1
            self._skip(_BLANK)
            if self.text[self.at] == ",":
                self.at += 1

    def _table(self, path: Path) -> None:
        self._take("{")
        while True:
            self._skip(_BLANK)
            if self.text[self.at] == "}":
                self.at += 1
                return
            self._pair(path, path)
            self._skip(_BLANK)
            if self.text[self.at] == ",":
                self.at += 1


def _plain(key: str) -> str:
    if key[0] == "'":
        return key[1:-1]
    if key[0] == '"':
        try:
            return str(tomllib.loads(f"k = {key}")["k"]) if "\\" in key else key[1:-1]
        except tomllib.TOMLDecodeError:
            raise Lost from None
    return key


def spots(text: str) -> Walker:
    """The places of all keys and values of `text` (line ends are `\\n`)."""
    walker = Walker(text)
    walker.walk()
    return walker
