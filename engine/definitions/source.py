"""Reading one TOML file: limits before parsing, values by `tomllib`, and the place of every key and value.

Workflow files, config.toml, the site's files and scenarios are all read here. Every refusal is a `Problems`.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path as FilePath
from typing import Any, Literal, NamedTuple

from engine.definitions.positions import Again, Path, Spot, spots
from engine.definitions.problems import Problem, Problems

MAX_BYTES = 256 * 1024
MAX_LINE = 10_000  # characters
MAX_PARTS = 8  # of a dotted key
MAX_NESTING = 16
_REPEATS = 20  # keys declared twice that are said in one run
_AGAIN = "x_again_"

_TOKEN = re.compile(
    r'"""(?:[^\\]|\\[\s\S])*?"""|\'\'\'[\s\S]*?\'\'\''
    r'|(?P<word>"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\'|[A-Za-z0-9_-]+)'
    r"|(?P<dot>[ \t]*\.[ \t]*)|(?P<open>[\[{])|(?P<close>[\]}])|\#[^\n]*|[^\S\n]+|."
)
_AT = re.compile(r" \(at line (\d+), column (\d+)\)$")


class Place(NamedTuple):
    """Line and column (from 1), characters marked, and the line's text."""

    line: int
    column: int
    length: int
    text: str


@dataclass
class Source:
    """One file that was read: `data` as plain values, `name` as it is shown in problems.

    `found`: the places, where reading had to find them; otherwise they are looked for when first asked, which a file
    without problems seldom is.
    """

    name: str
    text: str
    data: dict[str, Any]
    found: dict[Path, Spot] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        self.lines = self.text.split("\n")

    @cached_property
    def spots(self) -> dict[Path, Spot]:
        """Where every key and value stands."""
        return spots(self.text).spots if self.found is None else self.found

    @classmethod
    def read(cls, file: str | FilePath | bytes, name: str = "", repeated: list[Problem] | None = None) -> Source:
        """The file at a path, or its bytes. Raises Problems: unreadable, too large, not UTF-8, not TOML.

        `repeated`: keys declared twice are put here and do not end the reading.
        """
        shown = name or (file.decode("utf-8", "replace")[:40] if isinstance(file, bytes) else str(file))
        data = file if isinstance(file, bytes) else _bytes(FilePath(file), shown)
        text = _decoded(data, shown)
        _refuse_large(text, shown)
        if repeated is not None:
            return cls(shown, text, *_tolerant(text, shown, repeated))
        return cls(shown, text, _parsed(text, shown))

    @staticmethod
    def refuse_unreadable(path: FilePath) -> None:
        """Raises Problems where a file cannot be opened or is larger than a file may be."""
        if len(_bytes(path, str(path))) > MAX_BYTES:
            _decoded(b" " * (MAX_BYTES + 1), str(path))

    def place(self, path: Path, *, key: bool = False) -> Place:
        """Where the value at `path` stands (or its key); the nearest table above when it is not written."""
        spot = self.spots.get(path)
        while spot is None and path:
            path, key = path[:-1], True
            spot = self.spots.get(path)
        if spot is None:
            return Place(1, 1, max(len(self.lines[0]), 1), self.lines[0])
        line, column, length = spot.key if key else spot.value
        return Place(line, column, length, self.lines[line - 1])

    def problem(
        self,
        code: str,
        message: str,
        path: Path = (),
        *,
        key: bool = False,
        inside: tuple[int, int] | None = None,
        hint: str = "",
        severity: Literal["error", "warning"] = "error",
    ) -> Problem:
        """A problem at the value of `path` (`key`: at its key). `inside` = (offset, length) within a text value."""
        place = self.place(path, key=key)
        if inside is not None:
            place = narrowed(place, inside)
        return Problem(code, message, self.name, place.line, place.column, place.length, hint, place.text, severity)


def narrowed(place: Place, inside: tuple[int, int]) -> Place:
    """Part of a text that is written on one line without escapes; other texts keep their whole mark."""
    raw = place.text[place.column - 1 : place.column - 1 + place.length]
    offset, length = inside
    plain = len(raw) > 1 and raw[0] == raw[-1] and raw[0] in "\"'" and "\\" not in raw and not raw.startswith('"""')
    if not plain or offset + length > len(raw) - 2:
        return place
    return Place(place.line, place.column + 1 + offset, max(length, 1), place.text)


def _bytes(path: FilePath, shown: str) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = (
            "there is no such file" if isinstance(error, FileNotFoundError) else (error.strerror or "error").lower()
        )
        raise Problems([Problem("E110", f"cannot read this file: {reason}", shown)]) from None


def _decoded(data: bytes, shown: str) -> str:
    if len(data) > MAX_BYTES:
        size = f"a file may have {MAX_BYTES // 1024} kB; this one has more"
        raise Problems([Problem("E102", size, shown)])
    if data[:3] == b"\xef\xbb\xbf":
        raise Problems([Problem("E102", "the file starts with a byte order mark; save as UTF-8 without BOM", shown)])
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = data[: error.start].decode("utf-8", "replace")
        line, column = before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
        message = f"byte 0x{data[error.start]:02x} is not UTF-8; save as UTF-8 without BOM"
        source = data.split(b"\n")[line - 1].decode("utf-8", "replace")[:MAX_LINE].rstrip("\r")
        raise Problems([Problem("E102", message, shown, line, column, 1, "", source)]) from None
    return text.replace("\r\n", "\n")


