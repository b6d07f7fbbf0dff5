"""The dossier in a few lines: enough to know what the case is, no free text and no lists of people.

The first field of each kind and every date; a list of people as a number, of amounts as a sum.
"""

from __future__ import annotations

from typing import Any

from engine.core.facts import empty
from engine.core.model import Field
from engine.core.rules import show
from engine.mail.contents import Fact
from engine.mail.wording import Wording
from engine.words.formats import country, iso_day, money

MOST = 8
_LEFT_OUT = ("text", "file", "letter", "yes/no", "number")


def main_facts(of: Wording) -> tuple[Fact, ...]:
    """At most eight rows, in the order of the workflow file."""
    found: list[Fact] = []
    seen: set[str] = set()
    for name in _submitted(of):
        spec, value = of.definition.fields[name], of.case.facts.get(name)
        if spec.value or empty(value) or spec.type.kind in _LEFT_OUT:
            continue
        made = _fact(of, spec, value)
        if made is not None and (made[0] == "date" or made[0] not in seen):
            seen.add(made[0])
            found.append(made[1])
    return tuple(found[:MOST])


def _submitted(of: Wording) -> tuple[str, ...]:
    """Fields of the sections edited where the case starts."""
    start = of.definition.states.get(of.definition.start.state)
    sections = start.edit if start else ()
    return tuple(name for section in sections for name in of.definition.sections.get(section, ()))


def _fact(of: Wording, spec: Field, value: Any) -> tuple[str, Fact] | None:
    """(kind, row); None for what is left out."""
    kind, label = spec.type.kind, spec.label[of.lang]
    if kind == "record" and spec.type.many:
        return _listed(of, spec, label, value)
    if spec.type.many or kind == "record":
        return None
    text = _scalar(of, spec, value)
    return (kind, Fact(label, (text,))) if text else None


def _scalar(of: Wording, spec: Field, value: Any) -> str:
    kind = spec.type.kind
    if kind == "person":
        return _person(of, value)
    if kind == "date":
        return iso_day(value, of.lang)
    if kind == "money":
        return money(value, of.lang)
    if kind == "body":
        return of.body(value)
    if kind == "country":
        return country(value, of.lang)
    if kind == "choice":
        text = show(value, of.facts, of.lang)
        return text[:1].upper() + text[1:]
    return ""


def _person(of: Wording, person: str) -> str:
    """With the post the dossier froze."""
    frozen = of.case.people.get(person)
    if not frozen:
        return of.named(person)
    return ", ".join(str(p) for p in (frozen.get("name"), frozen.get("post"), of.body(frozen.get("agency") or "")) if p)


def _listed(of: Wording, spec: Field, label: str, rows: list[dict[str, Any]]) -> tuple[str, Fact] | None:
    columns = of.definition.records[spec.type.name]
    first = {c.type.kind: name for name, c in reversed(columns.items())}
    if "person" in first:
        return "people", Fact(label, (of.say.count("%(n)s person", "%(n)s people", len(rows)),))
    if "country" in first:
        codes = dict.fromkeys(str(row[first["country"]]) for row in rows if row.get(first["country"]))
        names = ", ".join(country(code, of.lang) for code in codes)
        return ("countries", Fact(columns[first["country"]].label[of.lang], (names,))) if names else None
    if "money" in first:
        amounts = [row.get(first["money"]) for row in rows]
        return "amounts", Fact(label, (money(sum(a for a in amounts if isinstance(a, int)), of.lang),))
    return None
