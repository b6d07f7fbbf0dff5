"""`trinh verify`: read the whole ledger in one snapshot, change nothing, and say what contradicts what.

Order per case: exact bytes and chain, commitments, legality and fold, link proofs, uploads, rows against the fold. Then
what only shows across cases: document numbers, guards, definitions. The scope says in sentences what no look at the
database alone can tell.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from cryptography.exceptions import InvalidSignature

from engine.audit import chain, fold, proofs, uploads
from engine.audit.legality import Legality
from engine.audit.report import CannotVerify, Findings, Found, Report
from engine.core.case import Case, Pin
from engine.core.events import LOG
from engine.core.model import Definition
from engine.store import files, guards, ledger, projection

Progress = Callable[[int, int], None]
SCOPE = (
    "A whole chain rewritten by somebody who can sign as the engine, or events cut off at its end: only a receipt or another copy kept outside shows that.",
    "What the host of the engine recorded wrongly from the start: a link proves that somebody held the mailed secret, not who held the mailbox.",
    "Comments, conditions and times are bound by the chain, not by the key of a link.",
)


class Verification:
    """One run over one snapshot. `engine` gives `snapshot()`, the public `key` and the file store."""

    def __init__(self, engine: Any, snap: Any):
        self.engine, self.snap = engine, snap
        self.public = engine.key.public_key()
        self.series: dict[str, list[int]] = {}  # a series may continue a paper book, so it need not begin with 1
        self._definitions: dict[tuple[str, int, str], Definition | None] = {}
        self.kept = uploads.Bytes(engine.files.read if engine.files is not None else None)
        self.events = 0

    def case(self, case_id: str) -> list[Found]:
        """Every contradiction in one case (or in the site's own log)."""
        findings = Findings(case_id)
        rows = ledger.raw(self.snap.conn, case_id)
        self.events += len(rows)
        entries = chain.check(case_id, rows, ledger.private_rows(self.snap.conn, case_id), findings)
        if case_id == LOG:
            return findings.items
        legality = Legality(self._pinned, findings)
        folded = legality.check(entries) if len(entries) == len(rows) else None
        proofs.check(entries, self._genuine, findings)
        uploads.check(
            entries, lambda: {row.id: row for row in files.of_case(self.snap.conn, case_id)}, self.kept, findings
        )
        if folded is not None:
            fold.check(folded, bytes(rows[-1].hash), projection.projected(self.snap.conn, case_id), findings)
            self._papers(folded, findings)
        return findings.items

    def site(self) -> list[Found]:
        """What is wrong beside the cases."""
        findings = Findings("site")
        for name in guards.missing(self.snap.conn):
            findings.add(0, "guards-missing", f"the database has lost its guard {name}")
        for case_id in projection.without_events(self.snap.conn):
            findings.add(0, "events-missing", f"the case {case_id} has a row and no event")
        for series, taken in sorted(self.series.items()):
            if sorted(taken) != list(range(min(taken), min(taken) + len(taken))):
                findings.add(0, "numbers", f"the series {series} has gaps or doubles: {sorted(taken)}")
        return findings.items

    def _genuine(self, signature: bytes, message: bytes) -> bool:
        try:
            self.public.verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True

    def _pinned(self, pin: Pin) -> Definition | None:
        key = (pin.name, pin.version, pin.sha256)
        if key not in self._definitions:
            try:
                found: Definition | None = self.snap.library.pinned(self.snap.conn, pin.name, pin.version)
            except Exception:  # never published, or bytes that are not those of the manifest
                found = None
            self._definitions[key] = found if found is not None and found.sha256 == pin.sha256 else None
        return self._definitions[key]

    def _papers(self, case: Case, findings: Findings) -> None:
        """Collect the numbers given; kept files are those whose hash the event holds."""
        for paper in case.documents:
            given = re.search(r"\d+", paper.number) if paper.series else None
            if given:
                self.series.setdefault(paper.series, []).append(int(given.group()))
            if paper.sha256 and not paper.voided:
                self._kept(paper.sha256, paper.seq, paper.id, findings)

    def _kept(self, sha256: str, seq: int, name: str, findings: Findings) -> None:
        wrong = self.kept.wrong(sha256)
        if wrong == uploads.MISSING:
            findings.add(seq, wrong, f"the file of {name} is gone")
        elif wrong:
            findings.add(seq, wrong, f"the file of {name} is not the one that was issued")


def verify(engine: Any, case_id: str | None = None, *, progress: Progress | None = None) -> Report:
    """Check one case or the whole site. Raises CannotVerify when the ledger cannot be read, LookupError for no such case."""
    try:
        with engine.snapshot() as snap:
            listed = ledger.cases_of_log(snap.conn)
            if case_id is not None and case_id not in listed:
                raise LookupError(case_id)
            run, findings = Verification(engine, snap), []
            chosen = listed if case_id is None else [case_id]
            for number, name in enumerate(chosen, 1):
                findings += run.case(name)
                if progress is not None:
                    progress(number, len(chosen))
            if case_id is None:
                findings += run.site()
            cases = sum(1 for name in chosen if name != LOG)
            return Report(cases, run.events, tuple(findings), SCOPE)
    except (LookupError, CannotVerify):
        raise
    except Exception as error:
        raise CannotVerify(f"the ledger cannot be read: {error}") from error
