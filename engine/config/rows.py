"""Rows of a register from a CSV or TOML file: every cell in the type of its column, or every problem with its line.

CSV is what spreadsheets write: UTF-8, with or without a byte order mark, cells divided by comma, semicolon or tab. A cell
that a spreadsheet would run as a formula is refused; an apostrophe before it, as our own exports write, makes it text.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from engine.config.directory import person_meant
from engine.config.sheet import MAX_CELL, Sheet, decoded
from engine.config.tables import ColumnType
from engine.core.directory import Directory
from engine.core.world import RegisterSpec, key_of
from engine.definitions.problems import Problem, Problems, did_you_mean
from engine.definitions.source import Source

MAX_ROWS = 20_000
_FORMULA = re.compile(r"[\s\u3000]*[=+\-@\t\r\uff1d\uff0b\uff0d\uff20]")
_NUMBER = re.compile(r"-?\d{1,15}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_YES = {"yes": True, "true": True, "1": True, "có": True, "no": False, "false": False, "0": False, "không": False}
_EXPECTED = {
    "number": "a whole number",
    "date": "a date such as 2022-05-15",
    "yes/no": "yes or no",
    "country": "a country code of two capital letters",
    "text": f"text of at most {MAX_CELL} characters",
}
Row = dict[str, Any]
Tell = Callable[..., None]


class BadCell(Exception):
    """Why a value does not fit its column, and what was probably meant."""

    def __init__(self, message: str, hint: str = ""):
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True)
class Columns:
    """The columns of one register; `directory` knows its persons and bodies."""

    spec: RegisterSpec
    types: dict[str, ColumnType]
    directory: Directory
    unique: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.spec.keys, *self.spec.columns)

    def value(self, name: str, given: Any) -> Any:
        """One value in its type. Raises BadCell."""
        kind = self.types[name]
        if given is None or given == "":
            if name in self.spec.keys:
                raise BadCell(f"the key '{name}' is empty")
            return [] if kind.many else "" if kind.kind == "text" else None
        if not kind.many:
            return self._one(name, kind.kind, given)
        if not isinstance(given, (str, list)):
            raise BadCell(f"'{name}' must be a list")
        items = (
            re.split(r"[,;\s]+" if kind.kind != "text" else r"\s*;\s*", given.strip())
            if isinstance(given, str)
            else given
        )
        return [self._one(name, kind.kind, item) for item in items if item != ""]

    def _one(self, name: str, kind: str, given: Any) -> Any:
        if kind in ("person", "body"):
            known: Any = self.directory.people if kind == "person" else self.directory.bodies
            if given not in known:
                meant = person_meant if kind == "person" else did_you_mean
                raise BadCell(f"'{given}' is not a {kind} of the directory", meant(str(given), known))
            return given
        found = _CLEAN[kind](given)
        if found is None:
            raise BadCell(f"'{name}' must be {_EXPECTED[kind]}, not {str(given)[:40]!r}")
        return found


def _text(given: Any) -> str | None:
    if not isinstance(given, str) or len(given) > MAX_CELL:
        return None
    return _CONTROL.sub("", unicodedata.normalize("NFC", given)).strip()


def _number(given: Any) -> int | None:
    if isinstance(given, bool) or not isinstance(given, (int, str)):
        return None
    text = str(given).strip()
    return int(text) if _NUMBER.fullmatch(text) and text.isascii() else None


def _date(given: Any) -> str | None:
    if isinstance(given, date) and not isinstance(given, datetime):
        return given.isoformat()
    text = given.strip() if isinstance(given, str) else ""
    try:
        return date.fromisoformat(text).isoformat() if len(text) == 10 else None
    except ValueError:
        return None


def _yes(given: Any) -> bool | None:
    return given if isinstance(given, bool) else _YES.get(given.strip().lower()) if isinstance(given, str) else None


def _country(given: Any) -> str | None:
    return given.strip() if isinstance(given, str) and re.fullmatch(r"[A-Z]{2}", given.strip()) else None


_CLEAN: dict[str, Callable[[Any], Any]] = {
    "text": _text,
    "number": _number,
    "date": _date,
    "yes/no": _yes,
    "country": _country,
}


def read_rows(path: Path, columns: Columns) -> list[Row]:
    """All rows of a file. Raises Problems; then nothing of the file may be used."""
    name = str(path)
    if path.suffix.lower() == ".toml":
        found, problems = _toml(Source.read(path, name), columns)
    elif path.suffix.lower() == ".csv":
        found, problems = _csv(decoded(path, name), name, columns)
    else:
        raise Problems([Problem("E650", "register rows come from a .csv or a .toml file", name)])
    if problems:
        raise Problems(problems)
    return found


# -- TOML


def _toml(source: Source, columns: Columns) -> tuple[list[Row], list[Problem]]:
    """`[[NAME]]` tables, or `NAME = [{ … }]`."""
    problems: list[Problem] = []
    register, rows = columns.spec.name, []
    listed = source.data.get(register)
    for key in source.data:
        if key != register:
            hint = did_you_mean(key, [register])
            problems.append(
                source.problem(
                    "E103", f"unknown key '{key}'; rows stand in [[{register}]]", (key,), key=True, hint=hint
                )
            )
    if not isinstance(listed, list) or not all(isinstance(item, dict) for item in listed):
        problems.append(source.problem("E105", f"the file has no [[{register}]]", (register,)))
        return [], problems
    seen: dict[str, int] = {}
    for number, item in enumerate(listed):
        line = source.place((register, number)).line

        def tell(code: str, message: str, column: str = "", hint: str = "", number: int = number) -> None:
            path = (register, number, column) if column else (register, number)
            problems.append(source.problem(code, message, path, key=code == "E103", hint=hint))

        for key in item:
            if key not in columns.names:
                tell("E103", f"'{key}' is not a column of {register}", key, did_you_mean(key, columns.names))
        rows.append(_row(columns, item, line, seen, tell))
    return rows, problems


def _row(columns: Columns, item: Row, line: int, seen: dict[str, int], tell: Tell) -> Row:
    row: Row = {}
    for name in columns.names:
        try:
            row[name] = columns.value(name, item.get(name))
        except BadCell as error:
            tell("E654", str(error), name, error.hint)
    if len(row) == len(columns.names):
        _once(columns, row, line, seen, tell)
    return row


def _once(columns: Columns, row: Row, line: int, seen: dict[str, int], tell: Tell) -> None:
    """No row twice, and no key twice where a key names one row."""
    keys = [row[name] for name in columns.spec.keys]
    mark = key_of(keys) if columns.unique else json.dumps(row, ensure_ascii=False)
    first = seen.setdefault(mark, line)
    if first != line:
        what = " ".join(str(key) for key in keys)
        tell(
            "E655",
            f"{what} stands on line {first} already" if columns.unique else f"the same row stands on line {first}",
        )


# -- CSV


def _csv(text: str, name: str, columns: Columns) -> tuple[list[Row], list[Problem]]:
    sheet = Sheet(text, name)
    records = sheet.records()
    _, head = next(records, (1, []))
    header = [unicodedata.normalize("NFC", cell).strip() for cell in head]
    if not _header(sheet, header, columns):
        return [], sheet.problems
    rows: list[Row] = []
    seen: dict[str, int] = {}
    for line, cells in records:
        if len(rows) == MAX_ROWS:
            sheet.tell("E102", f"a file may have {MAX_ROWS:,} rows; divide it", line)
            break
        if len(cells) != len(header):
            sheet.tell("E652", f"the row has {len(cells)} cells, the header {len(header)}", line)
            continue
        rows.append(_record(sheet, columns, dict(zip(header, cells, strict=True)), line, seen))
    if not rows and not sheet.problems:
        sheet.tell("E652", "the file has a header and no rows", 1)
    return rows, sheet.problems


def _header(sheet: Sheet, header: list[str], columns: Columns) -> bool:
    if not any(header):
        sheet.tell("E652", f"the first line names the columns: {sheet.delimiter.join(columns.names)}", 1)
    for name in header if any(header) else []:
        if name not in columns.names:
            hint = did_you_mean(name, columns.names)
            sheet.tell("E103", f"'{name}' is not a column of {columns.spec.name}", 1, name, hint)
        elif header.count(name) > 1:
            sheet.tell("E311", f"the column '{name}' stands there twice", 1, name)
    lacking = [name for name in columns.names if name not in header]
    if lacking and any(header):
        sheet.tell("E653", f"the header lacks the column{'s' if len(lacking) > 1 else ''} {', '.join(lacking)}", 1)
    return not sheet.problems


def _record(sheet: Sheet, columns: Columns, cells: dict[str, str], line: int, seen: dict[str, int]) -> Row:
    item: Row = {}
    for name, cell in cells.items():
        if cell.startswith("'") and _FORMULA.match(cell[1:]):
            item[name] = cell[1:]
        elif _FORMULA.match(cell) and not (columns.types[name].kind == "number" and _NUMBER.fullmatch(cell.strip())):
            message = f"'{name}' starts like a formula; write an apostrophe before it if it is text"
            sheet.tell("E656", message, line, cell)
            return {}
        else:
            item[name] = cell.strip()

    def tell(code: str, message: str, column: str = "", hint: str = "") -> None:
        sheet.tell(code, message, line, cells.get(column, ""), hint)

    return _row(columns, item, line, seen, tell)
