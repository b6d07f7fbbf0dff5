"""Whether each event was allowed: the transition exists, the state was right, the right to act was live.

Judged with a plain table made from the pinned definition, not with the machine that decided (a differential test keeps the
two equal). Rules are not judged again: what they saw and found is recorded in the event.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from engine.audit.chain import Entry
from engine.audit.report import Findings
from engine.core.case import Case, Pin
from engine.core.evolve import evolve
from engine.core.machine import edges
from engine.core.model import Definition

Pinned = Callable[[Pin], Definition | None]  # None: never published, or its bytes have changed


class Legality:
    """Folds one case and judges every event on the way. `case` is the fold so far."""

    def __init__(self, pinned: Pinned, findings: Findings):
        self.pinned, self.findings = pinned, findings
        self.case: Case | None = None
        self._edges: dict[str, frozenset[tuple[str, str, str]]] = {}

    def check(self, entries: list[Entry]) -> Case | None:
        """The folded case, or None when the events cannot be folded."""
        for entry in entries:
            try:
                after = evolve(self.case, entry.body, entry.values)
            except Exception as error:  # hostile rows: whatever the fold stumbles over is a finding
                self.findings.add(entry.row.seq, "cannot-fold", f"{type(error).__name__}: {error}")
                return None
            self._one(entry, after)
            self.case = after
        return self.case

    def _one(self, entry: Entry, after: Case) -> None:
        body, before = entry.body, self.case
        moves = "to" in body and body["type"] != "link.issued"  # there `to` is the person
        if before is not None and (before.final or before.discarded) and moves:
            self.findings.add(entry.row.seq, "illegal-transition", "the case had already ended")
        if moves:
            self._moves(entry, after)
        if body["type"] in ("step.taken", "vote.cast") and body["actor"].get("kind") == "person":
            self._entitled(entry, after)

    def _moves(self, entry: Entry, after: Case) -> None:
        body, before, seq = entry.body, self.case, entry.row.seq
        definition = self.pinned(after.definition)
        if definition is None:
            self.findings.add(
                seq,
                "definition",
                f"{after.definition.name} version {after.definition.version} is not what was published",
            )
            return
        if before is None:
            if body["to"] != definition.start.state:
                self.findings.add(
                    seq, "illegal-transition", f"a case starts in {definition.start.state}, not in {body['to']}"
                )
            return
        if body.get("from") != before.state:
            self.findings.add(seq, "illegal-transition", f"the case was in {before.state}, not in {body.get('from')}")
        step = (str(body.get("from")), str(body.get("trigger")), str(body["to"]))
        if step not in self._allowed(definition):
            self.findings.add(seq, "illegal-transition", f"{step[1]} does not lead from {step[0]} to {step[2]}")

    def _allowed(self, definition: Definition) -> frozenset[tuple[str, str, str]]:
        key = definition.sha256
        if key not in self._edges:
            self._edges[key] = frozenset(edges(definition))
        return self._edges[key]

    def _entitled(self, entry: Entry, after: Case) -> None:
        """The grant was live and this person's; answers kept per row are among those whose keys were revealed."""
        body, before, seq = entry.body, self.case, entry.row.seq
        grant = before.grants.get(body.get("grant", "")) if before else None
        if body.get("grant") and grant is None:
            self.findings.add(seq, "no-right", f"the task {body['grant']} does not exist")
        elif grant is not None and grant.state != "live":
            self.findings.add(seq, "no-right", f"the task {grant.id} was {grant.state}")
        elif grant is not None and grant.person != body["actor"].get("id"):
            self.findings.add(seq, "no-right", f"the task {grant.id} belongs to {grant.person}")
        if before is not None:
            self._proved(entry, before, after)

    def _proved(self, entry: Entry, before: Case, after: Case) -> None:
        keys = (entry.body.get("spent") or {}).get("keys") or {}
        definition = self.pinned(before.definition)
        transition = None
        if definition is not None:
            transition = definition.transitions.get(before.state, {}).get(entry.body.get("trigger", ""))
        if transition is None or "confirm" in keys:
            return
        for ask in transition.asks:
            name, _, column = ask.path.partition(".")
            if not column or name == "waivers":
                continue
            for number, row in enumerate(after.facts.get(name) or [], 1):
                value, atom = row.get(column), f"{name}/{number}.{column}={row.get(column)}"
                if value and value != _before(before, name, number, column) and atom not in keys:
                    self.findings.add(entry.row.seq, "no-link-proof", f"no key was revealed for “{atom}”")


def _before(case: Case, name: str, number: int, column: str) -> Any:
    rows = case.facts.get(name) or []
    return rows[number - 1].get(column) if number <= len(rows) else None
