"""What an event leaves behind besides mails: documents with numbers, register rows, obligations.

Document numbers are ordered here and taken by the writer inside its transaction (gap-free). A document that is
uploaded carries the agency's own number.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from engine.core.actors import Actors
from engine.core.blockers import Refused, blocker
from engine.core.case import Case
from engine.core.events import Private
from engine.core.expressions import CannotTell, Scope
from engine.core.facts import Facts
from engine.core.model import Conditional, Definition, Document, Publish
from engine.core.plan import NumberOrder
from engine.core.rules import fill
from engine.core.world import World, key_of


class Papers:
    """Documents issued by one event. `source` resolves `holder` to the body that acts."""

    def __init__(self, definition: Definition, after: Case, source: Actors, world: World, at: int):
        self.definition, self.after, self.source, self.world, self.at = definition, after, source, world, at
        self.items: list[dict[str, Any]] = []
        self.orders: list[NumberOrder] = []

    def issue(self, listed: Iterable[Conditional], scope: Scope) -> None:
        for item in listed:
            if scope.true(item.when) and all(known["id"] != item.name for known in self.items):
                self._one(self.definition.documents[item.name], scope)

    def _one(self, document: Document, scope: Scope) -> None:
        parent = self.definition.documents.get(document.annex)
        issuer = issuing(parent or document, self.source, scope)
        item: dict[str, Any] = {
            "id": document.id,
            "issuer": issuer,
            "date": self.world.calendar.day(self.at).isoformat(),
            "template": self.world.templates(document.id),
        }
        letter = self.after.facts.get(document.uploaded) if document.uploaded else None
        if letter:
            item["number"] = letter.get("number") or ""
            item["file"] = letter.get("file") or ""
        elif document.kind and issuer:
            self._number(document, issuer, item)
        self.items.append(item)

    def _number(self, document: Document, issuer: str, item: dict[str, Any]) -> None:
        series = self.world.site.series(issuer, document.kind)
        if series is None:
            return
        year = str(self.world.calendar.local(self.at).year)
        period = self.world.site.term if series.period == "term" else year
        item["series"] = f"{series.key}/{period}"
        parts = {"kind": document.kind, "org": series.org, "unit": series.unit, "year": year}
        self.orders.append(NumberOrder(len(self.items), item["series"], series.pattern, parts))


def issuing(document: Document, actors: Actors, scope: Scope) -> str:
    """The body that issues a document now; empty where none is named."""
    path = next((item.name for item in document.issuers if scope.true(item.when)), document.issuer)
    return actors.body(path) if path else ""


def reference(definition: Definition, world: World, at: int) -> NumberOrder | None:
    """The order for a case's reference, DR-2022-0012 from a yearly counter."""
    pattern = world.site.reference.get(definition.name)
    if not pattern:
        return None
    year = str(world.calendar.local(at).year)
    return NumberOrder(-1, f"reference/{definition.name}/{year}", pattern, {"year": year}, 4)


def published(definition: Definition, case: Case, scope: Scope, world: World) -> dict[tuple[str, str], dict[str, Any]]:
    """(register, entry id) -> {key, row} that a case shows while it is in its state."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    for spec in definition.publish.values():
        if case.state in spec.states:
            found.update(_rows(spec, case, scope, world))
    return found


def rung_rows(spec: Publish, case: Case, scope: Scope, world: World) -> dict[tuple[str, str], dict[str, Any]]:
    """Rows that a rung writes once."""
    return _rows(spec, case, scope, world)


def _rows(spec: Publish, case: Case, scope: Scope, world: World) -> dict[tuple[str, str], dict[str, Any]]:
    register = world.site.registers.get(spec.register)
    keys = register.keys if register else ()
    found: dict[tuple[str, str], dict[str, Any]] = {}
    try:
        subjects = scope.value(spec.each[1]) if spec.each else [None]
        for number, subject in enumerate(subjects, 1):
            if spec.each:
                scope.bind(spec.each[0], subject)
            row = {column: _plain(scope.value(source), world) for column, source in spec.row.items()}
            key = [row.get(name) for name in keys]
            entry = f"{case.id}.{hashlib.sha256(key_of(key).encode()).hexdigest()[:8]}.{number}"
            found[spec.register, entry] = {"key": key, "row": row}
    except CannotTell as error:
        raise Refused([blocker("cannot_tell", register=spec.register, reason=", ".join(error.names))]) from None
    return found


def _plain(value: Any, world: World) -> Any:
    if hasattr(value, "astimezone"):
        return value.astimezone(world.calendar.zone).date().isoformat()
    if isinstance(value, dict):
        return value.get("slug") or value.get("id") or value.get("key")
    return value


def differences(
    before: dict[tuple[str, str], dict[str, Any]], after: dict[tuple[str, str], dict[str, Any]]
) -> list[dict[str, Any]]:
    """`publishes` of the event: rows taken away, then rows new or changed."""
    gone = [
        {"register": register, "entry": entry, "key": item["key"], "row": None}
        for (register, entry), item in before.items()
        if (register, entry) not in after
    ]
    fresh = [
        {"register": register, "entry": entry, **item}
        for (register, entry), item in after.items()
        if before.get((register, entry)) != item
    ]
    return gone + fresh


def opened(
    definition: Definition, names: tuple[str, ...], case: Case, facts: Facts, scope: Scope
) -> tuple[list[dict[str, Any]], dict[str, Private]]:
    """Obligations that a transition opens: (items, private sentences)."""
    items: list[dict[str, Any]] = []
    private: dict[str, Private] = {}
    for name in names:
        spec = definition.obligations[name]
        for number, subject in enumerate(scope.value(spec.each[1]) if spec.each else [None], 1):
            if spec.each:
                scope.bind(spec.each[0], subject)
            owner, due = scope.value(spec.owner), scope.value(spec.due)
            key = f"{name}.{number}"
            items.append(
                {
                    "id": key,
                    "name": name,
                    "owner": _plain(owner, facts.world),
                    "due": _plain(due, facts.world),
                    "state": "OPEN",
                }
            )
            words = {lang: fill(spec.label[lang], scope, facts, lang) for lang in ("vi", "en")}
            private[f"obligations/{key}"] = Private(words)
    return items, private
