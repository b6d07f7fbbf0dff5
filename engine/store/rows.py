"""An event -> the rows of the tables that go with it. Plain dictionaries, ready for the driver (decisions X6)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from engine.core import case as cases
from engine.core.case import Case, Grant, Issued
from engine.core.events import LOG
from engine.core.plan import LinkRow
from engine.store.outbox import row_id
from engine.store.plain import plain

ACTION_KINDS = ("task", "reminder")  # mails that lose their sense when the step closes
Row = dict[str, Any]


def dump(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def case_row(after: Case, hash_: bytes, rec: int) -> Row:
    title = after.facts.get("title")
    named = " ".join(str(person.get("name") or "") for person in after.people.values())
    shown = title if isinstance(title, str) else ""
    return {
        "id": after.id,
        "seq": after.seq,
        "head": hash_,
        "recorded_at": rec,
        "workflow": "" if after.id == LOG else after.definition.name,
        "version": after.definition.version,
        "state": after.state,
        "author": after.author,
        "reference": after.reference,
        "title": shown,
        "search": plain(f"{after.reference} {shown} {named}"),
        "opened": after.opened,
        "entered": after.entered,
        "due_at": after.due.at if after.due else None,
        "urgent": int(after.urgent),
        "final": after.final,
        "discarded": int(after.discarded),
        "at": after.at,
        "body": cases.encode(after),
    }


def grant_row(case: str, grant: Grant, seq: int, at: int) -> Row:
    return {
        "id": grant.id,
        "case_id": case,
        "person": grant.person,
        "seat": grant.seat,
        "body": grant.body,
        "kind": grant.kind,
        "entry": grant.entry,
        "state": grant.state,
        "opened_seq": seq,
        "opened_at": at,
        "closed_seq": grant.closed_seq,
    }


def document_row(case: str, item: Issued, body: Row) -> Row:
    found: Row = next((d for d in body["documents"] if d["id"] == item.id), {})
    return {
        "case_id": case,
        "seq": item.seq,
        "id": item.id,
        "at": item.at,
        "issuer": item.issuer,
        "series": item.series,
        "number": item.number,
        "date": found.get("date", ""),
        "file": item.file,
        "template": found.get("template", ""),
        "sha256": item.sha256,
        "voided": int(item.voided),
    }


def link_row(case: str, seq: int, link: LinkRow) -> Row:
    return {
        "lookup": link.lookup,
        "link": link.link,
        "grant_id": link.grant,
        "case_id": case,
        "person": link.person,
        "exp": link.exp,
        "commits": dump(link.commits),
        "seq": seq,
    }


def outbox_rows(after: Case, body: Row, rec: int, held: bool = False) -> Iterator[Row]:
    """One row per (event, notice, person, to or cc); quiet notices are owed to nobody."""
    rights: dict[str, str] = {}
    for grant in after.live_grants():
        rights.setdefault(grant.person, grant.id)
    seen: set[str] = set()
    for item in body.get("notices", ()):
        if item.get("quiet"):
            continue
        for copy, people in ((0, item.get("to", ())), (1, item.get("cc", ()))):
            for person in people:
                dedup = f"{after.id}.{after.seq}.{item['notice']}.{person}.{copy}"
                if dedup not in seen:
                    seen.add(dedup)
                    yield _outbox_row(after, item, person, copy, dedup, rights.get(person, ""), rec, held)


def _outbox_row(after: Case, item: Row, person: str, copy: int, dedup: str, right: str, rec: int, held: bool) -> Row:
    return {
        "id": row_id(dedup),
        "dedup": dedup,
        "case_id": after.id,
        "seq": after.seq,
        "notice": item["notice"],
        "kind": item["kind"],
        "person": person,
        "copy": copy,
        "urgent": int(bool(item.get("urgent"))),
        "n": item.get("n", 0),
        "at": after.at,
        "entry": after.entry,
        "grant_id": right,
        "state": "parked" if held else "due",
        "attempts": 0,
        "next_at": rec,
        "lease_until": 0,
        "claim": "",
        "node": "",
        "error": "",
        "phase": "held" if held else "",
        "message_id": "",
        "created_at": rec,
        "sent_at": None,
    }
