"""Whether the rows that people look at say what the events say."""

from __future__ import annotations

from engine.audit.report import Findings
from engine.core.case import Case, encode
from engine.store.projection import Projection


def check(case: Case | None, head: bytes, stored: Projection, findings: Findings) -> None:
    """Compare a fresh fold with the case row, its tasks and its deadlines."""
    row = stored.columns
    if case is None:
        return
    if row is None:
        findings.add(0, "projection", "the case has events and no row")
        return
    if bytes(row["body"]) != encode(case):
        findings.add(0, "projection", "the stored case is not what its events say")
    said = {
        "seq": case.seq,
        "state": case.state,
        "author": case.author,
        "reference": case.reference,
        "workflow": case.definition.name,
        "version": case.definition.version,
        "final": case.final,
        "at": case.at,
        "due_at": case.due.at if case.due else None,
    }
    for name, value in said.items():
        if row[name] != value:
            findings.add(0, "projection", f"{name} is {row[name]!r} in the table and {value!r} in the events")
    if bytes(row["head"]) != head:
        findings.add(0, "projection", "the case row does not end at the last event")
    _tasks(case, stored, findings)
    armed = {key: item.at for key, item in case.deadlines.items()}
    if not case.discarded and armed != stored.deadlines:
        for key in sorted(set(armed.items()) ^ set(stored.deadlines.items())):
            findings.add(0, "projection", f"deadline {key[0]} differs between table and events")


def _tasks(case: Case, stored: Projection, findings: Findings) -> None:
    folded = {key: (grant.person, grant.state) for key, grant in case.grants.items()}
    for key in sorted(folded.keys() | stored.grants.keys()):
        if folded.get(key) != stored.grants.get(key):
            findings.add(
                0,
                "projection",
                f"task {key} is {stored.grants.get(key)} in the table and {folded.get(key)} in the events",
            )
