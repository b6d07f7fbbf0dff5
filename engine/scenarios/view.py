"""What a row is compared with: the case after it, and what was made since the row before and since the beginning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.core.actors import Actors
from engine.core.calendar import Calendar
from engine.core.case import Case
from engine.core.clock import rung_of
from engine.core.directory import Directory
from engine.core.events import instant
from engine.core.facts import Facts, scope
from engine.core.model import Definition
from engine.core.world import World
from engine.scenarios.expected import Line
from engine.scenarios.outcome import Outcome
from engine.scenarios.sandbox import Mail, Paper, mails, papers
from engine.scenarios.shorthand import people

MOVES = ("case.opened", "step.taken", "vote.cast")
Events = list[tuple[dict[str, Any], dict[str, Any]]]


@dataclass
class View:
    """`events` since the row before, `all_events` since the beginning; `now` µs UTC."""

    case: Case
    definition: Definition
    world: World
    events: Events
    all_events: Events
    outcome: Outcome | None
    action: str
    rows: Callable[[str], list[dict[str, Any]]]
    refusals: Callable[[], list[Any]]
    offers: Callable[[str], list[str]]

    @property
    def calendar(self) -> Calendar:
        return self.world.calendar

    @property
    def directory(self) -> Directory:
        return self.world.directory

    @property
    def now(self) -> int:
        return self.world.now

    def mails(self, everything: bool = False) -> list[Mail]:
        return mails(self.all_events if everything else self.events)

    def papers(self, everything: bool = False) -> list[Paper]:
        return papers(self.all_events if everything else self.events)

    def states(self, everything: bool = False) -> list[tuple[int, str]]:
        """(instant, state) of every move to another state."""
        listed = self.all_events if everything else self.events
        moves = [b for b, _ in listed if b["type"] in MOVES and "to" in b]
        return [(instant(b["at"]), b["to"]) for b in moves if b["to"] != b.get("from")]

    def pending(self) -> list[tuple[int, str]]:
        """(instant, notice or action) of everything the clock will do."""
        found = []
        for item in self.case.deadlines.values():
            name = item.name
            if item.kind == "rung":
                name = rung_of(self.definition, item).send or item.name
            found.append((item.at, name))
        return sorted(set(found))

    def value(self, source: str) -> Any:
        """Raises CannotTell, BadExpression."""
        facts = Facts(self.definition, self.case, self.world, self.case.facts)
        return scope(facts).value(source)

    def people(self, words: tuple[str, ...]) -> set[str]:
        """Persons that the words of a mail line name: ids, ranges, bodies (their decide seats), fields of persons."""
        actors = Actors(self.definition, self.case, self.world)
        found: set[str] = set()
        for word in people(list(words)):
            if word in self.directory.people:
                found.add(word)
            else:
                found |= {holder.person for holder in actors.named(word)}
        return found

    def name(self, person: str) -> str:
        known = self.directory.people.get(person)
        return f"{person} ({known.name})" if known else person


def mail_matches(line: Line, mail: Mail, view: View, at: int | None) -> bool:
    """Notice, instant (the row's own when the line gives none), and the urgent mark where the line asks for it."""
    if line.name != mail.notice or (line.urgent and not mail.urgent):
        return False
    if line.when is not None:
        return line.when.fits(mail.at, view.calendar)
    return at is None or mail.at == at
