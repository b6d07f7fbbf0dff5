"""The small grammars inside texts: types, times, durations, needs, conditional items, loops.

Each function gives the value of the model, or raises `Unreadable` with what was expected.
"""

from __future__ import annotations

import datetime
import re

from engine.core.model import Ask, Conditional, Duration, Need, Time

SCALARS = ("text", "number", "date", "money", "yes/no", "person", "body", "country", "file", "letter")
NEEDS = ("no block", "some block", "exceptions requested", "exceptions granted")
UNITS = ("day", "working day", "hour", "second", "month")
MAX_DAYS = 3660  # no deadline lies farther away than ten years

_TIME = re.compile(
    r"(?P<end>end of )?(?P<anchor>[^\s+-]\S*|\d{4}-\d{2}-\d{2})"
    r"(?: (?P<sign>[+-]) (?P<count>\d{1,9}) (?P<unit>working day|day|hour|second|month)s?)?"
)
_DURATION = re.compile(r"(?P<count>\d{1,9}) (?P<unit>working day|day|hour|month)s?")
_CHILDREN = re.compile(r"every child of [a-z][a-z0-9_]* final")
_LOOP = re.compile(r"(?P<name>[a-z][a-z0-9_]*) in (?P<rest>.+)", re.DOTALL)
_TYPE = re.compile(
    r"(?P<many>list of )?(?:(?P<case>case of )(?P<workflow>[a-z][a-z0-9-]*)|(?P<name>[a-z][a-z0-9_/]*))(?P<optional>\?)?"
)
_LET = re.compile(r"(?P<name>[a-z][a-z0-9_]*)(?:\((?P<parameters>[^)]*)\))?")


class Unreadable(ValueError):
    """The text is not of this grammar; the message says what was expected."""


def type_of(text: str) -> tuple[str, bool, bool, str]:
    """(name, many, optional, workflow): `list of member?` → ("member", True, True, "")."""
    match = _TYPE.fullmatch(text)
    if match is None:
        raise Unreadable(f"'{text}' is not a type: 'date', 'text?', 'list of person', 'case of annual-plan'")
    if match["case"]:
        return "case", bool(match["many"]), bool(match["optional"]), match["workflow"]
    return match["name"], bool(match["many"]), bool(match["optional"]), ""


def conditional(text: str) -> Conditional:
    """`D-12 if returned_on > planned_end`."""
    name, found, when = text.partition(" if ")
    if found and not when.strip():
        raise Unreadable("the condition after 'if' is missing")
    return Conditional(name.strip(), when.strip())


def time(text: str) -> Time:
    """`end of trip_end - 1 second`, `due + 3 working days`, `2022-05-15`."""
    if _CHILDREN.fullmatch(text):
        return Time(text)
    match = _TIME.fullmatch(text)
    if match is None:
        wanted = "'departure', 'end of report_due', 'due + 3 working days' or '2022-05-15 - 30 days'"
        raise Unreadable(f"'{text}' is not a time: write {wanted}")
    anchor = match["anchor"]
    if anchor[0].isdigit():
        _day(anchor)
    if not match["count"]:
        return Time(anchor, bool(match["end"]))
    unit = _unit(match["unit"])
    count = _bounded(int(match["count"]), unit)
    return Time(anchor, bool(match["end"]), count if match["sign"] == "+" else -count, unit)


def _day(text: str) -> None:
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        raise Unreadable(f"'{text}' is not a day of the calendar (2022-05-15)") from None


def duration(text: str) -> Duration:
    """`3 working days`, `10 days`, `24 hours`."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise Unreadable(f"'{text}' is not a duration: '3 working days', '10 days' or '24 hours'")
    unit = _unit(match["unit"])
    count = _bounded(int(match["count"]), unit)
    if count == 0:
        raise Unreadable("a duration of nothing: write at least 1")
    return Duration(count, unit)


def _unit(word: str) -> str:
    return "working_days" if word == "working day" else f"{word}s"


def _bounded(count: int, unit: str) -> int:
    each = {"hours": 1 / 24, "seconds": 1 / 86400, "months": 30, "working_days": 1.4}.get(unit, 1)
    if count * each > MAX_DAYS:
        raise Unreadable("a time may lie ten years away at most")
    return count


def need(text: str) -> Need:
    """`R-04 requested`, `R-07 fires`, `no block`, `R-10`."""
    if text in NEEDS:
        return Need(text.replace(" ", "_"))
    rule, _, word = text.partition(" ")
    if word in ("fires", "requested"):
        return Need(word, rule)
    if word:
        listed = "', '".join(NEEDS)
        raise Unreadable(f"'{text}' is not a need: 'RULE', 'RULE fires', 'RULE requested', '{listed}'")
    return Need("passes", rule)


def ask(text: str) -> Ask:
    return Ask(text.removesuffix("?"), text.endswith("?"))


def loop(text: str) -> tuple[str, str]:
    """`m in members` → ("m", "members")."""
    match = _LOOP.fullmatch(text)
    if match is None:
        raise Unreadable(f"'{text}' is not a loop: 'm in members'")
    return match["name"], match["rest"].strip()


def let(key: str) -> tuple[str, tuple[str, ...] | None]:
    """`size` → ("size", None); `visit_days(m, c)` → ("visit_days", ("m", "c"))."""
    match = _LET.fullmatch(key)
    if match is None:
        raise Unreadable(f"'{key}' is neither a name nor 'name(a, b)'")
    if match["parameters"] is None:
        return match["name"], None
    return match["name"], tuple(part.strip() for part in match["parameters"].split(","))
