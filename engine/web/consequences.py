"""What each choice leads to, in one sentence built from the definition: the next state and who holds it, what is
issued, and what would stop it now."""

from __future__ import annotations

from dataclasses import dataclass, replace

from engine.core import needs, permission
from engine.core.actors import Actors
from engine.core.case import Case
from engine.core.expressions import CannotTell, Scope
from engine.core.facts import Facts
from engine.core.model import Conditional, Definition, Transition
from engine.service import Snapshot
from engine.web.track import targets, usual
from engine.words.language import words

# needs that this very act may still meet: its own answers about the exceptions
FREE = ("reason", "note")
ANSWERED = ("exceptions_granted", "exceptions_requested", "requested")


@dataclass(frozen=True, slots=True)
class Leads:
    """`stops` are the sentences of what would refuse the action as the case stands."""

    hint: str
    stops: tuple[str, ...] = ()


class Consequences:
    """Sentences of one case in one language."""

    def __init__(self, snap: Snapshot, case: Case, lang: str):
        self.definition: Definition = snap.definition(case)
        self.case, self.lang, self.say = case, lang, words(lang)
        world = snap.world(case.id)
        self.directory = snap.directory
        self._ahead: list[str] | None = None
        self.facts = Facts(self.definition, case, world, case.facts)
        self.view: Scope = snap.view(case)
        self.actors: Actors = permission.actors(self.definition, case, world, self.view)

    def of(self, transition: Transition) -> Leads:
        parts = [self._next(transition), self._issued(transition), self._confirmed(transition)]
        return Leads(" ".join(part for part in parts if part), self._stops(transition))

    def rank(self, transition: Transition) -> int:
        """Order of the choices: along the usual way, then about, then to an end without success."""
        if self._ahead is None:
            self._ahead = usual(self.definition, self.case.state, self.case, self.view)
        found = targets(self.definition, transition, self.case, self.view)
        if any(name in self._ahead for name in found):
            return 0
        return 2 if any(self.definition.states[name].final == "bad" for name in found) else 1

    def _next(self, transition: Transition) -> str:
        found = targets(self.definition, transition, self.case, self.view)
        if found == [self.case.state]:
            return ""
        if len(found) != 1:
            labels = self.say(" or ").join(f"«{self.definition.states[name].label[self.lang]}»" for name in found)
            return self.say("Next: %(states)s.", states=labels)
        state = self.definition.states[found[0]]
        label = state.label[self.lang]
        if state.final:
            return self.say("Ends the case: «%(state)s».", state=label)
        who = self.holders(state.who)
        if not who:
            return self.say("Next: %(states)s.", states=f"«{label}»")
        return self.say("Goes to %(who)s: «%(state)s».", who=who, state=label)

    def holders(self, paths: tuple[str, ...]) -> str:
        """Bodies by their name, persons by theirs."""
        found: dict[str, None] = {}
        for path in paths:
            body = self.directory.bodies.get(self.actors.body(path))
            if body is not None:
                found.setdefault(body.en if self.lang == "en" and body.en else body.vi)
            else:
                for holder in self.actors.named(path):
                    person = self.directory.people.get(holder.person)
                    found.setdefault(person.name if person else holder.person)
        return self.say(" or ").join(found)

    def _issued(self, transition: Transition) -> str:
        titles = [
            self.definition.documents[item.name].title[self.lang] for item in transition.issue if self._holds(item)
        ]
        listed = "; ".join(dict.fromkeys(titles))
        return self.say("Issues: %(documents)s.", documents=listed) if listed else ""

    def _confirmed(self, transition: Transition) -> str:
        if not transition.confirm:
            return ""
        return self.say("Takes effect when %(who)s confirms it.", who=self.holders((transition.confirm,)))

    def _holds(self, item: Conditional) -> bool:
        try:
            return self.view.true(item.when)
        except CannotTell:
            return False

    def _stops(self, transition: Transition) -> tuple[str, ...]:
        if transition.submits:
            return ()  # judged on what is filled in with the act
        fills = any("." not in ask.path and ask.path not in FREE for ask in transition.asks)
        asked = tuple(
            n for n in transition.needs if n.kind not in ANSWERED and not (fills and n.kind in ("passes", "fires"))
        )
        judged = replace(transition, needs=asked)
        found = needs.unmet(
            self.definition, judged, self.facts, self.view, self.case.findings, dict(self.case.waivers), []
        )
        return tuple(dict.fromkeys(self.say.blocker(item) for item in found))
