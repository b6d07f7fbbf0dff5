"""`trinh show`: one case as it stands."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from engine.cli.instants import due, iso, short
from engine.cli.manual import common
from engine.cli.output import as_json, pairs, say, table
from engine.cli.site import case_of, looking, setup_of

if TYPE_CHECKING:
    from engine.core.case import Case, Derivation
    from engine.core.model import Definition
    from engine.service import Snapshot

HELP = "show one case: state, due date with its derivation, findings, documents, facts"
DESCRIPTION = """Show a case as it stands now. CASE is its reference (DR-2022-0012) or its id (c_…)."""
EXAMPLES = """
trinh show DR-2022-0012
trinh show DR-2022-0012 --json | jq .due
"""
_UNITS = {"working_days": "working days", "days": "days", "hours": "hours", "months": "months", "seconds": "seconds"}


def arguments(made: argparse.ArgumentParser) -> None:
    made.add_argument("case", metavar="CASE", help="reference or id")
    common(made, json=True, lang=True)


def run(args: argparse.Namespace) -> int:
    from engine.store import views

    with looking(setup_of(args)) as engine, engine.snapshot() as snap:
        case = case_of(snap, args.case)
        definition = snap.definition(case)
        documents = views.documents(snap.conn, case.id)
        if args.json:
            as_json(_plain(case, definition, snap, documents))
            return 0
        pairs(_head(case, definition, snap, args.lang))
        _findings(case, args.lang)
        if documents:
            say()
            table(("DOCUMENT", "NUMBER", "DATE", "TITLE"), [_paper(d, definition, args.lang) for d in documents])
        say()
        pairs(_facts(case, definition, args.lang))
    return 0


def _head(case: Case, definition: Definition, snap: Snapshot, lang: str) -> Iterator[tuple[str, object]]:
    state = definition.states.get(case.state)
    yield "Case", f"{case.reference or '(no reference yet)'}  {case.id}"
    label = state.label[lang] if state else ""
    yield "State", f"{case.state}  {label}{'  URGENT' if case.urgent else ''}{'  discarded' if case.discarded else ''}"
    if case.due:
        late = "  overdue" if case.due.at <= snap.now and not case.final else ""
        yield "Due", f"{due(case.due.at, snap.calendar)}{late}\n{derivation(case.due.derivation)}".rstrip()
    for grant in case.live_grants():
        yield "Waits for", f"{_person(snap, grant.person)}, {grant.seat}"
    yield "Opened by", _person(snap, case.author)
    yield "Workflow", f"{case.definition.name} version {case.definition.version} ({case.definition.sha256[:12]})"
    yield "Dossier", f"version {case.dossier}; {case.seq} events, the last {short(case.at, snap.calendar)}"


def derivation(found: Derivation | None) -> str:
    """How a date was reckoned: `5 working days from 2022-05-12; skipped 2022-05-14 weekend, …`."""
    if found is None or not found.count:
        return ""
    skipped = ", ".join(f"{day} {reason}" for day, reason in found.skipped)
    text = f"= {found.count} {_UNITS.get(found.unit, found.unit)} from {found.start}"
    return f"{text}; skipped {skipped}" if skipped else text


def _person(snap: Snapshot, key: str) -> str:
    found = snap.directory.people.get(key)
    return f"{key} {found.name}" if found else key


def _findings(case: Case, lang: str) -> None:
    if case.findings:
        say()
        rows = [(f.rule, f.kind, _waiver(case, f.key), f.vi if lang == "vi" else f.en) for f in case.findings]
        table(("RULE", "KIND", "WAIVER", "FINDING"), rows)


def _waiver(case: Case, key: str) -> str:
    found = case.waivers.get(key)
    return found.state if found else ""


def _paper(row: Any, definition: Definition, lang: str) -> tuple[str, str, str, str]:
    document = definition.documents.get(row.id)
    title = document.title[lang] if document else ""
    return row.id, row.number, row.date, title + (" (voided)" if row.voided else "")


def _facts(case: Case, definition: Definition, lang: str) -> Iterator[tuple[str, object]]:
    for name, field in definition.fields.items():
        text = _value(case.facts.get(name))
        if text:
            yield field.label[lang], text


def _value(value: Any) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return "; ".join(f"{key} {_value(item)}" for key, item in value.items() if key != "number" and _value(item))
    if isinstance(value, (list, tuple)):
        rows = [_value(item) for item in value]
        records = any(isinstance(item, dict) for item in value)
        return "\n".join(f"{n}. {row}" for n, row in enumerate(rows, 1)) if records else ", ".join(rows)
    return str(value)


def _plain(case: Case, definition: Definition, snap: Snapshot, documents: list[Any]) -> dict[str, Any]:
    calendar = snap.calendar
    until = case.due
    return {
        "id": case.id,
        "reference": case.reference,
        "state": case.state,
        "label": {"vi": definition.states[case.state].label.vi, "en": definition.states[case.state].label.en}
        if case.state in definition.states
        else {},
        "final": case.final,
        "discarded": case.discarded,
        "urgent": case.urgent,
        "author": case.author,
        "workflow": {
            "name": case.definition.name, "version": case.definition.version, "sha256": case.definition.sha256
        },
        "due": {"at": iso(until.at, calendar), "derivation": derivation(until.derivation)} if until else None,
        "holders": [{"person": g.person, "seat": g.seat, "kind": g.kind} for g in case.live_grants()],
        "findings": [{"key": f.key, "rule": f.rule, "kind": f.kind, "vi": f.vi, "en": f.en} for f in case.findings],
        "waivers": {key: w.state for key, w in case.waivers.items()},
        "documents": [
            {"id": d.id, "number": d.number, "date": d.date, "issuer": d.issuer, "sha256": d.sha256, "voided": d.voided}
            for d in documents
        ],
        "dossier": case.dossier,
        "facts": case.facts,
        "events": case.seq,
        "changed": iso(case.at, calendar),
    }  # fmt: skip
