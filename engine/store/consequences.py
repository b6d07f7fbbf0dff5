"""What an event changes in the tables beside the ledger, as (statement, row) pairs. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from engine.core.case import Case
from engine.core.events import instant
from engine.core.plan import Plan
from engine.store.outcomes import Committed
from engine.store.rows import case_row, document_row, dump, grant_row, link_row, outbox_rows

Change = tuple[str, dict[str, Any]]
FURTHER = frozenset({"spends", "definitions", "definition_files", "templates", "people", "registers"})

__all__ = ["dump", "published", "rows"]


def published(plan: Plan) -> list[dict[str, Any]]:
    """Register rows of a plan: those its event names, and those an import brings beside it."""
    return [*plan.draft.body.get("publishes", ()), *(row for table, row in plan.rows if table == "registers")]


def rows(plan: Plan, done: Committed) -> Iterator[Change]:
    body, after, seq = done.body, done.case, done.seq
    yield from _case(plan.before, done)
    yield from _further(plan, done)
    if body["type"] == "link.issued":  # names a grant and a person, but neither uses the one nor leads to the other
        for link in plan.links:
            yield "links", link_row(after.id, seq, link)
        return
    yield from _grants(after, body, done)
    yield from _times(after, body)
    yield from _mails(plan, done)
    yield from _papers(after, body, seq)
    for item in published(plan):
        yield "publish", item
    yield from _drafts(after, body)


def _case(before: Case | None, done: Committed) -> Iterator[Change]:
    row = case_row(done.case, done.hash, done.rec)
    if before is None:
        yield "cases", row
    else:
        yield "cases.update", {**row, "b_id": done.case.id, "b_seq": before.seq}


def _further(plan: Plan, done: Committed) -> Iterator[Change]:
    for table, row in plan.rows:
        if table not in FURTHER:
            raise AssertionError(f"no plan writes into {table}")
        if table == "people":
            yield table, {"version": done.seq, "at": done.rec, "body": row["body"]}
            yield "schema_epoch.directory", {"directory": done.seq}
        elif table == "definitions":
            yield table, {**row, "seq": done.seq, "at": done.rec}
        elif table != "registers":
            yield table, row


def _grants(after: Case, body: dict[str, Any], done: Committed) -> Iterator[Change]:
    changed = body.get("grants", {})
    for grant_id in changed.get("closed", {}):
        if grant_id in after.grants:
            yield "grants.close", {"b_id": grant_id, "state": "revoked", "closed_seq": done.seq}
    spent = body.get("grant")
    if spent and spent in after.grants:
        yield "grants.close", {"b_id": spent, "state": "spent", "closed_seq": done.seq}
    for item in changed.get("opened", ()):
        yield "grants", grant_row(after.id, after.grants[item["id"]], done.seq, instant(body["at"]))


def _times(after: Case, body: dict[str, Any]) -> Iterator[Change]:
    moved = body.get("deadlines", {})
    for key in moved.get("cleared", ()):
        yield "deadlines.clear", {"case_id": after.id, "id": key}
    for item in moved.get("set", ()):
        found = after.deadlines[item["id"]]
        yield "deadlines", {"case_id": after.id, "id": found.id, "at": found.at, "kind": found.kind, "name": found.name}


def _mails(plan: Plan, done: Committed) -> Iterator[Change]:
    """New mails, and those that lost their sense: a task or reminder of a step that is over is cancelled unless sent."""
    body, after, seq = done.body, done.case, done.seq
    place = {"b_case": after.id, "b_seq": seq}
    if plan.before is not None:
        left = "to" in body and body.get("from") != body["to"]
        if left or after.discarded or body.get("final"):
            yield "outbox.close", place
        else:
            if "to" in body:
                for item in body.get("grants", {}).get("opened", ()):
                    carried = {"b_person": item["person"], "grant_id": item["id"], "entry": seq}
                    yield "outbox.carry", {**place, **carried}
                yield "outbox.stale", place
            for grant_id in (*body.get("grants", {}).get("closed", {}), body.get("grant")):
                if grant_id:
                    yield "outbox.right", {**place, "b_grant": grant_id}
    for row in outbox_rows(after, body, done.rec, plan.mail_held):
        yield "outbox", row


def _papers(after: Case, body: dict[str, Any], seq: int) -> Iterator[Change]:
    for item in after.documents:
        if item.seq == seq:
            yield "documents", document_row(after.id, item, body)
    if body["type"] in ("document.rendered", "document.voided"):
        place = {"b_case": after.id, "b_seq": body["of"], "b_id": body["document"]}
        if body["type"] == "document.rendered":
            yield "documents.rendered", {**place, "sha256": body["sha256"]}
        else:
            yield "documents.voided", place


def _drafts(after: Case, body: dict[str, Any]) -> Iterator[Change]:
    """Edits that went into an event are used up; a submission uses up everybody's."""
    if "dossier" in body or after.discarded:
        yield "drafts.clear", {"case_id": after.id}
    elif "to" in body:
        yield "drafts.used", {"case_id": after.id, "person": body["actor"].get("id", "")}
