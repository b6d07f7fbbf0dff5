"""Fold one event into a case. Replay is `reduce(evolve, events)`.

No rules and no machine here: an event already says where it leads (`to`) and everything that follows; the fold only
copies it. So a replay needs no clock, no register and no definition. Legality is judged apart, by `audit.verify`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from engine.core.case import (
    Case,
    Deadline,
    Due,
    Finding,
    Grant,
    Issued,
    Owed,
    Pending,
    Pin,
    Step,
    Vote,
    Waiver,
)
from engine.core.events import instant

Body = dict[str, Any]
Values = dict[str, Any]  # record name -> private value; an erased record is absent


def replay(events: Iterable[tuple[Body, Values]]) -> Case:
    """Fold (body, private values) in order. Raises ValueError when the first event does not open a case."""
    case: Case | None = None
    for body, values in events:
        case = evolve(case, body, values)
    if case is None:
        raise ValueError("a history has at least one event")
    return case


def evolve(case: Case | None, body: Body, values: Values) -> Case:
    """The case after one event."""
    if case is None:
        case = _opened(body)
    changes: dict[str, Any] = {"seq": body["seq"], "at": instant(body["at"])}
    fold = _FOLDS.get(body["type"])
    if fold is not None:
        fold(case, body, values, changes)
    return msgspec.structs.replace(case, **changes)


def _opened(body: Body) -> Case:
    pin = body.get("definition", {"name": body["case"], "version": 0, "sha256": ""})
    return Case(
        id=body["case"],
        definition=msgspec.convert(pin, Pin),
        state="",
        author=body.get("author", ""),
        opened=instant(body["at"]),
    )


def _consequence(case: Case, body: Body, values: Values, changes: dict[str, Any]) -> None:
    """Everything a transition, a vote or a deadline may carry; absent keys change nothing."""
    if "definition" in body:
        changes["definition"] = msgspec.convert(body["definition"], Pin)
    if "facts" in body or any(name.startswith("facts/") for name in values):
        changes["facts"] = _facts(case.facts, body.get("facts", {}), values)
    if "people" in body:
        changes["people"] = {**case.people, **{p: values.get(f"people/{p}", {"id": p}) for p in body["people"]}}
    if "picked" in body:
        changes["picked"] = {
            **case.picked,
            **{name: {**row, **values.get(f"picked/{name}", {})} for name, row in body["picked"].items()},
        }
    for key in ("dossier", "urgent", "held", "reference", "final"):
        if key in body:
            changes[key] = body[key]
    if "findings" in body:
        changes["findings"] = tuple(_finding(item, values) for item in body["findings"])
    if "waivers" in body:
        changes["waivers"] = {**case.waivers, **{item["key"]: _waiver(item, values) for item in body["waivers"]}}
    if "routes" in body:
        changes["routes"] = {**case.routes, **body["routes"]}
    if "pending" in body:
        changes["pending"] = _pending(body["pending"], values)
    _grants(case, body, changes)
    _times(case, body, changes)
    _products(case, body, values, changes)


def _facts(before: dict[str, Any], public: dict[str, Any], values: Values) -> dict[str, Any]:
    """Public values from the body joined with private ones: `title`, or `members/3` merged into row 3."""
    facts = {**before, **public}
    for record in sorted(values):
        if not record.startswith("facts/"):
            continue
        name, _, row = record.removeprefix("facts/").partition("/")
        if not row:
            value = values[record]
            same = isinstance(value, dict) and isinstance(public.get(name), dict)
            facts[name] = {**public[name], **value} if same else value
        else:
            rows = list(facts.get(name) or [])
            index = int(row) - 1
            if index < len(rows):
                rows[index] = {**rows[index], **values[record]}
                facts[name] = rows
    return facts


def _finding(item: dict[str, Any], values: Values) -> Finding:
    words = values.get(f"findings/{item['key']}", {})
    return msgspec.convert({"vi": "", "en": "", **item, **words}, Finding)


def _waiver(item: dict[str, Any], values: Values) -> Waiver:
    return msgspec.convert({**item, "grounds": values.get(f"waivers/{item['key']}", {})}, Waiver)


def _pending(item: dict[str, Any] | None, values: Values) -> Pending | None:
    if item is None:
        return None
    return msgspec.convert({**item, "values": {**item.get("values", {}), **values.get("pending", {})}}, Pending)


def _grants(case: Case, body: Body, changes: dict[str, Any]) -> None:
    opened, closed = body.get("grants", {}).get("opened", []), body.get("grants", {}).get("closed", {})
    spent = body.get("grant")
    if not (opened or closed or spent):
        return
    grants = dict(case.grants)
    for grant_id, why in closed.items():
        if grant_id in grants:
            grants[grant_id] = msgspec.structs.replace(
                grants[grant_id], state="revoked", closed_seq=body["seq"], why=why
            )
    for item in opened:
        grants[item["id"]] = msgspec.convert({**item, "entry": item.get("entry") or body["seq"]}, Grant)
    if spent and spent in grants:
        grants[spent] = msgspec.structs.replace(grants[spent], state="spent", closed_seq=body["seq"], why="")
    changes["grants"] = grants


def _times(case: Case, body: Body, changes: dict[str, Any]) -> None:
    moved = body.get("deadlines", {})
    if moved:
        cleared = set(moved.get("cleared", []))
        deadlines = {key: item for key, item in case.deadlines.items() if key not in cleared}
        for item in moved.get("set", []):
            deadlines[item["id"]] = msgspec.convert(_at(item), Deadline)
        changes["deadlines"] = deadlines
    if "fired" in body:
        changes["fired"] = (*case.fired, *body["fired"])
    if "due" in body:
        changes["due"] = msgspec.convert(_at(body["due"]), Due) if body["due"] else None


def _at(item: dict[str, Any]) -> dict[str, Any]:
    """Times stand as text in the body and as microseconds in the case."""
    times = {key: instant(item[key]) for key in ("at", "due") if isinstance(item.get(key), str)}
    return {**item, **times}


def _products(case: Case, body: Body, values: Values, changes: dict[str, Any]) -> None:
    if "documents" in body:
        issued = [
            msgspec.convert({**item, "seq": body["seq"], "at": instant(body["at"])}, Issued, strict=False)
            for item in body["documents"]
        ]
        changes["documents"] = (*case.documents, *issued)
    if "obligations" in body:
        owed = {item["id"]: {**item, **values.get(f"obligations/{item['id']}", {})} for item in body["obligations"]}
        changes["obligations"] = {
            **case.obligations,
            **{key: msgspec.convert({"vi": "", "en": "", **item}, Owed) for key, item in owed.items()},
        }
    if "notices" in body:
        notified = dict(case.notified)
        marks = []
        for item in body["notices"]:
            people = [*item.get("to", []), *item.get("cc", [])]
            notified[item["notice"]] = tuple(dict.fromkeys((*notified.get(item["notice"], ()), *people)))
            marks += [f"{body['at']} {item['notice']} {person}" for person in people]
        changes["notified"] = notified
        same = tuple(mark for mark in case.mailed if mark.startswith(body["at"]))
        changes["mailed"] = (*same, *marks)
    if "publishes" in body:
        published = {name: list(entries) for name, entries in case.published.items()}
        for item in body["publishes"]:
            entries = [e for e in published.get(item["register"], []) if e != item["entry"]]
            if item["row"] is not None:
                entries.append(item["entry"])
            published[item["register"]] = entries
        changes["published"] = {name: tuple(entries) for name, entries in published.items() if entries}


def _moved(case: Case, body: Body, values: Values, changes: dict[str, Any]) -> None:
    _consequence(case, body, values, changes)
    if "vote" in body:
        vote = {**body["vote"], "seq": body["seq"], "at": instant(body["at"]), "entry": case.entry}
        vote["values"] = values.get("vote", {})
        changes["votes"] = (*case.votes, msgspec.convert(vote, Vote))
    if body.get("reentered"):
        changes["entry"] = body["seq"]  # what was declined may be asked again
    if "to" not in body:
        return
    source, target = body.get("from", ""), body["to"]
    changes["state"] = target
    changes["entry"] = body["seq"]
    changes["votes"] = ()
    if source != target:
        changes["since"] = body["seq"]
        changes["entered"] = instant(body["at"])
        changes.setdefault("held", False)
    step = Step(
        action=body.get("trigger", ""),
        seq=body["seq"],
        at=instant(body["at"]),
        dossier=body.get("dossier", case.dossier),
        source=source,
        target=target,
        by=body["actor"].get("id", ""),
    )
    changes["history"] = (*case.history, step)


def _revoked(case: Case, body: Body, values: Values, changes: dict[str, Any]) -> None:
    _grants(case, body, changes)


def _rendered(case: Case, body: Body, values: Values, changes: dict[str, Any]) -> None:
    changes["documents"] = tuple(
        msgspec.structs.replace(item, sha256=body["sha256"])
        if item.id == body["document"] and item.seq == body["of"]
        else item
        for item in case.documents
    )


def _voided(case: Case, body: Body, values: Values, changes: dict[str, Any]) -> None:
    changes["documents"] = tuple(
        msgspec.structs.replace(item, voided=True) if item.id == body["document"] and item.seq == body["of"] else item
        for item in case.documents
    )


def _discarded(case: Case, body: Body, values: Values, changes: dict[str, Any]) -> None:
    _consequence(case, body, values, changes)
    changes["discarded"] = True


_FOLDS: dict[str, Callable[[Case, Body, Values, dict[str, Any]], None]] = {
    "case.opened": _moved,
    "step.taken": _moved,
    "vote.cast": _moved,
    "step.held": _consequence,
    "deadline.fired": _consequence,
    "deadline.moved": _consequence,
    "obligation.closed": _consequence,
    "grant.revoked": _revoked,
    "document.rendered": _rendered,
    "document.voided": _voided,
    "draft.discarded": _discarded,
}