def _refuse_large(text: str, shown: str) -> None:
    """Lines, dotted keys and nesting beyond their limits: the parser would take seconds, or break."""
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > MAX_LINE:
            message = f"a line may have {MAX_LINE:,} characters; this one has {len(line):,}"
            raise Problems([Problem("E102", message, shown, number, 1, 1, "", line[:80])])
    depth = parts = 0
    joined = False
    for match in _TOKEN.finditer(text):
        kind = match.lastgroup
        if kind == "dot":
            joined = True
            continue
        if kind == "word":
            parts = parts + 1 if joined else 1
            if parts > MAX_PARTS:
                raise Problems([_here(text, match, f"a key path may have {MAX_PARTS} parts", shown)])
        elif kind == "open":
            depth += 1
            if depth > MAX_NESTING:
                raise Problems([_here(text, match, f"lists and tables may nest {MAX_NESTING} deep", shown)])
        elif kind == "close":
            depth = max(0, depth - 1)
        joined = False


def _here(text: str, match: re.Match[str], message: str, shown: str) -> Problem:
    start = text.rfind("\n", 0, match.start()) + 1
    line = text[start:].split("\n", 1)[0]
    number = text.count("\n", 0, match.start()) + 1
    return Problem("E102", message, shown, number, match.start() - start + 1, len(match.group()), "", line)


def _parsed(text: str, shown: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except (tomllib.TOMLDecodeError, ValueError, RecursionError, MemoryError) as error:
        raise Problems([_refused(text, shown, error)]) from None


def _refused(text: str, shown: str, error: Exception) -> Problem:
    lines = text.split("\n")
    match = _AT.search(str(error))
    if match:
        line, column = min(int(match[1]), len(lines)), int(match[2])
        again = next((item for item in spots(text).twice if item.second.key[0] in (line, line - 1)), None)
        if again is not None:
            return _twice(again, lines, shown)
    else:
        line, column = _guessed(text, lines, error)
    reason = _AT.sub("", str(error)).removesuffix(" (at end of document)") or type(error).__name__
    if not isinstance(error, tomllib.TOMLDecodeError):
        reason = "a number has too many digits" if isinstance(error, ValueError) else "it is nested too deeply"
    reason = reason[:1].lower() + reason[1:]
    source = lines[line - 1][:MAX_LINE]
    return Problem("E101", f"this is not TOML: {reason}", shown, line, min(column, len(source) + 1), 1, "", source)


def _twice(again: Again, lines: list[str], shown: str) -> Problem:
    name = ".".join(str(part) for part in again.path)
    line, column, length = again.second.key
    message = f"'{name}' is declared twice, first on line {again.first.key[0]}"
    return Problem("E311", message, shown, line, column, length, "", lines[line - 1])


def _guessed(text: str, lines: list[str], error: Exception) -> tuple[int, int]:
    long = re.search(r"\d{1000,}", text) if isinstance(error, ValueError) else None
    if long:
        return text.count("\n", 0, long.start()) + 1, long.start() - text.rfind("\n", 0, long.start())
    last = max((n for n, line in enumerate(lines, 1) if line.strip()), default=1)
    return last, len(lines[last - 1]) + 1


def _tolerant(text: str, shown: str, repeated: list[Problem]) -> tuple[dict[str, Any], dict[Path, Spot] | None]:
    """Values and places of a text in which keys are declared again: each is said, the second table is joined with the
    first, the second value left out; so the rest of the file can be checked as well. No places where none is."""
    lines, moved = text.split("\n"), {}
    for number in range(_REPEATS):
        try:
            data = tomllib.loads(text)
            break
        except (tomllib.TOMLDecodeError, ValueError, RecursionError, MemoryError) as error:
            again = next(iter(spots(text).twice), None)
            if again is None:
                raise Problems([*repeated, _refused(text, shown, error)]) from None
            repeated.append(_twice(again, lines, shown))
            if again.header:
                name = f"{_AGAIN}{number}"
                moved[name] = again.path
                text = text[: again.start] + name + text[again.end :]
            else:
                text = _blanked(text, again)
    else:
        raise Problems(repeated)
    if number == 0:
        return data, None
    places = spots(text).spots
    for name, path in moved.items():
        for old in _join(data, data.pop(name, {}), path, name):
            there = (*path, *old[1:])
            repeated.append(_twice(Again(there, places[there], places[old], 0, 0, False), lines, shown))
        for old, spot in list(places.items()):
            if old[0] == name and len(old) > 1:
                places.setdefault((*path, *old[1:]), spot)
    return data, places


def _blanked(text: str, again: Again) -> str:
    """Without one `key = value`, and in an inline table without the comma before it."""
    start = again.start
    before = text[:start].rstrip()
    if before.endswith(","):
        start = len(before) - 1
    gone = "".join("\n" if char == "\n" else " " for char in text[start : again.end])
    return text[:start] + gone + text[again.end :]


def _join(data: Any, more: Any, path: Path, name: str) -> list[Path]:
    """Put the entries of a second table into the first at `path`; paths (below `name`) of those that are there already."""
    for part in path:
        data = data[part]
    if not isinstance(data, dict):
        return []  # a value and a table of one name: said already
    twice: list[Path] = [(name, key) for key in more if key in data]
    data.update({key: value for key, value in more.items() if key not in data})
    return twice
