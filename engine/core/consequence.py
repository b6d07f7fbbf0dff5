"""Everything that follows from an event, worked out once and written into it: grants, times, papers, notices, rows.

`Consequence` takes the heart of an event (where the case goes and which facts change) and completes its body. A replay
then only copies: it needs no rule, no calendar and no register.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import msgspec

from engine.core import atoms, deadlines, papers
from engine.core.actors import Holder
from engine.core.blockers import Refused, blocker
from engine.core.case import Case
from engine.core.events import Draft, Private, iso
from engine.core.evolve import evolve
from engine.core.expressions import Scope
from engine.core.facts import Facts, scope
from engine.core.model import Conditional, Definition, State, Transition
from engine.core.notices import Notices
from engine.core.permission import actors, clock_only
from engine.core.plan import NumberOrder
from engine.core.world import World


def grant_id(case: str, command: str, seat: str, person: str) -> str:
    """Derived, so that planning twice names the same grant. Commands are unique in their case only (`timer.20`)."""
    digest = hashlib.sha256(f"{case}\0{command}\0{seat}\0{person}".encode()).digest()
    return "g_" + base64.b32encode(digest).decode().lower()[:16]


LAST = frozenset({"deadlines", "notices", "publishes", "read"})


def _same(one: list[Any], other: list[Any]) -> bool:
    """The very same objects in the same order: parts of a body are replaced, never changed."""
    return len(one) == len(other) and all(a is b for a, b in zip(one, other, strict=True))


class Consequence:
    """Builds one event of one case. `definition` is the one that holds after the event."""

    def __init__(
        self,
        definition: Definition,
        before: Case | None,
        world: World,
        draft: Draft,
        words: dict[str, Any] | None = None,
    ):
        self.definition, self.before, self.world = definition, before, world
        self.draft = draft
        self.body: dict[str, Any] = dict(draft.body)
        self.private: dict[str, Private] = dict(draft.private)
        self.orders: list[NumberOrder] = []
        self.words = words or {}  # reason, note: what expressions see under these names
        self._folded: tuple[list[Any], Case] | None = None

    @property
    def at(self) -> int:
        return self.draft.at

    def after(self) -> Case:
        """The case as it would be with the body so far, but for what no later part of the body looks at (LAST)."""
        kept = {name: value for name, value in self.body.items() if name not in LAST}
        parts = [self.draft, *kept, *kept.values(), *self.private.values()]
        if self._folded is not None and _same(self._folded[0], parts):
            return self._folded[1]
        found = self._fold(kept)
        self._folded = (parts, found)
        return found

    def _fold(self, kept: dict[str, Any]) -> Case:
        body = {
            **kept,
            "case": self.draft.case,
            "seq": self.before.seq + 1 if self.before else 1,
            "type": self.draft.type,
            "at": iso(self.at),
            "actor": self.draft.actor,
        }
        return evolve(self.before, body, {name: record.value for name, record in self.private.items()})

    def scope(self, case: Case, **extra: Any) -> Scope:
        facts = Facts(self.definition, case, self.world, case.facts)
        return scope(facts, actor=self._by(), extra={**self.words, **extra})

    def enter(self) -> None:
        """Close the tasks of the entry that ends and open those of the state entered. Raises Refused (`nobody`)."""
        after = self.after()
        state = self.definition.states[after.state]
        grants: dict[str, Any] = {}
        if state.final:
            self.body["final"] = state.final
        else:
            holders, state = self._holders(after, state)
            grants["opened"] = [self.grant(holder, state) for holder in holders]
        stays = self._waits_on(state)
        if self.before is not None and self.before.pending is not None and not stays:
            self.body["pending"] = None
        live = self.before.live_grants() if self.before else ()
        closed = {g.id: "step" for g in live if g.id != self.body.get("grant") and not (stays and g.kind == "confirm")}
        if closed:
            grants["closed"] = closed
        if grants:
            self.body["grants"] = grants

    def _waits_on(self, state: State) -> bool:
        """Whether what waits to be confirmed may still be confirmed in the state entered: the clock's midnight does not
        undo a secretary's request. Not when it is that very act which leads here."""
        if self.before is None or self.before.pending is None or self.draft.type == "vote.cast":
            return False
        pending = self.before.pending
        same = self.definition.transitions.get(state.name, {}).get(pending.action)
        return same is not None and bool(same.confirm) and self.body.get("trigger") != pending.action

    def _holders(self, after: Case, state: State) -> tuple[tuple[Holder, ...], State]:
        for _ in range(len(self.definition.states)):
            found = actors(self.definition, after, self.world).entitled(state.who)
            if found:
                return found, state
            if not state.fallback:
                raise Refused([blocker("nobody", state=state.label)])
            state = self.definition.states[state.fallback]
            self.body["to"] = state.name
            after = self.after()
        raise Refused([blocker("nobody", state=state.label)])

    def grant(self, holder: Holder, state: State, kind: str = "step") -> dict[str, Any]:
        after = self.after()
        listed = [
            t for t in self.definition.transitions.get(state.name, {}).values() if t.by is None and not clock_only(t)
        ]
        item: dict[str, Any] = {
            "id": grant_id(self.draft.case, self.draft.command, f"{kind}:{holder.seat}", holder.person),
            "person": holder.person,
            "seat": holder.seat,
            "atoms": list(atoms.CONFIRM if kind == "confirm" else atoms.offered(self.definition, after, listed)),
            "assurance": state.assurance,
            "dossier": after.dossier,
            "kind": kind,
        }
        if holder.body:
            item["body"] = holder.body
        if holder.capacity:
            item["capacity"] = holder.capacity
        return item

    def oblige(self, names: tuple[str, ...]) -> None:
        """Open obligations."""
        if not names:
            return
        after = self.after()
        facts = Facts(self.definition, after, self.world, after.facts)
        items, private = papers.opened(self.definition, names, after, facts, self.scope(after))
        if items:
            self.body["obligations"] = items
            self.private.update(private)

    def issue(self, listed: tuple[Conditional, ...], source: str, view: Scope | None = None) -> None:
        """Documents, judged in the state where the step starts and issued by the body that acts."""
        if not listed:
            return
        after = self.after()
        placed = self._in_state(after, source)
        found = papers.Papers(self.definition, after, actors(self.definition, placed, self.world), self.world, self.at)
        found.issue(listed, view or self.scope(placed))
        if found.items:
            self.body["documents"] = found.items
            self.orders += found.orders

    def _in_state(self, case: Case, state: str) -> Case:
        return msgspec.structs.replace(case, state=state)

    def times(self, spent: tuple[str, ...] = ()) -> None:
        """Due date and deadlines."""
        after = self.after()
        timetable = deadlines.Timetable(self.definition, after, self.scope(after), self.world.calendar, self.at)
        due = timetable.due(self.before)
        if due != (self.before.due if self.before else None):
            self.body["due"] = deadlines.due_item(due)
            after = msgspec.structs.replace(after, due=due)
            timetable = deadlines.Timetable(self.definition, after, self.scope(after), self.world.calendar, self.at)
        moved = deadlines.changes(self.before, timetable.wanted(self.before, due), spent)
        if moved:
            self.body["deadlines"] = moved

    def notify(self, transition: Transition | None, source: str, extra: tuple[Conditional, ...] = ()) -> None:
        """Mail of the state entered, then what the transition itself tells."""
        after = self.after()
        found = Notices(self.definition, self.before, after, actors(self.definition, after, self.world), self._by())
        state = self.definition.states[after.state]
        if after.state != source and not (transition and transition.quiet):
            found.each(state.mail, self.scope(after))
        placed = self.scope(self._in_state(after, source))
        found.each(transition.notify if transition else (), placed)
        found.each(extra, placed)
        self.tell(found)

    def tell(self, found: Notices) -> None:
        if found.items:
            self.body["notices"] = found.unmailed(iso(self.at))

    def _by(self) -> str:
        return str(self.draft.actor.get("id", ""))

    def publish(self, extra: dict[tuple[str, str], dict[str, Any]] | None = None) -> None:
        """Register rows that appear, change or vanish with this event; `extra` are a rung's own."""
        after = self.after()
        before_rows: dict[tuple[str, str], dict[str, Any]] = {}
        if self.before is not None and self.before.published:
            view = scope(Facts(self.definition, self.before, self.world, self.before.facts))
            before_rows = papers.published(self.definition, self.before, view, self.world)
        rows = papers.published(self.definition, after, self.scope(after), self.world)
        listed = papers.differences(before_rows, rows)
        listed += [{"register": r, "entry": e, **item} for (r, e), item in (extra or {}).items()]
        if listed:
            self.body["publishes"] = listed

    def finish(self) -> Draft:
        """The draft of the whole event, with every look outside the case recorded."""
        seen = self.world.recorded()
        if seen:
            self.body["read"] = [{"register": item["register"], "key": item["key"]} for item in seen]
            self.private["read"] = Private(seen)
        return Draft(
            type=self.draft.type,
            case=self.draft.case,
            at=self.at,
            actor=self.draft.actor,
            command=self.draft.command,
            body=self.body,
            private=self.private,
        )
