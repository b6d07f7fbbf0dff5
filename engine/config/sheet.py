"""A CSV file as spreadsheets write it: its text, and its records with the line each starts on."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from engine.definitions.problems import Problem, Problems

MAX_BYTES = 64 * 1024 * 1024
MAX_CELL = 2_000


def decoded(path: Path, name: str) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except OSError as error:
        raise Problems(
            [Problem("E110", f"cannot read this file: {(error.strerror or 'error').lower()}", name)]
        ) from None
    if len(data) > MAX_BYTES:
        raise Problems([Problem("E102", f"a file may have {MAX_BYTES // 1024 // 1024} MB", name)])
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Problems([Problem("E102", 'this is UTF-16; save as "CSV UTF-8"', name)])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        source = data.split(b"\n")[line - 1].decode("utf-8", "replace")[:200].rstrip("\r")
        message = f'byte 0x{data[error.start]:02x} is not UTF-8; save as "CSV UTF-8"'
        raise Problems([Problem("E102", message, name, line, 1, 1, "", source)]) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise Problems([Problem("E102", "the file holds a NUL byte: it is not CSV", name, line, 1)])
    return text


class Sheet:
    """A CSV text with the line every record starts on."""

    def __init__(self, text: str, name: str):
        self.name, self.lines = name, re.split("\r\n|\n|\r", text)
        head = self.lines[0] if self.lines else ""
        self.delimiter = max(",;\t", key=head.count)
        self._text = text
        self.problems: list[Problem] = []

    def records(self) -> Iterator[tuple[int, list[str]]]:
        """(line, cells); blank lines are left out. Raises Problems where the quoting breaks."""
        csv.field_size_limit(MAX_CELL * 4)
        reader = csv.reader(io.StringIO(self._text, newline=""), delimiter=self.delimiter, strict=True)
        start = 1
        try:
            for cells in reader:
                if any(cell.strip() for cell in cells):
                    yield start, cells
                start = reader.line_num + 1
        except csv.Error as error:
            reason = "a cell is too long" if "field" in str(error) else f"the quotation marks do not fit ({error})"
            self.tell("E651", reason, start)
            raise Problems(self.problems) from None

    def tell(self, code: str, message: str, line: int, cell: str = "", hint: str = "") -> None:
        source = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        at = source.find(cell) if cell else -1
        column, length = (at + 1, len(cell)) if at >= 0 else (1, max(len(source), 1))
        self.problems.append(Problem(code, message, self.name, line, column, length, hint, source))
