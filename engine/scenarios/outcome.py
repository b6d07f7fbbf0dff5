"""What came of an act: a receipt, or why it was refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from engine.core.blockers import Blocker, Refused
from engine.core.model import Definition
from engine.service import Conflict, LinkPage, Receipt


@dataclass(frozen=True, slots=True)
class Outcome:
    receipt: Receipt | None = None
    blockers: tuple[Blocker, ...] = ()
    conflict: str = ""
    page: LinkPage | None = None
    problems: tuple[str, ...] = ()  # of a workflow that was not published

    @property
    def refused(self) -> bool:
        return bool(self.blockers or self.conflict or self.problems)

    def reasons(self) -> list[str]:
        """Every reason in a sentence."""
        found = [b.english() for b in self.blockers] + list(self.problems)
        return found + ([f"the link's page says: {self.conflict}"] if self.conflict else [])


def tried(act: Callable[[], Receipt | None]) -> Outcome:
    """Run an act that may be refused."""
    try:
        return Outcome(act())
    except Refused as refused:
        return Outcome(blockers=refused.blockers)
    except Conflict as conflict:
        return Outcome(conflict=conflict.reason)


def missing(outcome: Outcome, wanted: list[str], definition: Definition | None, action: str) -> list[str]:
    """Expected reasons that were not given. More reasons than expected may be given."""
    return [text for text in wanted if not _given(outcome, text, definition, action)]


def _given(outcome: Outcome, text: str, definition: Definition | None, action: str) -> bool:
    if outcome.conflict and text.strip().replace(" ", "_") == outcome.conflict:
        return True
    if any(text.lower() in sentence.lower() for sentence in outcome.problems):
        return True
    return any(_fits(blocker, text, definition, action) for blocker in outcome.blockers)


def _fits(blocker: Blocker, text: str, definition: Definition | None, action: str) -> bool:
    """A rule (`R-01` also stands for `R-01n`), a code in words, `not in STATE`, or words of the sentence."""
    plain = text.strip()
    if plain.replace(" ", "_").lower() == blocker.code:
        return True
    if blocker.rule and (plain == blocker.rule or (plain == blocker.rule[:-1] and blocker.rule[-1:].isalpha())):
        return True
    if blocker.code == "not_in_state" and plain.startswith("not in "):
        state = plain.removeprefix("not in ")
        return definition is not None and action in definition.transitions.get(state, {})
    sentences = (blocker.english(), blocker.text.vi if blocker.text else "", blocker.path)
    rule, _, rest = plain.partition(": ")
    if rest and blocker.rule.startswith(rule):
        return any(rest.lower() in sentence.lower() for sentence in sentences)
    return any(plain.lower() in sentence.lower() for sentence in sentences)
