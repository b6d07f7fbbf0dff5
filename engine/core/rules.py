"""Rules -> findings. What stops, what opens a waiver, what is only shown.

Kinds (docs/language.md 6): `block` and `exception` stop where `no block` or `exceptions ...` is needed, `warning` is
shown, `guard` refuses the transition that names it, `lift` turns the blocks that say `lifted_by` into exceptions.
A rule that cannot tell is a block finding with a sentence naming it: a rule never passes by accident.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from engine.core.case import Finding
from engine.core.expressions import CannotTell, Scope
from engine.core.facts import Facts
from engine.core.model import Definition, Rule, Text

PLACE = re.compile(r"\{([^{}]+)\}")
CANNOT_TELL = "E301"


@dataclass(frozen=True, slots=True)
class Row:
    """One row a rule was asked for: the values of its loop variables."""

    names: tuple[str, ...]
    values: tuple[Any, ...]

    def subject(self) -> str:
        """The last loop value that is a person (or carries one), else the last value that is a plain word."""
        for value in reversed(self.values):
            if isinstance(value, dict):
                person = value.get("person", value)
                if isinstance(person, dict) and "key_leader" in person:
                    return str(person["id"])
        return ""

    def key(self) -> str:
        return ":".join(_short(value) for value in self.values)


def _short(value: Any) -> str:
    if isinstance(value, dict):
        person = value.get("person")
        if isinstance(person, dict):
            return str(person.get("id", ""))
        for name in ("id", "slug", "key", "number"):
            if value.get(name) is not None:
                return str(value[name])
    return str(value).encode("ascii", "backslashreplace").decode()


def evaluate(definition: Definition, facts: Facts, scope: Scope) -> tuple[Finding, ...]:
    """Findings of every block, exception and warning, in source order; `lift` rules are judged where they are cited."""
    lifts: dict[str, bool] = {}
    found: list[Finding] = []
    for rule in definition.rules.values():
        if rule.kind not in ("block", "exception", "warning"):
            continue
        if rule.kind == "warning":
            scope.put("findings", [{"rule": f.rule, "kind": f.kind, "subject": f.subject} for f in found])
        found.extend(_judge(definition, rule, facts, scope, lifts))
    return tuple(found)


def _judge(definition: Definition, rule: Rule, facts: Facts, scope: Scope, lifts: dict[str, bool]) -> Iterator[Finding]:
    try:
        for row in rows(rule, scope):
            if _holds(rule, scope):
                continue
            kind, lifted = rule.kind, ""
            if rule.kind == "block" and rule.lifted_by and _lifted(definition, rule.lifted_by, scope, lifts):
                kind, lifted = "exception", rule.lifted_by
            yield Finding(
                key=f"{rule.id}:{row.key()}" if row.values else rule.id,
                rule=rule.id,
                kind=kind,
                vi=fill(rule.sentence.vi, scope, facts, "vi"),
                en=fill(rule.sentence.en, scope, facts, "en"),
                subject=row.subject(),
                lifted_by=lifted,
                source=rule.source,
            )
    except CannotTell as error:
        yield unknown(definition, rule, error)


def unknown(definition: Definition, rule: Rule, error: CannotTell) -> Finding:
    """The finding of a rule that could not be judged, naming the empty fields it reads."""
    fields = [definition.fields[n].label for n in error.names if n in definition.fields]
    vi = ", ".join(f"«{label.vi}»" for label in fields) or "dữ liệu"
    en = ", ".join(f"“{label.en}”" for label in fields) or "data"
    return Finding(
        key=f"{rule.id}:{CANNOT_TELL}",
        rule=rule.id,
        kind="block",
        vi=f"{rule.id}: chưa đủ dữ liệu để đối chiếu; kiểm tra {vi}.",
        en=f"{rule.id}: not enough data to judge; check {en}.",
        source=rule.source,
    )


def rows(rule: Rule, scope: Scope) -> Iterator[Row]:
    """Each row of the rule's loops with its variables bound, where `if` holds; one empty row without loops."""

    def walk(depth: int, values: tuple[Any, ...]) -> Iterator[Row]:
        if depth == len(rule.each):
            if scope.true(rule.when):
                yield Row(tuple(n for n, _ in rule.each), values)
            return
        name, source = rule.each[depth]
        for item in scope.value(source) or []:
            scope.bind(name, item)
            yield from walk(depth + 1, (*values, item))

    return walk(0, ())


def _holds(rule: Rule, scope: Scope) -> bool:
    return scope.true(rule.check)


def _lifted(definition: Definition, name: str, scope: Scope, known: dict[str, bool]) -> bool:
    if name not in known:
        lift = definition.rules[name]
        try:
            known[name] = scope.true(lift.when) and scope.true(lift.check)
        except CannotTell:
            known[name] = False
    return known[name]


def guard(definition: Definition, rule: Rule, facts: Facts, scope: Scope) -> list[Finding]:
    """Failures of one rule asked as a guard (any kind may be asked by name)."""
    return list(_judge(definition, rule, facts, scope, {}))


def fill(sentence: str, scope: Scope, facts: Facts, lang: str) -> str:
    """`{expression}` in a sentence replaced by its printed value; an empty one prints an ellipsis."""

    def place(match: re.Match[str]) -> str:
        try:
            return show(scope.value(match.group(1)), facts, lang)
        except CannotTell:
            return "…"

    return PLACE.sub(place, sentence)


def show(value: Any, facts: Facts, lang: str) -> str:
    """A value as people read it: a body by its name, a date as 04/9/2022, a country by its name."""
    if isinstance(value, datetime):
        local = value.astimezone(facts.world.calendar.zone)
        return date_text(local, lang)
    if isinstance(value, dict):
        return str(value.get("name") or value.get("id") or value.get("key") or "")
    if isinstance(value, (list, tuple)):
        return ", ".join(show(item, facts, lang) for item in value)
    if isinstance(value, str):
        return _word(value, facts, lang)
    return str(value)


def _word(value: str, facts: Facts, lang: str) -> str:
    body = facts.world.directory.bodies.get(value)
    if body is not None:
        return body.en if lang == "en" and body.en else body.vi
    for options in facts.definition.choices.values():
        if value in options:
            return options[value][lang]
    if len(value) == 2 and value.isupper():
        return facts.world.countries(value, lang)
    return value


def date_text(local: datetime, lang: str) -> str:
    """`04/9/2022` (zero for the day, and for months 1 and 2 only: the official style); `4 September 2022`."""
    if lang == "en":
        text = f"{local.day} {calendar.month_name[local.month]} {local.year}"
    else:
        month = f"{local.month:02d}" if local.month < 3 else str(local.month)
        text = f"{local.day:02d}/{month}/{local.year}"
    clock = local.strftime("%H:%M")
    return text if clock == "00:00" else f"{clock} {text}"


def sentence(text: Text, scope: Scope, facts: Facts) -> Text:
    return Text(vi=fill(text.vi, scope, facts, "vi"), en=fill(text.en, scope, facts, "en"))
