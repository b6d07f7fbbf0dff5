"""What a template may print of a case: one plain dict, made from the case as it was when the document was issued.

Keys: `paper` (id, title, kind, profile, number, date, draft, urgent), `issuer` (heading, place, signature), `case`, `facts`,
`let`, `findings`, `waivers`, `route`, `event` (what was done, reason, note), `documents` and `latest` (issued so far),
`bases`, `bodies`. docs/documents.md describes them for administrators.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from engine.core import permission
from engine.core.case import Case, Issued, Waiver
from engine.core.evolve import replay
from engine.core.facts import Facts, route_view, scope
from engine.core.model import Definition, Document
from engine.core.world import World
from engine.documents import bodies, register
from engine.documents.plain import LANG, Values

History = Sequence[tuple[dict[str, Any], dict[str, Any]]]


@dataclass(frozen=True)
class Moment:
    """A case right after one event, and the world as it was asked then. Without an event it is the case of now."""

    definition: Definition
    case: Case
    world: World
    body: Mapping[str, Any]
    values: Mapping[str, Any]


def case_at(history: History, seq: int) -> tuple[Case, dict[str, Any], dict[str, Any]]:
    """(case after event `seq`, body, private values). Raises LookupError when there is no such event."""
    for index, (body, values) in enumerate(history):
        if body["seq"] == seq:
            return replay(history[: index + 1]), body, values
    raise LookupError(f"the case has no event {seq}")


def seen_then(values: Mapping[str, Any], rows: Any) -> Any:
    """Register rows as the event recorded them; those it did not look at are read as they are now."""
    known = {(item["register"], item["key"]): item["rows"] for item in values.get("read") or []}

    def look(name: str, key: str) -> tuple[list[dict[str, Any]], int]:
        return (known[name, key], 0) if (name, key) in known else rows(name, key)

    return look


def issued_context(moment: Moment, issued: Issued, files: Mapping[str, bytes]) -> dict[str, Any]:
    """The context of a document that was issued by the event of `moment`."""
    document = moment.definition.documents.get(issued.id) or Document(issued.id, title=moment.definition.title)
    day = moment.world.calendar.day(issued.at).isoformat()
    paper = {"number": issued.number, "date": day, "at": _instant(moment, issued.at), "draft": False}
    return _context(moment, document, issued.issuer, paper, files)


def draft_context(moment: Moment, document: Document, files: Mapping[str, bytes]) -> dict[str, Any]:
    """The context of a document as it would be printed now: number and day stay blank."""
    parent = moment.definition.documents.get(document.annex) or document
    found = permission.actors(moment.definition, moment.case, moment.world)
    issuer = found.body(parent.issuer) if parent.issuer else ""
    now = moment.world.now
    day = moment.world.calendar.day(now)
    series = moment.world.site.series(issuer, document.kind) if document.kind else None
    number = register.blank_number(series, document.kind, day.year)
    paper = {
        "number": number,
        "date": day.isoformat(),
        "at": _instant(moment, now),
        "draft": True,
    }
    return _context(moment, document, issuer, paper, files)


def _instant(moment: Moment, at: int) -> str:
    return moment.world.calendar.local(at).isoformat(timespec="seconds")


def _context(
    moment: Moment, document: Document, issuer: str, paper: dict[str, Any], files: Mapping[str, bytes]
) -> dict[str, Any]:
    definition, case, world = moment.definition, moment.case, moment.world
    facts = Facts(definition, case, world, case.facts)
    comment = dict(moment.values.get("comment") or {})
    view = scope(facts, extra={"reason": comment.get("reason", ""), "note": comment.get("note", "")})
    values = Values(facts, view)
    away = permission.conflicts(definition, view, moment.case)
    day = world.calendar.day(world.now)
    parent = definition.documents.get(document.annex)
    head = bodies.heading(files, world.directory, issuer, (parent or document).kind, day, away)
    listed = [register.entry(item, definition, world) for item in case.documents if not item.voided]
    latest = {item["id"]: item for item in listed}
    made = {
        "paper": {
            "id": document.id,
            "title": document.title[LANG],
            "kind": document.kind,
            "profile": head["profile"],
            "urgent": case.urgent,
            "annex_of": latest.get(document.annex) if document.annex else None,
            **paper,
        },
        "issuer": head,
        "case": {
            "reference": case.reference,
            "dossier": case.dossier,
            "workflow": definition.title[LANG],
            "basis": definition.basis,
            "author": values.person(case.author),
            "state": _state(definition, case.state),
            "opened": world.calendar.day(case.opened).isoformat(),
        },
        "facts": values.all(),
        "let": values.lets(),
        "parameters": {name: values.plain(value) for name, value in definition.parameters.items()},
        "findings": [_finding(item) for item in case.findings],
        "waivers": [
            _waiver(item, case, values) for item in case.waivers.values() if item.state not in ("DRAFT", "MOOT")
        ],
        "route": {name: _route(rows, case.routes.get(name, ""), values) for name, rows in definition.routes.items()},
        "event": _event(moment, comment, values),
        "documents": listed,
        "latest": latest,
        "bases": bodies.bases(files, document.id, head["profile"], day),
        "bodies": {slug: values.body(slug) for slug in world.directory.bodies},
    }
    return msgspec.to_builtins(made)


def _state(definition: Definition, name: str) -> dict[str, str]:
    state = definition.states.get(name)
    return {"code": name, "name": state.label[LANG] if state else name}


def _finding(item: Any) -> dict[str, Any]:
    return {
        "key": item.key,
        "rule": item.rule,
        "kind": item.kind,
        "sentence": item.vi,
        "source": item.source,
        "subject": item.subject,
        "lifted_by": item.lifted_by,
    }


def _waiver(item: Waiver, case: Case, values: Values) -> dict[str, Any]:
    """The request with what it is about, its grounds in words, the opinion on it and the answer."""
    about = [f for f in case.findings if item.key in (f.key, f.rule)]
    specs = values.definition.grounds
    grounds = []
    for name, value in item.grounds.items():
        spec = specs.get(name)
        shown = values.field(spec, value) if spec else value
        if isinstance(shown, list):
            shown = ", ".join(part["name"] if isinstance(part, dict) else str(part) for part in shown)
        grounds.append({"name": name, "label": spec.label[LANG] if spec else name, "text": str(shown)})
    return {
        "key": item.key,
        "rule": item.rule,
        "state": item.state,
        "opinion": item.opinion,
        "decision": item.decision,
        "sentences": [f.vi for f in about],
        "source": about[0].source if about else "",
        "lifted_by": next((f.lifted_by for f in about if f.lifted_by), ""),
        "grounds": grounds,
    }


def _route(rows: Any, chosen: str, values: Values) -> dict[str, Any] | None:
    """The row taken; a column that names a body is that body."""
    row = route_view(rows, chosen)
    if row is None:
        return None
    known = values.world.directory.bodies
    return {n: values.body(v) if isinstance(v, str) and v in known else v for n, v in row.items()}


def _event(moment: Moment, comment: dict[str, Any], values: Values) -> dict[str, Any]:
    body = moment.body
    trigger = str(body.get("trigger") or (body.get("vote") or {}).get("action") or "")
    action = moment.definition.actions.get(trigger)
    actor = body.get("actor") or {}
    return {
        "type": str(body.get("type", "")),
        "trigger": trigger,
        "action": action[LANG] if action else "",
        "from": _state(moment.definition, str(body.get("from") or moment.case.state)),
        "to": _state(moment.definition, str(body.get("to") or moment.case.state)),
        "reason": str(comment.get("reason", "")),
        "note": str(comment.get("note", "")),
        "by": values.person(str(actor.get("id", ""))) if actor.get("kind") == "person" else None,
    }
