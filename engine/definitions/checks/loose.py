"""Warnings: names nothing uses (W261), notices that miss a body (W271), and what this release cannot run yet (W291)."""

from __future__ import annotations

from engine.definitions.checks.desk import TABLES, Desk
from engine.definitions.checks.typing import Typer
from engine.definitions.positions import Path

_CHECKED = ("notice", "document", "limit", "ladder", "obligation", "route", "group", "record", "choice", "action")
_SAID = {"record": "record", "choice": "choices", "section": "section"}


def unused(desk: Desk, typer: Typer) -> None:
    """Names of the file itself; what an included file declares is there for others as well."""
    if not desk.whole:
        return
    read = typer.read_names
    for kind in _CHECKED:
        for name in desk.names(kind):
            used = (kind, name) in desk.used or (kind in ("group", "route") and name in read)
            _loose(desk, used, f"{_SAID.get(kind, kind)} '{name}'", (TABLES[kind], name))
    for key in desk.names("let"):  # documents and scenarios may read a plain let; a function only expressions can call
        name, function, _ = key.partition("(")
        if function:
            _loose(desk, name in read, f"let '{key}'", ("let", key))
    for name in desk.names("parameter"):
        _loose(desk, name in read, f"parameter '{name}'", ("parameters", name))
    for name in desk.file.fields.get("waiver", {}):
        _loose(desk, ("ground", name) in desk.used, f"ground '{name}'", ("fields", "waiver", name))
    for name, kind in desk.rules.items():
        if kind in ("guard", "lift"):
            _loose(desk, ("rule", name) in desk.used, f"{kind} '{name}'", (kind, name))


def _loose(desk: Desk, used: bool, what: str, path: Path) -> None:
    if not used and desk.own(path):
        desk.warn("W261", f"{what} is never used", path, key=True)


def informs(desk: Desk) -> None:
    """Each notice goes, without a condition, to each body. A warning: it refuses nothing."""
    for number, part in enumerate(desk.file.informs):
        path: Path = ("informs", number)
        for place, notice in enumerate(part.notices):
            said = "'informs' names unknown notice '{name}'"
            if not desk.refer("notice", notice, (*path, "notices", place), said):
                continue
            missing = [body for body in part.bodies if body not in told(desk, notice)]
            if missing:
                names = ", ".join(f"'{body}'" for body in missing)
                desk.warn(
                    "W271", f"{part.rule}: notice '{notice}' does not go to {names}", ("notices", notice), key=True
                )


def told(desk: Desk, notice: str, seen: tuple[str, ...] = ()) -> set[str]:
    """Who gets a notice in any case; a notice among them stands for everybody who got that one."""
    part = desk.file.notices.get(notice)
    found: set[str] = set()
    for text in (*part.to, *part.cc) if part else ():
        name, conditional, _ = text.partition(" if ")
        if conditional:
            continue
        if name in desk.file.notices and name not in seen:
            found |= told(desk, name, (*seen, notice))
        found.add(name)
        if desk.site:
            found |= set(desk.site.directory.lists.get(name, ()))
    return found


def unbuilt(desk: Desk) -> None:
    """Parts of the language that are read and checked, and that no engine of this release carries out."""
    file = desk.file
    for name, state in file.states.items():
        if state.assurance != "link":
            _not_yet(desk, f"assurance '{state.assurance}'", ("states", name, "assurance"))
        if state.early:
            _not_yet(desk, "'early'", ("states", name, "early"))
    if file.start.schedule:
        _not_yet(desk, "'schedule'", ("start", "schedule"))
    for key in ("needs", "issue"):
        if getattr(file.start, key):
            _not_yet(desk, f"'{key}' of 'start'", ("start", key))
    if "parent" in file.start.by:
        _not_yet(desk, "the actor 'parent'", ("start", "by"))
    if file.running == "adopt":
        _not_yet(desk, 'running = "adopt"', ("running",))
    for name in file.children:
        _not_yet(desk, "[children]", ("children", name))
    for name, owed in file.obligation.items():
        if owed.blocks_end:
            _not_yet(desk, "'blocks_end'", ("obligation", name, "blocks_end"))
    for name, ladder in file.ladder.items():
        for number, rung in enumerate(ladder.rungs):
            if rung.every:
                _not_yet(desk, "'every' of a rung", ("ladder", name, "rungs", number, "every"))
    for owner, actions in file.on.items():
        for action, part in actions.items():
            if part.tells:
                _not_yet(desk, "'tells'", ("on", owner, action, "tells"))
            if "parent" in (part.by or ()):
                _not_yet(desk, "the actor 'parent'", ("on", owner, action, "by"))
            if part.at.startswith("every child of "):
                _not_yet(desk, "'every child of'", ("on", owner, action, "at"))


def _not_yet(desk: Desk, what: str, path: Path) -> None:
    key = desk.node(path).items is not None
    desk.warn("W291", f"{what} cannot be run by this release: 'publish' refuses it", path, key=key)
