"""A refusal is data: blockers with a code, an English sentence (the key of its translation) and parameters.

Sentences of rules come from the workflow file in both languages; those of the engine are translated by code.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from engine.core.case import Finding
from engine.core.model import Text


@dataclass(frozen=True, slots=True)
class Blocker:
    """`path` names the place on a form (`members/5/task`), empty for the whole act."""

    code: str
    message: str
    params: dict[str, Any] = field(default_factory=dict)
    rule: str = ""
    text: Text | None = None
    path: str = ""

    def english(self) -> str:
        return self.sentence("en")

    def sentence(self, lang: str, translate: Callable[[str], str] = str) -> str:
        """The whole sentence; `translate` maps the English message to `lang`, rules bring their own words."""
        if self.text:
            return self.text[lang]
        shown = {name: value[lang] if isinstance(value, Text) else value for name, value in self.params.items()}
        return translate(self.message).format(**shown)


class Refused(Exception):
    """The command changes nothing; every reason is told at once."""

    def __init__(self, blockers: list[Blocker]):
        super().__init__("; ".join(b.english() for b in blockers))
        self.blockers = tuple(blockers)

    @property
    def codes(self) -> tuple[str, ...]:
        return tuple(b.code for b in self.blockers)


def of_finding(finding: Finding) -> Blocker:
    """`cannot_judge` where the rule could not tell, else `rule`."""
    code = "cannot_judge" if finding.key.endswith(":E301") else "rule"
    return Blocker(code, "{rule}", {"rule": finding.rule}, finding.rule, Text(finding.vi, finding.en))


# code -> English sentence; the catalogue translates these
MESSAGES = {
    "not_in_state": "This is not possible in the state “{state}”.",
    "not_offered": "This action is not offered for this case.",
    "no_authority": "You do not hold this task.",
    "own_trip": "Nobody reviews or decides on a trip of their own.",
    "grant_closed": "This task has been closed.",
    "too_late": "The time for this has passed ({at}).",
    "required": "Fill in “{field}”.",
    "choice": "“{field}” must be one of: {options}.",
    "type": "“{field}” must be {expected}.",
    "too_many": "“{field}” holds at most {most} rows.",
    "reason": "Give a reason.",
    "unknown_field": "“{field}” cannot be changed here.",
    "no_request": "{rule} has no request: state the grounds, or ask for changes.",
    "grounds": "{rule}: fill in “{field}”.",
    "not_waivable": "{rule} cannot be waived.",
    "opinion": "Give an opinion on {key}.",
    "decision": "Decide on the exception {key}.",
    "not_granted": "The exception {key} has not been granted.",
    "no_block": "There is no finding that blocks.",
    "does_not_fire": "{rule} has no finding.",
    "nobody": "Nobody can hold the next task “{state}”.",
    "unknown_plan_item": "“{key}” is not in the register “{register}”.",
    "unknown_person": "“{key}” is not a person of the directory.",
    "unknown_body": "“{key}” is not a body of the directory.",
    "unknown_file": "This file has not been handed in for this case.",
    "held": "The clock's act could not be taken.",
    "pending": "Another change is waiting to be confirmed.",
    "cannot_tell": "The register “{register}” cannot be written: {reason} is empty.",
    "not_adoptable": "The published version of the workflow does not fit this case: {reason}.",
    "discarded": "This draft has been discarded.",
    "already_voted": "You have already given your vote.",
}


def blocker(code: str, path: str = "", rule: str = "", **params: Any) -> Blocker:
    return Blocker(code, MESSAGES[code], {"rule": rule, **params}, rule, path=path)
