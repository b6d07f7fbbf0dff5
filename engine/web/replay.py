"""A case as it stood after one of its records, and what that record changed: folded anew from the ledger, nothing stored."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from engine.core.case import Case
from engine.core.evolve import replay
from engine.core.facts import empty
from engine.core.model import Definition
from engine.service import Snapshot
from engine.store import ledger
from engine.web.case_page import WAIVER_WORDS, sees
from engine.web.decide_page import file_info
from engine.web.dossier_view import DossierView
from engine.web.printing import Cell, Entry, Printer
from engine.web.refusal import Refusal
from engine.web.rendering import language, render
from engine.web.running import running
from engine.web.sessions import SignedIn
from engine.web.timeline import history
from engine.words.formats import Clock
from engine.words.language import words

router = APIRouter(include_in_schema=False)
AROUND = 6  # records on each side of the one that is looked at


@dataclass(frozen=True, slots=True)
class Change:
    label: str
    before: str
    after: str


@router.get("/c/{case_id}/at/{seq}")
def show(request: Request, case_id: str, seq: int, person: SignedIn) -> Response:
    lang = language(request)
    with running(request).engine.snapshot() as snap:
        case = sees(snap, case_id, person)
        if not 1 <= seq <= case.seq:
            raise Refusal(404, "missing")
        events = ledger.history(snap.conn, case_id, seq)
        after = replay(events)
        before = replay(events[:-1]) if seq > 1 else None
        told = next(t for t in history(snap, case, lang, seq) if t.seq == seq)
        view = DossierView(snap, after, lang, "", file=file_info(snap, case_id))
        listed = changes(snap, before, after, lang)
        names = [n for n in view.definition.fields if n != "title"]
        near = range(max(1, seq - AROUND), min(case.seq, seq + AROUND) + 1)
        row = ledger.event(snap.conn, case_id, seq)
        raw = row.body.decode("utf-8") if row else ""
        context: dict[str, Any] = {
            "case": case,
            "after": after,
            "view": view,
            "told": told,
            "changes": listed,
            "near": near,
        }
        context["facts"] = view.printer.entries(names, lists=False)
        context["raw"] = json.dumps(json.loads(raw), ensure_ascii=False, indent=1, sort_keys=True) if raw else ""
        return render(
            request,
            "replay.html",
            seq=seq,
            size=len(raw.encode()),
            state=view.printer.state(after.state),
            tables=view.tables(),
            **context,
        )


def changes(snap: Snapshot, before: Case | None, after: Case, lang: str) -> list[Change]:
    """What differs between two states of a case, in words: state, holders, time, findings, exceptions, fields."""
    say = words(lang)
    printed = [_standing(snap, case, lang) if case else {} for case in (before, after)]
    labels = dict.fromkeys([*printed[0], *printed[1]])
    found = [Change(label, printed[0].get(label, ""), printed[1].get(label, "")) for label in labels]
    fields = [_fields(snap, case, lang) if case else {} for case in (before, after)]
    found += [Change(n, fields[0].get(n, ""), fields[1].get(n, "")) for n in dict.fromkeys([*fields[0], *fields[1]])]
    return [
        Change(say(c.label) if c.label in STANDING else c.label, c.before, c.after)
        for c in found
        if c.before != c.after
    ]


STANDING = ("State", "Holds the task", "Until", "Rules", "Exceptions", "Number", "Documents")


def _standing(snap: Snapshot, case: Case, lang: str) -> dict[str, str]:
    printer = Printer(snap, case, lang, "")
    say, clock = words(lang), Clock(snap.calendar, lang, snap.now)
    waivers = [f"{w.rule}: {say(WAIVER_WORDS[w.state][1])}" for w in case.waivers.values() if w.state in WAIVER_WORDS]
    return {
        "State": printer.state(case.state) if case.state else "",
        "Holds the task": ", ".join(printer.person(g.person) for g in case.live_grants()),
        "Until": clock.due(case.due.at) if case.due else "",
        "Rules": ", ".join(dict.fromkeys(f.rule for f in case.findings)),
        "Exceptions": "; ".join(waivers),
        "Number": case.reference,
        "Documents": ", ".join(d.number or d.id for d in case.documents),
    }


def _fields(snap: Snapshot, case: Case, lang: str) -> dict[str, str]:
    printer = Printer(snap, case, lang, "", file=file_info(snap, case.id))
    definition: Definition = printer.definition
    return {
        spec.label[lang]: _line(printer.entry(spec, case.facts[name]))
        for name, spec in definition.fields.items()
        if not spec.value and not empty(case.facts.get(name))
    }


def _line(entry: Entry) -> str:
    """A field in one line, a table row by row."""
    if entry.head:
        return "\n".join(", ".join(_cell(c) for c in row if c.text != "–") for row in entry.rows)
    return "; ".join([*(_cell(c) for c in entry.cells), *(f"{part.label}: {_line(part)}" for part in entry.parts)])


def _cell(cell: Cell) -> str:
    return cell.text
