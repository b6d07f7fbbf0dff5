"""Rows of a register import: checked against the register's keys, columns and types, then laid against what is there."""

from __future__ import annotations

import hashlib
import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from engine.core.events import NotCanonical, canonical
from engine.core.world import RegisterSpec, key_of
from engine.service.snapshot import Snapshot
from engine.service.values import Imported
from engine.store import registers

if TYPE_CHECKING:
    from engine.service.engine import Engine

MODES = ("add", "replace")
MOST = 20_000  # rows of one import
MAX_TEXT = 2_000
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class BadRows(ValueError):
    """`problems`: one sentence for everything that does not fit, rows counted from 1."""

    def __init__(self, problems: list[str]):
        super().__init__("\n".join(problems))
        self.problems = problems


def checked(engine: Engine, register: str, rows: list[dict[str, Any]], mode: str) -> list[dict[str, Any]]:
    """Rows as they are kept. Raises BadRows."""
    spec = engine.library.site.registers.get(register)
    if spec is None:
        known = ", ".join(sorted(engine.library.site.registers)) or "none"
        raise BadRows([f"there is no register {register!r}; config.toml names: {known}"])
    if mode not in MODES:
        raise BadRows([f"mode {mode!r}: expected add or replace"])
    if len(rows) > MOST:
        raise BadRows([f"{len(rows)} rows; at most {MOST} at once"])
    with engine.snapshot() as snap:
        checker = _Checker(spec, engine.register_types.get(register, {}), snap)
        kept = [checker.row(number, row) for number, row in enumerate(rows, 1)]
    if checker.problems:
        raise BadRows(checker.problems)
    return kept


class _Checker:
    def __init__(self, spec: RegisterSpec, types: dict[str, Any], snap: Snapshot):
        self.spec, self.types, self.snap = spec, types, snap
        self.problems: list[str] = []

    def row(self, number: int, row: Any) -> dict[str, Any]:
        if not isinstance(row, dict):
            self.problems.append(f"row {number}: expected columns with values, got {type(row).__name__}")
            return {}
        known = (*self.spec.keys, *self.spec.columns)
        for name in row:
            if name not in known:
                self.problems.append(f"row {number}: unknown column {name!r}; {self.spec.name} has {', '.join(known)}")
        for name in self.spec.keys:
            if row.get(name) in (None, ""):
                self.problems.append(f"row {number}: the key {name!r} is empty")
        return {name: self._value(number, name, row[name]) for name in known if name in row}

    def _value(self, number: int, name: str, value: Any) -> Any:
        expected = self.types.get(name)
        try:
            if expected is None:
                canonical(_dated(value))
                return _dated(value)
            if expected.many:
                if not isinstance(value, (list, tuple)):
                    raise ValueError("expected a list")
                return [self._one(expected.kind, item) for item in value]
            return None if value is None or value == "" else self._one(expected.kind, value)
        except (ValueError, NotCanonical) as error:
            self.problems.append(f"row {number}, {name}: {error}")
            return None

    def _one(self, kind: str, value: Any) -> Any:
        if kind == "number":
            if isinstance(value, bool) or not isinstance(value, int) or abs(value) >= 2**53:
                raise ValueError(f"expected a whole number, got {value!r}")
            return value
        if kind == "yes/no":
            if not isinstance(value, bool):
                raise ValueError(f"expected true or false, got {value!r}")
            return value
        if kind == "date":
            return _date(value)
        if not isinstance(value, str) or len(value) > MAX_TEXT:
            raise ValueError(f"expected text of at most {MAX_TEXT} characters, got {str(value)[:40]!r}")
        canonical(value)
        if kind == "person" and value not in self.snap.directory.people:
            raise ValueError(f"{value!r} is not a person of the directory")
        if kind == "body" and value not in self.snap.directory.bodies:
            raise ValueError(f"{value!r} is not a body of the directory")
        if kind == "country" and not re.fullmatch("[A-Z]{2}", value):
            raise ValueError(f"expected a country code of two capital letters, got {value!r}")
        return value


def _dated(value: Any) -> Any:
    if isinstance(value, (list, tuple)):
        return [_dated(item) for item in value]
    return value.isoformat()[:10] if isinstance(value, date) else value


def _date(value: Any) -> str:
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        value = value.isoformat()
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        raise ValueError(f"expected a date like 2022-06-30, got {value!r}")
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise ValueError(f"{value!r} is no day of the calendar") from None


def changes(
    snap: Snapshot, register: str, wanted: list[dict[str, Any]], mode: str
) -> tuple[list[dict[str, Any]], Imported]:
    """Register rows to write (`row` None: taken away) and what that amounts to. An equal row is there once."""
    spec = snap.site.registers[register]
    there = {entry: key for entry, key, _ in registers.entries(snap.conn, register)}
    fresh: dict[str, dict[str, Any]] = {}
    for row in wanted:
        key = [row.get(name) for name in spec.keys]
        name = hashlib.sha256(key_of(key).encode() + b"\0" + canonical(row)).hexdigest()[:20]
        fresh[f"import.{name}"] = {"register": register, "entry": f"import.{name}", "key": key, "row": row}
    items = [item for entry, item in fresh.items() if entry not in there]
    gone = [entry for entry in there if entry not in fresh] if mode == "replace" else []
    removed = [{"register": register, "entry": e, "key": snap.key(there[e]), "row": None} for e in sorted(gone)]
    return [*removed, *items], Imported(register, len(items), len(removed), len(fresh) - len(items))
