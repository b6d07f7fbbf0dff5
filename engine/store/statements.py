"""The hot statements, in the order in which a batch runs them."""

from __future__ import annotations

from typing import Any

from sqlalchemy import bindparam, delete, insert, select, update
from sqlalchemy.schema import Table

from engine.store import tables
from engine.store.hot import Hot, upsert
from engine.store.rows import ACTION_KINDS


def _insert(table: Table) -> Hot:
    return Hot(lambda kind: insert(table))


def _upsert(table: Table, *keys: str, update: bool = True) -> Hot:
    return Hot(lambda kind: upsert(kind, table, keys, update))


_c, _o = tables.cases.c, tables.outbox.c
_due: Any = (_o.state == "due") & _o.kind.in_([bindparam(f"k{n}", kind) for n, kind in enumerate(ACTION_KINDS)])

STATEMENTS: dict[str, Hot] = {
    "events": _insert(tables.events),
    "private": _insert(tables.private),
    "cases": _insert(tables.cases),
    "cases.update": Hot(
        lambda kind: (
            update(tables.cases)
            .where(_c.id == bindparam("b_id"), _c.seq == bindparam("b_seq"))
            .values({c.name: bindparam(c.name) for c in tables.cases.c if c.name != "id"})
        )
    ),
    "spends": _insert(tables.spends),
    "grants.close": Hot(
        lambda kind: (
            update(tables.grants)
            .where(tables.grants.c.id == bindparam("b_id"))
            .values(state=bindparam("state"), closed_seq=bindparam("closed_seq"))
        )
    ),
    "grants": _insert(tables.grants),
    "deadlines.clear": Hot(
        lambda kind: delete(tables.deadlines).where(
            tables.deadlines.c.case_id == bindparam("case_id"), tables.deadlines.c.id == bindparam("id")
        )
    ),
    "deadlines": _upsert(tables.deadlines, "case_id", "id"),
    # the step closed: what is not sent yet has lost its sense
    "outbox.close": Hot(
        lambda kind: (
            update(tables.outbox)
            .where(_o.case_id == bindparam("b_case"), _o.seq < bindparam("b_seq"), _due)
            .values(state="cancelled")
        )
    ),
    # the same step anew: the mail still owed goes with the new right
    "outbox.carry": Hot(
        lambda kind: (
            update(tables.outbox)
            .where(
                _o.case_id == bindparam("b_case"),
                _o.person == bindparam("b_person"),
                _o.seq < bindparam("b_seq"),
                _o.copy == 0,
                _due,
            )
            .values(grant_id=bindparam("grant_id"), entry=bindparam("entry"))
        )
    ),
    "outbox.stale": Hot(
        lambda kind: (
            update(tables.outbox)
            .where(_o.case_id == bindparam("b_case"), _o.seq < bindparam("b_seq"), _o.entry < bindparam("b_seq"), _due)
            .values(state="cancelled")
        )
    ),
    "outbox.right": Hot(
        lambda kind: (
            update(tables.outbox)
            .where(
                _o.case_id == bindparam("b_case"),
                _o.grant_id == bindparam("b_grant"),
                _o.seq < bindparam("b_seq"),
                _due,
            )
            .values(state="cancelled")
        )
    ),
    "outbox": _insert(tables.outbox),
    "documents": _insert(tables.documents),
    "documents.rendered": Hot(
        lambda kind: (
            update(tables.documents)
            .where(
                tables.documents.c.case_id == bindparam("b_case"),
                tables.documents.c.seq == bindparam("b_seq"),
                tables.documents.c.id == bindparam("b_id"),
            )
            .values(sha256=bindparam("sha256"))
        )
    ),
    "documents.voided": Hot(
        lambda kind: (
            update(tables.documents)
            .where(
                tables.documents.c.case_id == bindparam("b_case"),
                tables.documents.c.seq == bindparam("b_seq"),
                tables.documents.c.id == bindparam("b_id"),
            )
            .values(voided=1)
        )
    ),
    "registers.clear": Hot(
        lambda kind: delete(tables.registers).where(
            tables.registers.c.register == bindparam("register"), tables.registers.c.entry == bindparam("entry")
        )
    ),
    "registers": _upsert(tables.registers, "register", "entry"),
    "register_keys": _upsert(tables.register_keys, "register", "key"),
    "numbers": _upsert(tables.numbers, "series"),
    "links": _insert(tables.links),
    "drafts.clear": Hot(lambda kind: delete(tables.drafts).where(tables.drafts.c.case_id == bindparam("case_id"))),
    "drafts.used": Hot(
        lambda kind: delete(tables.drafts).where(
            tables.drafts.c.case_id == bindparam("case_id"), tables.drafts.c.person == bindparam("person")
        )
    ),
    "definitions": _insert(tables.definitions),
    "definition_files": _insert(tables.definition_files),
    "templates": _upsert(tables.templates, "sha256", update=False),
    "people": _insert(tables.people),
    "schema_epoch.directory": Hot(lambda kind: update(tables.schema_epoch).values(directory=bindparam("directory"))),
    "private.erase": Hot(
        lambda kind: delete(tables.private).where(
            tables.private.c.case_id == bindparam("case_id"),
            tables.private.c.seq == bindparam("seq"),
            tables.private.c.field == bindparam("field"),
        )
    ),
}
ORDER = tuple(STATEMENTS)

SPENT_RIGHT = Hot(lambda kind: select(tables.spends.c.seq).where(tables.spends.c.grant_id == bindparam("grant_id")))
CASE_BODY = Hot(lambda kind: select(_c.body).where(_c.id == bindparam("id")))
EVENT = Hot(
    lambda kind: select(
        tables.events.c.seq, tables.events.c.body, tables.events.c.hash, tables.events.c.recorded_at
    ).where(tables.events.c.case_id == bindparam("case_id"), tables.events.c.seq == bindparam("seq"))
)
