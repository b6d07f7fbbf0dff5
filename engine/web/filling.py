"""A proposal while it is being filled in: what is kept, what is wrong, what is missing, what the rules say of it so far.

The rules run on the draft laid over the case, with values that are not of their kind left out; nothing is recorded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import msgspec

from engine.core import decide, waivers
from engine.core.act_fields import act_fields, asked_names
from engine.core.answers import Cleaner, missing
from engine.core.blockers import Blocker, Refused, blocker
from engine.core.case import Case, Finding
from engine.core.commands import Act, Actor
from engine.core.expressions import CannotTell
from engine.core.facts import Facts, empty, scope
from engine.core.model import Definition, Transition
from engine.core.needs import judged
from engine.core.permission import Offer
from engine.core.rules import CANNOT_TELL
from engine.service import DraftRow, Snapshot
from engine.service.adopting import form_definition
from engine.store import files
from engine.web.steps import EXCEPTIONS, Step, steps

LATER = ("reason", "opinion", "decision")  # answered with the decision, not on the form


@dataclass
class Filling:
    """`transition` is the act the form is for, `draft` what the person kept. Everything else follows."""

    snap: Snapshot
    case: Case
    person: str
    offers: list[Offer]
    transition: Transition
    draft: DraftRow
    definition: Definition = field(init=False)

    def __post_init__(self) -> None:
        self.pinned = self.snap.definition(self.case)
        self.definition, self.transition = form_definition(self.snap, self.case, self.transition)
        self.world = self.snap.world(self.case.id)

    @property
    def action(self) -> str:
        return self.transition.action

    @cached_property
    def names(self) -> tuple[str, ...]:
        return act_fields(self.definition, self.transition)

    @cached_property
    def values(self) -> dict[str, Any]:
        """Field -> value as it stands on the form, slips included."""
        return {n: self.draft.values.get(n, self.case.facts.get(n)) for n in self.names}

    @cached_property
    def _cleaned(self) -> tuple[dict[str, Any], list[Blocker]]:
        cleaner = Cleaner(self.definition, self.world)
        found = {n: cleaner.value(self.definition.fields[n], v, n) for n, v in self.values.items()}
        return found, cleaner.problems

    @property
    def slips(self) -> list[Blocker]:
        """Values that are not of their kind."""
        return self._cleaned[1]

    @cached_property
    def facts(self) -> dict[str, Any]:
        return {**self.case.facts, **self._cleaned[0]}

    @cached_property
    def missing(self) -> list[Blocker]:
        """Required fields that are empty; where a slip stands, the slip is told instead."""
        wrong = {b.path for b in self.slips}
        asked = asked_names(self.definition, self.transition)
        names = [n for n in self.names if self.transition.submits or asked.get(n) is False]
        found = list(missing(self.definition, tuple(names), self.facts))
        if not self.transition.submits:  # what an act asks must be given, also where the field may be empty elsewhere
            told = {b.path for b in found}
            found += [
                blocker("required", n, field=self.definition.fields[n].label)
                for n in names
                if empty(self.facts.get(n)) and n not in told
            ]
        return [b for b in found if not any(w == b.path or w.startswith(b.path + "/") for w in wrong)]

    @cached_property
    def known_persons(self) -> tuple[str, ...]:
        """Persons the dossier names, for boxes that pick some of them."""
        from engine.core.dossier import persons

        return tuple(p for p in persons(self.definition, self.facts) if p in self.snap.directory.people)

    # -- rules

    @cached_property
    def _judged(self) -> tuple[Finding, ...]:
        if not self.transition.submits:
            return ()
        placed = msgspec.structs.replace(self.case, facts=self.facts)
        facts = Facts(self.definition, placed, self.world, self.facts, fresh=True)
        return judged(self.definition, facts, scope(facts, actor=self.person), [])

    @cached_property
    def findings(self) -> list[Finding]:
        return [f for f in self._judged if f not in self.unknown]

    @cached_property
    def unknown(self) -> list[Finding]:
        """Rules that wait for a value, those about a row that is not complete included."""
        return [f for f in self._judged if f.key.endswith(f":{CANNOT_TELL}") or self._half_a_row(f)]

    def _half_a_row(self, finding: Finding) -> bool:
        rule = self.definition.rules[finding.rule]
        number = finding.key.rpartition(":")[2]
        start = f"{rule.each[-1][1]}/{number}/" if rule.each and number.isdecimal() else ""
        return bool(start) and any(b.path.startswith(start) for b in (*self.missing, *self.slips))

    @property
    def met(self) -> int:
        """How many rules have no finding."""
        fired = {f.rule for f in self._judged}
        kinds = ("block", "exception", "warning")
        return sum(1 for r in self.definition.rules.values() if r.kind in kinds and r.id not in fired)

    @cached_property
    def exceptions(self) -> dict[str, Finding]:
        """Waiver key -> the finding that needs grounds."""
        return waivers.needed(self.definition, tuple(self.findings))

    @cached_property
    def grounds(self) -> dict[str, dict[str, Any]]:
        before = {key: dict(w.grounds) for key, w in self.case.waivers.items() if w.state != "MOOT"}
        return {**before, **self.draft.grounds}

    def asked_grounds(self, finding: Finding) -> tuple[str, ...]:
        return waivers.grounds_of(self.definition, finding)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        return steps(self.definition, self.names, bool(self.exceptions))

    def problems_of(self, step: Step, all_of_them: bool = False) -> list[Blocker]:
        """Slips of a step, and what is missing there when asked."""
        listed = [*self.slips, *(self.missing if all_of_them else [])]
        return [
            b
            for b in listed
            if (b.path.partition("/")[0] in step.fields) or (step.key == EXCEPTIONS and b.path.startswith("waivers/"))
        ]

    # -- would it be taken?

    def acts(self) -> list[Offer]:
        """Acts that this form can be handed in with: those that submit, where their condition holds for the draft."""
        if not self.transition.submits:
            return [o for o in self.offers if o.transition.action == self.action]
        placed = msgspec.structs.replace(self.case, facts=self.facts)
        view = scope(Facts(self.definition, placed, self.world, self.facts, fresh=True), actor=self.person)
        found = []
        for offer in self.offers:
            if offer.transition.submits:
                try:
                    if view.true(offer.transition.when):
                        found.append(offer)
                except CannotTell:
                    found.append(offer)
        return found

    def refused(self, offer: Offer) -> list[Blocker]:
        """Why the act would be refused now, without what is answered on the decision's own page. Writes nothing."""
        rows = files.of_case(self.snap.conn, self.case.id)
        act = Act(
            case=self.case.id,
            grant=offer.grant,
            action=offer.transition.action,
            actor=Actor("person", self.person, "session"),
            at=self.snap.now,
            command="check",
            values={n: self.draft.values[n] for n in self.names if n in self.draft.values},
            grounds=self.grounds if offer.transition.submits else {},
            reason="…",
            note="…",
            files=tuple({"id": r.id, "sha256": r.sha256, "media_type": r.media_type, "size": r.size} for r in rows),
        )
        try:
            world = self.snap.world(self.case.id)
            decide.act(self.pinned, self.case, act, world, self.snap.active(self.pinned.name))
        except Refused as refusal:
            later = set(asked_names(self.definition, offer.transition)) - set(self.names)
            found = [b for b in refusal.blockers if b.code not in LATER and b.path.split("/")[0] not in later]
            return [b for b in found if not _column_asked(offer.transition, b.path)]
        return []


def _column_asked(transition: Transition, path: str) -> bool:
    parts = path.split("/")
    return len(parts) > 2 and f"{parts[0]}.{parts[2]}" in {ask.path for ask in transition.asks}
