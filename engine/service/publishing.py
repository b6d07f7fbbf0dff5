"""What the site itself publishes: definitions, directory, calendar, register rows. Each is one event of the case `_log`,
written in one transaction with what it brings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from engine.core.calendar import Calendar
from engine.core.directory import Directory
from engine.core.events import LOG, Draft, Private
from engine.core.plan import Plan
from engine.core.recording import digest
from engine.definitions.loader import Loaded
from engine.definitions.problems import Problems
from engine.service import keys
from engine.service.importing import BadRows, changes, checked
from engine.service.reseating import reseat
from engine.service.snapshot import Snapshot
from engine.service.values import Imported, Published
from engine.store import definitions, ledger, people
from engine.store.writer import Committed

if TYPE_CHECKING:
    from engine.service.engine import Engine

__all__ = ["BadRows", "append", "import_register", "open_log", "publish", "set_calendar", "set_people"]

Rows = tuple[tuple[str, dict[str, Any]], ...]
Made = tuple[dict[str, Any], dict[str, Private], Rows]


def open_log(engine: Engine) -> None:
    """The first event of a site: which key signs its links."""
    with engine.snapshot() as snap:
        if snap.case(LOG) is not None:
            return
    body = {"origin": engine.base_url, "key": keys.public(engine.key).hex()}
    append(engine, "log.opened", body, "engine")


def append(engine: Engine, type_: str, body: dict[str, Any], by: str = "engine") -> Committed:
    """An event of the site that brings nothing with it: an outage, a step of the clock."""
    done = _record(engine, type_, by, lambda snap: (body, {}, ()))
    assert done is not None
    return done


def publish(engine: Engine, loaded: Loaded, by: str) -> Published:
    """Make a checked file the active version of its workflow; running cases keep theirs. Raises Problems for what this
    release cannot run. The same bytes again change nothing."""
    if loaded.unbuilt:
        raise Problems(loaded.unbuilt)
    name, sha256 = loaded.definition.name, loaded.definition.sha256
    found: list[Published] = []

    def make(snap: Snapshot) -> Made | None:
        version = definitions.active(snap.conn, name)
        current = definitions.read(snap.conn, name, version) if version else None
        if current is not None and current.sha256 == sha256:
            found[:] = [Published(name, version, sha256)]
            return None
        found[:] = [Published(name, version + 1, sha256)]
        return _definition(snap, loaded, version + 1)

    _record(engine, "definition.published", by, make)
    engine.library.know(replace(loaded.definition, version=found[0].version))
    return found[0]


def _definition(snap: Snapshot, loaded: Loaded, version: int) -> Made:
    name, sha256 = loaded.definition.name, loaded.definition.sha256
    files = {path: (len(data), hashlib.sha256(data).hexdigest(), data) for path, data in sorted(loaded.files.items())}
    manifest = [[path, size, sha] for path, (size, sha, _) in files.items()]
    known = definitions.known_files(snap.conn, [sha for _, sha, _ in files.values()])
    fresh = {sha: data for _, sha, data in files.values() if sha not in known}
    row = {"name": name, "version": version, "sha256": sha256, "main": loaded.main, "manifest": json.dumps(manifest)}
    rows: Rows = (
        ("definitions", row),
        *(("definition_files", {"sha256": sha, "body": data}) for sha, data in fresh.items()),
    )
    body = {
        "definition": {"name": name, "version": version, "sha256": sha256},
        "main": loaded.main,
        "files": manifest,
    }
    return body, {}, rows


def set_people(engine: Engine, directory: Directory, by: str) -> int:
    """Put a whole directory in force; its version. Whoever loses a right loses it in every open case (A10). The same
    directory again changes nothing."""
    fresh = people.encode(directory)

    def make(snap: Snapshot) -> Made | None:
        before = snap.directory
        if before.version and people.encode(before) == fresh:
            return None
        body: dict[str, Any] = {"directory": people.public(directory)}
        private = {
            f"people/{key}": Private(person.snapshot() | {"lang": person.lang}, key)
            for key, person in sorted(directory.people.items())
            if before.people.get(key) != person
        }
        gone = sorted(set(before.people) - set(directory.people))
        if gone:
            body["removed"] = gone
        return body, private, (("people", {"body": fresh}),)

    _record(engine, "people.changed", by, make)
    reseat(engine)
    with engine.snapshot() as snap:
        return snap.directory.version


def set_calendar(engine: Engine, calendar: Calendar, by: str) -> bool:
    """Record the calendar the engine reckons with from now on; deadlines already set keep theirs. Whether it is new."""
    body = {"calendar": _plain(calendar)}

    def make(snap: Snapshot) -> Made | None:
        last = ledger.last_of_type(snap.conn, LOG, "calendar.published")
        if last is not None and last.parsed().get("calendar") == body["calendar"]:
            return None
        return body, {}, ()

    done = _record(engine, "calendar.published", by, make)
    engine.library.calendar = calendar
    return done is not None


def _plain(calendar: Calendar) -> dict[str, Any]:
    found = asdict(calendar)
    found["weekend"] = list(calendar.weekend)
    return found


def import_register(engine: Engine, register: str, rows: list[dict[str, Any]], by: str, mode: str = "add") -> Imported:
    """Bring rows into a register. `mode`: `add` beside those that are there, `replace` all that were imported before.
    Rows that cases publish are not touched. Raises BadRows with every row that does not fit."""
    wanted = checked(engine, register, rows, mode)
    found: list[Imported] = []

    def make(snap: Snapshot) -> Made | None:
        items, result = changes(snap, register, wanted, mode)
        found[:] = [result]
        if not items:
            return None
        body = {"register": register, "mode": mode, "added": result.added, "removed": result.removed}
        private = {"rows": Private([{name: item[name] for name in ("entry", "key", "row")} for item in items])}
        return body, private, tuple(("registers", item) for item in items)

    _record(engine, "register.imported", by, make)
    return found[0]


def _record(engine: Engine, type_: str, by: str, make: Callable[[Snapshot], Made | None]) -> Committed | None:
    """Append one event to `_log`, planned again while others append. None when there is nothing to say."""
    now, command = engine.clock(), f"{type_}.{engine.new_id()}"
    kind = "service" if by == "engine" else "person"
    actor = {"kind": kind, "id": by, "auth": "service" if by == "engine" else "cli"}

    def plan(snap: Snapshot) -> Plan | None:
        made = make(snap)
        if made is None:
            return None
        body, private, rows = made
        draft = Draft(type_, LOG, now, actor, command, body, private)
        return Plan(snap.case(LOG), draft, digest([by, command]), rows=rows)

    return engine.commit(plan, now, LOG)
