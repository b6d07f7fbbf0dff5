"""Which notices an event owes, to whom, and which documents and register rows it makes: data, nothing is sent here.

`mail` of a state is sent on each entry from another state; `notify` hangs on the transition and is judged where it
starts. Who is named twice gets one mail; an empty list is recorded, not an error.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from engine.core.actors import Actors
from engine.core.case import Case
from engine.core.expressions import Scope
from engine.core.model import Conditional, Definition

URGENT_KINDS = ("task", "reminder", "escalation")  # KHẨN stands where somebody has to act


class Notices:
    """Collects the notices of one event. `extra` gives lists of persons to the words `rung`, `owner`, `link holders`."""

    def __init__(self, definition: Definition, before: Case | None, after: Case, actors: Actors, by: str):
        self.definition, self.before, self.after, self.actors, self.by = definition, before, after, actors, by
        self.items: list[dict[str, Any]] = []

    def owe(
        self,
        notice_id: str,
        scope: Scope,
        *,
        to: tuple[str, ...] | None = None,
        cc: tuple[str, ...] | None = None,
        quiet: bool = False,
        n: int = 0,
    ) -> None:
        """Add one notice. `to` and `cc` stand for the word `rung`."""
        notice = self.definition.notices[notice_id]
        direct = self._people(notice.to, scope, to)
        copies = [p for p in (*self._people(notice.cc, scope, None), *(cc or ())) if p not in direct]
        item: dict[str, Any] = {"notice": notice_id, "kind": notice.kind, "to": direct}
        if self.after.urgent and notice.kind in URGENT_KINDS:
            item["urgent"] = True
        if copies:
            item["cc"] = list(dict.fromkeys(copies))
        if quiet:
            item["quiet"] = True
        if n:
            item["n"] = n
        self.items.append(item)

    def each(self, listed: Iterable[Conditional], scope: Scope) -> None:
        for item in listed:
            if scope.true(item.when):
                self.owe(item.name, scope)

    def _people(self, paths: tuple[Conditional, ...], scope: Scope, rung: tuple[str, ...] | None) -> list[str]:
        found: dict[str, None] = {}
        for path in paths:
            if scope.true(path.when):
                for person in self.people(path.name, rung):
                    found.setdefault(person)
        return list(found)

    def people(self, path: str, rung: tuple[str, ...] | None = None) -> tuple[str, ...]:
        """Persons of a recipient path."""
        if path == "rung":
            return rung or ()
        if path in self.definition.notices:
            return self.after.notified.get(path, ())
        if path == "link holders":
            live = self.before.live_grants() if self.before else ()
            return tuple(dict.fromkeys(g.person for g in live if g.person != self.by))
        if path == "obligation owners":
            owners = [o.owner for o in self.after.obligations.values() if o.state == "OPEN"]
            return tuple(dict.fromkeys(h.person for owner in owners for h in self.actors.named(owner)))
        return tuple(h.person for h in self.actors.named(path))

    def unmailed(self, at: str) -> list[dict[str, Any]]:
        """The items without persons who get the same notice at the same instant anyway: two rungs make one mail."""
        found = []
        told: dict[str, set[str]] = {}
        for item in self.items:
            known = told.setdefault(
                item["notice"], self.after.people_mailed(at, item["notice"]) if self.before else set()
            )
            kept = {**item, "to": [p for p in item["to"] if p not in known]}
            known.update(item["to"])
            if "cc" in item:
                kept["cc"] = [p for p in item["cc"] if p not in known]
                known.update(item["cc"])
            found.append(kept)
        return found
