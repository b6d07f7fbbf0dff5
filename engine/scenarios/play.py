"""Plays one scenario: row by row on one simulated clock, each row compared with what it expects."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from engine.core.blockers import Refused
from engine.core.case import Case
from engine.core.model import Definition
from engine.definitions.loader import Loaded
from engine.definitions.problems import Problem, Problems
from engine.scenarios import expected
from engine.scenarios.answers import BadShort, Filler, first_year
from engine.scenarios.compare import REFUSED, Compare
from engine.scenarios.given import Given
from engine.scenarios.outcome import Outcome, missing, tried
from engine.scenarios.sandbox import Sandbox, mails
from engine.scenarios.script import Dossier, Row, Script, Story
from engine.scenarios.versions import changed
from engine.scenarios.view import View
from engine.service import Answers, Conflict
from engine.service.owed import settle

YEAR = 366 * 86_400_000_000
SHORT = "E570"  # a short form that cannot be read, found while playing


class Stop(Exception):
    """What follows in the story would say nothing."""


@dataclass
class Part:
    """A case of the story. `seen` = how many of its events the rows before have looked at."""

    case: str
    dossier: Dossier
    workflow: str
    seen: int = 0


@dataclass
class Play:
    """One scenario on one sandbox. Problems collect in `problems`."""

    script: Script
    story: Story
    sandbox: Sandbox
    loaded: Loaded
    load: Callable[[Path], Loaded]
    given: tuple[Given, ...] = ()
    problems: list[Problem] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.parts: dict[str, Part] = {}
        self.on = ""
        self.calendar = self.sandbox.engine.library.calendar
        with self.sandbox.engine.snapshot() as snap:
            self.people = snap.directory.people
        self.changes: dict[str, Any] = {}
        self.chain = self.script.chain(self.story)
        for story in self.chain:
            self.changes |= story.changes

    @property
    def part(self) -> Part:
        return self.parts[self.on]

    def run(self) -> list[Problem]:
        try:
            for number, story in enumerate(self.chain):
                later = self.chain[number + 1].until if number + 1 < len(self.chain) else ""
                self._rows(story, later)
            if self.story.at_end is not None and self.parts:
                self._finally(self.story.at_end)
        except Stop:
            pass
        return self.problems

    def _rows(self, story: Story, until: str) -> None:
        """The rows of one story; `until`: those who go on from it only want it up to this state."""
        for register, listed in story.registers.items():
            self.sandbox.know(register, listed)
        for row in story.rows:
            self.take(row, story)
            if until and self.parts and self._case().state == until:
                return

    # -- one row

    def take(self, row: Row, story: Story) -> None:
        """Play one row: move the clock, act, compare. Raises Stop where the story cannot go on; `problems` says why."""
        try:
            self._time(row)
            outcome = self._begin(row, story)
            self._world(row)
            outcome = outcome or self._act(row)
        except BadShort as error:
            self._problem(row, "with", SHORT, str(error))
            raise Stop from None
        self._compare(row, outcome)

    def _begin(self, row: Row, story: Story) -> Outcome | None:
        """Before its first row, a story's case is opened; what came of it when its author may not."""
        if self.parts or not story.case or row.has("opens"):
            return None
        dossier = self.script.dossiers[story.case]
        made = tried(lambda: self._open(story.case, dossier, self.changes, story.case))
        return made if made.refused else None

    def _time(self, row: Row) -> None:
        if not row.has("at"):
            return
        at = expected.instant(row.get("at"), self.calendar)
        if at < self.sandbox.clock.now:
            self._problem(row, "at", "E571", "the clock does not run backwards: the row before is later")
            raise Stop
        self.sandbox.advance(at)
        if row.has("off"):
            self.sandbox.switch(row.get("off"))

    def _world(self, row: Row) -> None:
        """Registers, another case, links that are kept."""
        for register, listed in (row.get("registers") or {}).items():
            self.sandbox.know(register, listed)
        if row.has("on"):
            if row.get("on") not in self.parts:
                self._problem(row, "on", "E560", f"no case of this story is called '{row.get('on')}'")
                raise Stop
            self.on = row.get("on")
        for name, person in (row.get("keeps") or {}).items() if self.parts else ():
            try:
                self.sandbox.keep(name, self.part.case, person)
            except Refused:
                self._problem(row, "keeps", REFUSED, f"{person} has no task of which a mail could carry the link")
                raise Stop from None

    def _act(self, row: Row) -> Outcome | None:
        if row.has("publish"):
            return self._publish(row)
        if row.has("opens"):
            name = row.get("as") or row.get("opens")
            dossier = self.script.dossiers[row.get("opens")]
            author = row.get("who") or dossier.author
            changes = {"author": author, **(row.get("with") or {})}
            made = tried(lambda: self._open(name, dossier, changes, name))
            if made.refused or not row.has("does"):
                return made if made.refused else None
            return self._does(row, row.get("who"), row.get("does"), {})
        if row.has("does"):
            return self._does(row, row.get("who", ""), row.get("does"), row.get("with") or {})
        return None

    def _does(self, row: Row, who: str, action: str, given: dict[str, Any]) -> Outcome:
        if not self.parts:
            self._problem(
                row, "does", "E560", "there is no case yet: name a dossier with 'case', or start one with 'opens'"
            )
            raise Stop
        part, link = self.part, row.get("link", "")
        if link and link not in self.sandbox.links:
            self._problem(row, "link", "E560", f"no link was kept under the name '{link}'")
            raise Stop
        if action == "look":
            return Outcome(page=self.sandbox.look(link))
        if action in ("settle", "drop"):
            state, owed = ("DONE" if action == "settle" else "DROPPED"), str(given.get("obligation", ""))
            return tried(lambda: settle(self.sandbox.engine, part.case, who, owed, state, str(given.get("note", ""))))
        case = self._case()
        definition = self._definition(case)
        filler = self._filler(definition, case, part, who)
        if action == "save":
            values, grounds = filler.values(given), filler.grounds(given.get("waiver") or {})
            return tried(lambda: self.sandbox.save(part.case, who, values, grounds))
        if action == "discard":
            return tried(lambda: self.sandbox.engine.discard(part.case, who))
        if action in ("confirm", "decline"):
            answers = Answers(action=action, **{name: given[name] for name in ("reason", "note") if name in given})
        else:
            answers = filler.answers(action, given)
        return tried(lambda: self.sandbox.act(part.case, who, answers, link=link, address=row.get("address", "")))

    def _filler(self, definition: Definition, case: Case, part: Part, who: str) -> Filler:
        values = {**case.facts, **{n: v for n, v in part.dossier.values.items() if isinstance(v, date)}}
        year = first_year(definition, values, self.calendar.day(self.sandbox.clock.now).year)
        return Filler(definition, case, year, lambda name: self._upload(part.case, who, name), self._granted)

    def _granted(self, record: str, row: dict[str, Any]) -> dict[str, Any]:
        """Columns that every scenario takes for granted (given.toml), by the person in the row."""
        named = next((one for one in row.values() if isinstance(one, str) and one in self.people), "")
        person = self.people.get(named)
        return {name: value for item in self.given if item.fits(record, person) for name, value in item.values.items()}

    def _upload(self, case: str, who: str, name: str) -> str:
        """A file that cannot be handed in leaves its name: the act is refused for a better reason."""
        try:
            return self.sandbox.upload(case, who, name)
        except Refused:
            return name

    def _open(self, name: str, dossier: Dossier, changes: dict[str, Any], where: str) -> None:
        """Start a case and keep its dossier as the author's draft."""
        author = str(changes.get("author") or dossier.author)
        waiver = {**dossier.waiver, **(changes.get("waiver") or {})}
        own = {key: value for key, value in changes.items() if key not in ("author", "waiver")}
        dossier = Dossier(name, author, {**dossier.values, **own}, waiver, dossier.workflow, dossier.node)
        workflow = dossier.workflow or self.script.workflow
        case = self.sandbox.open(workflow, author)
        self.parts[where] = Part(case, dossier, workflow)
        self.on = where
        folded = self._case()
        filler = self._filler(self._definition(folded), folded, self.part, author)
        self.sandbox.save(case, author, filler.values(dossier.values), filler.grounds(waiver))

    def _publish(self, row: Row) -> Outcome:
        try:
            loaded = changed(self.loaded, row.get("publish"), self.script.path.parent, self.load)
        except Problems as found:
            return Outcome(problems=tuple(f"{p.code} {p.message} {p.hint}".strip() for p in found.errors))
        self.sandbox.publish(loaded)
        return Outcome()

    # -- looking

    def _case(self) -> Case:
        return self.sandbox.case(self.part.case)

    def _definition(self, case: Case) -> Definition:
        with self.sandbox.engine.snapshot() as snap:
            return snap.definition(case)

    def _compare(self, row: Row, outcome: Outcome | None) -> None:
        if not self.parts:
            self._without_case(row, outcome)
            return
        with self._view(row, outcome) as view:
            if view is None:
                self._problem(row, "as_of", "E571", "the case did not exist then")
                raise Stop
            compare = Compare(row, view, self.story.name)
            went = compare.outcome()
            if went:
                compare.all()
        self.problems += compare.problems
        if not row.has("as_of"):
            self.part.seen = len(view.all_events)
        if not went or any(p.code == "E501" for p in compare.problems):
            raise Stop

    def _without_case(self, row: Row, outcome: Outcome | None) -> None:
        """A row before the first case: somebody may not even start one, or a workflow is not published."""
        wanted = row.texts("refused")
        if outcome is None or (not outcome.refused and not wanted):
            return
        told = outcome.reasons()
        if not wanted or not outcome.refused:
            self._problem(row, "does", REFUSED, "was refused" if not wanted else "was not refused", told)
            raise Stop
        if missing(outcome, wanted, None, row.get("does", "")):
            self._problem(row, "refused", REFUSED, "was refused for other reasons", told)

    @contextmanager
    def _view(self, row: Row, outcome: Outcome | None) -> Iterator[View | None]:
        """What the row is compared with; rules may look into registers while it is open."""
        part = self.part
        events = self.sandbox.events(part.case)
        case: Case | None = self._case()
        if row.has("as_of"):
            at = expected.instant(row.get("as_of"), self.calendar)
            case = self.sandbox.case_at(part.case, at)
            events = [item for item in events if item[0]["rec"] <= expected.stamp(at)]
        if case is None:
            yield None
            return
        with self.sandbox.engine.snapshot() as snap:
            definition, world = snap.definition(case), snap.world(case.id)
            yield View(
                case=case,
                definition=definition,
                world=world,
                events=events[part.seen :],
                all_events=events,
                outcome=outcome,
                action=row.get("does", ""),
                rows=lambda register: self.sandbox.rows(part.case, register),
                refusals=lambda: self.sandbox.refusals(part.case),
                offers=self._offers,
            )

    def _offers(self, person: str) -> list[str]:
        with self.sandbox.engine.snapshot() as snap:
            case = snap.case(self.part.case)
            return [offer.transition.action for offer in snap.offers(case, person)] if case else []

    def _finally(self, row: Row) -> None:
        with self._view(row, None) as view:
            assert view is not None
            self.problems += Compare(row, view, self.story.name, everything=True).all()
        if row.has("quiet_after"):
            after = expected.instant(row.get("quiet_after"), self.calendar)
            self.sandbox.advance(self.sandbox.clock.now + YEAR)
            late = [mail for mail in mails(self.sandbox.events(self.part.case)) if mail.at > after]
            if late:
                told = [f"sent: {expected.moment_text(m.at, self.calendar)} {m.notice} {m.person}" for m in late]
                self._problem(row, "quiet_after", "E511", "mails were sent afterwards", told)

    def _problem(self, row: Row, key: str, code: str, message: str, told: list[str] | None = None) -> None:
        hint = "\n       ".join(told or [])
        self.problems.append(row.spot(key).problem(code, f"{self.story.name}: {message}", hint=hint))


__all__ = ["Conflict", "Play"]
