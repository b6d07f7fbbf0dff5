"""Who an actor path names, at this moment: seats of bodies, persons of fields, those who got a notice.

Roots: body slug, `author`, `holder`, a field of type person, body or list with persons, a route column
(`decision.decider`), a site list; then `.head .secretary .clerk .office`. A bare body means its `decide` seats.
Nobody who is in conflict with the case holds a task through a body.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.core.case import Case
from engine.core.model import Definition, State
from engine.core.world import World

SEATS = ("head", "secretary", "clerk")


@dataclass(frozen=True, slots=True)
class Holder:
    """One person by one right; `body` is empty where the person is named directly."""

    person: str
    seat: str
    body: str = ""
    capacity: str = ""


class Actors:
    """Resolves paths for one case. `conflicts` are persons the workflow's `conflict` names."""

    def __init__(self, definition: Definition, case: Case, world: World, conflicts: frozenset[str] = frozenset()):
        self.definition, self.case, self.world, self.conflicts = definition, case, world, conflicts

    def holders(self, state: State) -> tuple[Holder, ...]:
        """Who holds the task of a state; through a body only without conflict of interest."""
        return self.entitled(state.who)

    def entitled(self, paths: tuple[str, ...]) -> tuple[Holder, ...]:
        found: dict[str, Holder] = {}
        for path in paths:
            for holder in self.named(path):
                if not (holder.body and holder.person in self.conflicts):
                    found.setdefault(holder.person, holder)
        return tuple(found.values())

    def named(self, path: str) -> tuple[Holder, ...]:
        """Everybody a path names, conflicts included; only `holder` alone means who holds the task, and so leaves them out."""
        root, _, rest = path.partition(".")
        if path in self.world.directory.lists:
            return tuple(h for body in self.world.directory.lists[path] for h in self._body(body, ""))
        if root == "holder":
            state = self.definition.states.get(self.case.state)
            who = state.who if state else ()
            return tuple(h for path in who for h in self.named(f"{path}.{rest}")) if rest else self.entitled(who)
        body = self.body(path)
        if body:
            last = path.rsplit(".", 1)[-1]
            return self._body(body, last if last in SEATS else "")
        return self._people(root)

    def body(self, path: str) -> str:
        """The body a path stands for, `.office` applied; empty when it names people."""
        parts = path.split(".")
        root, rest = parts[0], parts[1:]
        slug = ""
        if root in self.world.directory.bodies:
            slug = root
        elif root == "holder":
            state = self.definition.states.get(self.case.state)
            slug = next((b for b in (self.body(w) for w in (state.who if state else ())) if b), "")
        elif root in self.definition.routes and rest:
            slug = self._column(root, rest.pop(0))
        elif root in self.definition.fields and self.definition.fields[root].type.kind == "body":
            slug = self.case.facts.get(root) or ""
        if slug and rest and rest[-1] == "office":
            slug = self.world.directory.office(slug)
        return slug

    def _column(self, route: str, column: str) -> str:
        chosen = self.case.routes.get(route, "")
        for row in self.definition.routes[route]:
            if row.id == chosen:
                return str(row.columns.get(column, ""))
        return ""

    def _body(self, body: str, seat: str) -> tuple[Holder, ...]:
        seats = self.world.directory.holders(body, seat or "decide")
        return tuple(Holder(s.person, s.id or f"{s.body}.{s.right}", body, s.capacity) for s in seats)

    def _people(self, root: str) -> tuple[Holder, ...]:
        if root == "author":
            return (Holder(self.case.author, "author"),)
        spec = self.definition.fields.get(root)
        if spec is None:
            return ()
        value = self.case.facts.get(root)
        if spec.type.kind == "person":
            people = value if spec.type.many else [value]
        elif spec.type.kind == "record":
            columns = self.definition.records[spec.type.name]
            person = next((name for name, column in columns.items() if column.type.kind == "person"), "")
            people = [row.get(person) for row in (value or [])]
        else:
            people = []
        return tuple(Holder(person, root) for person in people or [] if person)
