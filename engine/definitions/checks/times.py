"""Times (E231), the order of rungs (E221) and limits (E222)."""

from __future__ import annotations

from engine.core.model import Duration, Rung, Time
from engine.definitions import grammar
from engine.definitions.checks.desk import Desk
from engine.definitions.checks.typing import Typer
from engine.definitions.positions import Path
from engine.definitions.problems import did_you_mean

_HOURS = {"days": 24.0, "hours": 1.0, "seconds": 1 / 3600, "months": 24 * 30.4, "working_days": 24 * 1.4}
BUILT_IN = ("due", "entered")


def check(desk: Desk, typer: Typer) -> None:
    for owner, actions in desk.file.on.items():
        for action, part in actions.items():
            path: Path = ("on", owner, action)
            for key, text in (("at", part.at), ("before", part.before)):
                if text:
                    _anchor(desk, typer, text, (*path, key))
    _limits(desk)
    for name, ladder in desk.file.ladder.items():
        if ladder.due:
            _due(desk, typer, ladder.due, ("ladder", name, "due"))
        for number, rung in enumerate(ladder.rungs):
            _anchor(desk, typer, rung.at, ("ladder", name, "rungs", number, "at"))
        _order(desk, name)


def _anchor(desk: Desk, typer: Typer, text: str, path: Path) -> None:
    try:
        time = grammar.time(text)
    except grammar.Unreadable:
        return  # said by the parser
    if time.anchor.startswith("every child of "):
        name = time.anchor.split()[3]
        desk.refer("children", name, path, "unknown children '{name}'")
        return
    if time.anchor in BUILT_IN or time.anchor[0].isdigit():
        return
    _dated(desk, typer, time.anchor, path)


def _due(desk: Desk, typer: Typer, text: str, path: Path) -> None:
    name = text.removeprefix("end of ")
    if not name.replace("_", "a").isalnum():
        desk.say("E231", f"'{text}' is not the name of a date: use a date field, a let or a parameter", path)
        return
    _dated(desk, typer, name, path)


def _dated(desk: Desk, typer: Typer, name: str, path: Path) -> None:
    """`name` is a date field, a let or a parameter."""
    kind = typer.names.get(name)
    raw = desk.node(path).value
    start = raw.find(name) if isinstance(raw, str) else -1
    inside = (start, len(name)) if start >= 0 else None
    typer.read_names.add(name)
    if kind is None:
        dates = [n for n, found in typer.names.items() if found.name in ("date", "any")]
        hint = did_you_mean(name, [*dates, *BUILT_IN])
        desk.say("E231", f"unknown date '{name}'", path, inside=inside, hint=hint)
    elif kind.name not in ("date", "any", "null"):
        desk.say("E231", f"'{name}' is {kind.title}, not a date", path, inside=inside)


def _limits(desk: Desk) -> None:
    for name, limit in desk.definition.limits.items():
        path: Path = ("limits", name)
        part = desk.file.limits[name]
        if bool(part.normal) == bool(part.every):
            message = f"limit '{name}' needs " + (
                "'normal' or 'every', not both" if part.every else "'normal' or 'every'"
            )
            desk.say("E222", message, path, key=True)
        if limit.normal and limit.urgent and hours(limit.urgent) > hours(limit.normal):
            message = f"'urgent' of limit '{name}' ({part.urgent}) is longer than 'normal' ({part.normal})"
            desk.say("E222", message, (*path, "urgent"))


def hours(duration: Duration) -> float:
    """Usual length: a working day counts 1.4 days, a month 30.4."""
    return duration.count * _HOURS[duration.unit]


def _order(desk: Desk, name: str) -> None:
    """Rungs stand in order of time. Only what is certain is said: a working day is one to two and a half days."""
    ladder = desk.definition.ladders.get(name)
    part = desk.file.ladder[name]
    if ladder is None or len(ladder.rungs) != len(part.rungs):
        return
    for number in range(1, len(ladder.rungs)):
        before, after = ladder.rungs[number - 1], ladder.rungs[number]
        if (
            before.at.anchor == after.at.anchor
            and _together(before, after)
            and _span(after.at)[1] < _span(before.at)[0]
        ):
            message = f"rungs of ladder '{name}' are out of order: '{part.rungs[number].at}' is before '{part.rungs[number - 1].at}'"
            desk.say("E221", message, ("ladder", name, "rungs", number, "at"))


def _together(one: Rung, other: Rung) -> bool:
    return not one.within or not other.within or bool(set(one.within) & set(other.within))


def _span(time: Time) -> tuple[float, float]:
    """Hours after the anchor, at least and at most."""
    plain = time.count * _HOURS[time.unit] + (24 if time.end_of else 0)
    if time.unit != "working_days":
        return plain, plain
    ends = (time.count * 24.0, time.count * 60.0)
    extra = 24 if time.end_of else 0
    return min(ends) + extra, max(ends) + extra
