"""`trinh history`: the events of a case in words, and the case as it was known at an instant or after an event."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from engine.core.case import Case
from engine.core.events import instant
from engine.core.evolve import evolve
from engine.core.model import Definition
from engine.store import ledger
from engine.words.formats import Clock
from engine.words.language import words

WHO = {"timer": "the clock", "service": "the engine"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One event. `what` is the action or kind of event; instants µs UTC; `notices` are `N-11 F21`, `documents` ids with
    their numbers."""

    seq: int
    at: int
    rec: int
    type: str
    who: str
    auth: str
    what: str
    from_: str
    to: str
    documents: tuple[str, ...]
    notices: tuple[str, ...]
    hash: str


@dataclass(frozen=True)
class History:
    """`case` is folded up to the last entry; `definition` is the one it was pinned to then."""

    case: Case
    entries: tuple[Entry, ...]
    definition: Definition
    clock: Any  # lang -> Clock

    def as_json(self) -> dict[str, Any]:
        listed = [{("from" if k == "from_" else k): v for k, v in asdict(entry).items()} for entry in self.entries]
        return {
            "case": self.case.id,
            "reference": self.case.reference,
            "state": self.case.state,
            "dossier": self.case.dossier,
            "definition": {"name": self.case.definition.name, "version": self.case.definition.version},
            "due": self.case.due.at if self.case.due else None,
            "findings": [{"key": f.key, "kind": f.kind} for f in self.case.findings],
            "waivers": {key: waiver.state for key, waiver in self.case.waivers.items()},
            "pending": [{"id": d.id, "at": d.at} for d in sorted(self.case.deadlines.values(), key=lambda d: d.at)],
            "events": listed,
        }

    def lines(self, lang: str) -> Iterator[str]:
        """For a terminal: every event, then where the case stands and what the clock will do next."""
        say, clock = words(lang), self.clock(lang)
        for entry in self.entries:
            yield f"{entry.seq:>4}  {clock.short(entry.at)}  {self._told(entry, lang)}"
            if entry.documents:
                yield f"      {say('documents')}: {', '.join(entry.documents)}"
            if entry.notices:
                yield f"      {say('notices')}: {', '.join(entry.notices)}"
        yield ""
        yield f"{say('State')}: {self._state(self.case.state, lang)} ({self.case.state})"
        if self.case.due:
            yield f"{say('Due')}: {clock.due(self.case.due.at)}"
        for finding in self.case.findings:
            yield f"{say('Finding')}: {finding.rule} {finding.kind}: {finding.vi if lang == 'vi' else finding.en}"
        for item in sorted(self.case.deadlines.values(), key=lambda d: d.at):
            yield f"{say('Waiting')}: {clock.short(item.at)}  {item.name}"

    def _state(self, name: str, lang: str) -> str:
        state = self.definition.states.get(name)
        return state.label[lang] if state else name

    def _told(self, entry: Entry, lang: str) -> str:
        say, action = words(lang), self.definition.actions.get(entry.what)
        what = action[lang] if action else self._state(entry.to, lang) if entry.to else say(entry.what)
        moved = f"  {entry.from_} → {entry.to}" if entry.to and entry.from_ != entry.to else ""
        return f"{what} · {say(WHO.get(entry.who, entry.who))}{moved}  [{entry.hash[:8]}]"


def history(engine: Any, case_id: str, *, at: int | None = None, seq: int | None = None) -> History:
    """What was recorded until `at` (µs UTC) or up to event `seq`; everything without either. Raises LookupError when there
    is no such case, or when nothing had been recorded by then."""
    with engine.snapshot() as snap:
        rows = ledger.raw(snap.conn, case_id)
        values = ledger.private_values(snap.conn, case_id)
        case: Case | None = None
        entries = []
        for row in rows:
            if (at is not None and row.rec > at) or (seq is not None and row.seq > seq):
                break
            body = row.parsed()
            case = evolve(case, body, values.get(row.seq, {}))
            entries.append(_entry(row, body))
        if case is None or (seq is not None and seq > len(rows)):
            raise LookupError(case_id)
        calendar, now = snap.calendar, snap.now
        return History(case, tuple(entries), snap.definition(case), lambda lang: Clock(calendar, lang, now))


def _entry(row: ledger.EventRow, body: dict[str, Any]) -> Entry:
    actor = body.get("actor") or {}
    told = [
        f"{item['notice']} {person}"
        for item in body.get("notices", [])
        if not item.get("quiet")
        for person in (*item.get("to", []), *item.get("cc", []))
    ]
    return Entry(
        seq=row.seq,
        at=instant(body["at"]),
        rec=row.rec,
        type=row.type,
        who=actor.get("id", "") if actor.get("kind") == "person" else actor.get("kind", ""),
        auth=actor.get("auth", ""),
        what=(body.get("vote") or {}).get("action") or body.get("trigger") or row.type,
        from_=body.get("from", ""),
        to=body.get("to", "") if "from" in body else "",  # in link.issued it is a person
        documents=tuple(" ".join(p for p in (d["id"], d.get("number", "")) if p) for d in body.get("documents", [])),
        notices=tuple(told),
        hash=row.hash.hex(),
    )
