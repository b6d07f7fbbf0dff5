"""What a verification found, and what it could not look at."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


class CannotVerify(Exception):
    """The ledger could not be read at all: neither clean nor broken, just unknown (exit code 3)."""


@dataclass(frozen=True, slots=True)
class Found:
    """One contradiction. `check` names the test that saw it, `seq` the event (0 for the case as a whole)."""

    case: str
    seq: int
    check: str
    text: str

    def line(self) -> str:
        place = f"{self.case}#{self.seq}" if self.seq else self.case
        return f"{place}: {self.check}: {self.text}"


@dataclass(frozen=True, slots=True)
class Report:
    """`scope` lists in sentences what this run could not check; clean means no finding within that scope."""

    cases: int
    events: int
    findings: tuple[Found, ...]
    scope: tuple[str, ...] = ()

    @property
    def clean(self) -> bool:
        return not self.findings

    def as_json(self) -> dict[str, Any]:
        return {
            "clean": self.clean,
            "cases": self.cases,
            "events": self.events,
            "findings": [{"case": f.case, "seq": f.seq, "check": f.check, "text": f.text} for f in self.findings],
            "not_checked": list(self.scope),
        }


@dataclass
class Findings:
    """Collects what is found in one case."""

    case: str
    items: list[Found] = field(default_factory=list)

    def add(self, seq: int, check: str, text: str) -> None:
        self.items.append(Found(self.case, seq, check, text))
