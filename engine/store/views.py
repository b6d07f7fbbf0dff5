"""Reads of the tables, for pages, the planner and the command line. Nothing here writes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.engine import Connection

from engine.core import case as core_case
from engine.core.case import Case
from engine.core.events import LOG
from engine.store import ledger, outbox, people
from engine.store.database import Database
from engine.store.hot import Hot
from engine.store.ledger import EventRow
from engine.store.outbox import OutboxRow
from engine.store.plain import plain
from engine.store.statements import CASE_BODY, SPENT_RIGHT
from engine.store.tables import cases as case_table
from engine.store.tables import documents as document_table
from engine.store.tables import grants, links
from engine.store.tables import outbox as outbox_table

_LINK = Hot(
    lambda kind: select(
        links.c.lookup,
        links.c.link,
        links.c.grant_id,
        links.c.case_id,
        links.c.person,
        links.c.exp,
        links.c.commits,
        links.c.seq,
    ).where(links.c.lookup == bindparam("lookup"))
)
_LINKS_OF = Hot(lambda kind: select(func.count()).select_from(links).where(links.c.grant_id == bindparam("grant_id")))


@dataclass(frozen=True, slots=True)
class LinkView:
    """A minted link: hashes only. `exp` µs UTC; `commits` atom -> hex."""

    lookup: bytes
    link: str
    grant: str
    case_id: str
    person: str
    exp: int
    commits: dict[str, str]
    seq: int


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One line of a list of cases. Instants µs UTC; `final` is `good`, `bad` or empty while the case is open."""

    id: str
    reference: str
    title: str
    workflow: str
    version: int
    state: str
    author: str
    opened: int
    entered: int
    due_at: int | None
    urgent: bool
    final: str
    seq: int
    at: int
    discarded: bool = False


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A live grant with what a list shows of its case. `kind`: step or confirm."""

    grant: str
    case_id: str
    reference: str
    title: str
    workflow: str
    state: str
    kind: str
    due_at: int | None
    urgent: bool
    entered: int


@dataclass(frozen=True, slots=True)
class Counts:
    """Figures of the front page."""

    open: int
    overdue: int
    final: int
    drafts: int
    mail_due: int
    mail_parked: int


@dataclass(frozen=True, slots=True)
class DocumentRow:
    case_id: str
    seq: int
    id: str
    at: int
    issuer: str
    series: str
    number: str
    date: str
    file: str
    template: str
    sha256: str
    voided: bool


@contextmanager
def reading(database: Database) -> Iterator[Connection]:
    """One consistent look at the database; short, because a long one keeps the log from being checkpointed."""
    with database.reads.look() as conn:
        yield conn


# -- cases


def case(conn: Connection, case_id: str) -> Case | None:
    row = CASE_BODY.one(conn, id=case_id)
    return core_case.decode(bytes(row[0])) if row else None


def by_reference(conn: Connection, reference: str) -> str | None:
    found = select(case_table.c.id).where(case_table.c.reference == reference, case_table.c.reference != "")
    return conn.execute(found).scalar()


_COLUMNS = [case_table.c[name] for name in (*CaseRow.__slots__,)]


def cases(
    conn: Connection,
    *,
    text: str = "",
    state: str = "",
    workflow: str = "",
    person: str = "",
    bodies: tuple[str, ...] = (),
    open: bool | None = None,
    author: str = "",
    overdue_at: int | None = None,
    limit: int = 50,
    offset: int = 0,
) -> tuple[list[CaseRow], int]:
    """Cases, the newest event first, and how many there are in all. `text` finds every word in title, reference and
    people's names, with or without diacritics; `person`: who opened the case, holds or held a task of it or was told of
    it, or has a seat in one of `bodies` that do or did."""
    c = case_table.c
    where = [c.id != LOG, c.discarded == 0]
    where += [c.search.like(f"%{_escaped(word)}%", escape="\\") for word in plain(text).split()]
    where += [
        column == value for column, value in ((c.state, state), (c.workflow, workflow), (c.author, author)) if value
    ]
    if person:
        where.append((c.author == person) | c.id.in_(_held_by(person, bodies)) | c.id.in_(_told(person)))
    if open is not None:
        where.append(c.final == "" if open else c.final != "")
    if overdue_at is not None:
        where += [c.due_at.is_not(None), c.due_at <= overdue_at, c.final == ""]
    total = conn.execute(select(func.count()).select_from(case_table).where(*where)).scalar() or 0
    listed = select(*_COLUMNS).where(*where).order_by(c.at.desc(), c.id).limit(limit).offset(offset)
    return [_case_row(row) for row in conn.execute(listed)], total


def _held_by(person: str, bodies: tuple[str, ...]) -> Any:
    held = grants.c.person == person
    return select(grants.c.case_id).where(held | grants.c.body.in_(bodies) if bodies else held)


def _told(person: str) -> Any:
    return select(outbox_table.c.case_id).where(outbox_table.c.person == person)


def _escaped(word: str) -> str:
    return word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _case_row(row: Any) -> CaseRow:
    values = dict(row._mapping)
    return CaseRow(**{**values, "urgent": bool(values["urgent"]), "discarded": bool(values["discarded"])})


def tasks(conn: Connection, person: str) -> list[TaskRow]:
    """What waits for a person, the earliest due first."""
    listed = text(
        "SELECT grant_id, case_id, reference, title, workflow, state, kind, due_at, urgent, entered FROM tasks"
        " WHERE person = :person ORDER BY COALESCE(due_at, 9000000000000000), entered, grant_id"
    )
    rows = conn.execute(listed, {"person": person})
    return [TaskRow(*(*row[:8], bool(row[8]), row[9])) for row in rows]


def counts(conn: Connection, now: int | None = None) -> Counts:
    """`now` µs UTC decides what is overdue."""
    c, at = case_table.c, now if now is not None else 0

    def count(*where: Any) -> int:
        return conn.execute(select(func.count()).select_from(case_table).where(c.id != LOG, *where)).scalar() or 0

    running = (c.final == "", c.discarded == 0, c.reference != "")
    states = select(outbox_table.c.state, func.count()).group_by(outbox_table.c.state)
    mail = {row[0]: row[1] for row in conn.execute(states)}
    return Counts(
        open=count(*running),
        overdue=count(*running, c.due_at.is_not(None), c.due_at <= at),
        final=count(c.final != ""),
        drafts=count(c.final == "", c.discarded == 0, c.reference == ""),
        mail_due=mail.get("due", 0),
        mail_parked=mail.get("parked", 0),
    )


def cases_held(conn: Connection, persons: set[str], bodies: set[str]) -> list[str]:
    """Open cases with a live task of one of these persons or bodies, and those without any."""
    c, g = case_table.c, grants.c
    live = select(g.case_id).where(g.state == "live")
    running = (c.id != LOG, c.final == "", c.discarded == 0)
    touched = c.id.in_(live.where(g.person.in_(persons) | g.body.in_(bodies))) | c.id.not_in(live)
    return [row[0] for row in conn.execute(select(c.id).where(*running, touched).order_by(c.id))]


def unheld(conn: Connection) -> list[tuple[str, str, str]]:
    """(case, workflow, state) of open cases in which nobody holds a task: some wait for the clock, the others for an
    administrator who fills a seat."""
    c, g = case_table.c, grants.c
    live = select(g.case_id).where(g.state == "live")
    running = (c.id != LOG, c.final == "", c.discarded == 0, c.id.not_in(live))
    return [(row[0], row[1], row[2]) for row in conn.execute(select(c.id, c.workflow, c.state).where(*running))]


def live_persons(conn: Connection) -> dict[str, list[str]]:
    """case -> persons with a live task in it."""
    found: dict[str, list[str]] = {}
    for case_id, person in conn.execute(text("SELECT case_id, person FROM tasks ORDER BY case_id, person")):
        found.setdefault(case_id, []).append(person)
    return found


# -- links and events


def link(conn: Connection, lookup: bytes) -> LinkView | None:
    row = _LINK.one(conn, lookup=lookup)
    if row is None:
        return None
    return LinkView(bytes(row[0]), row[1], row[2], row[3], row[4], row[5], json.loads(row[6]), row[7])


def links_of(conn: Connection, grant_id: str) -> int:
    """How many links were minted for a right."""
    row = _LINKS_OF.one(conn, grant_id=grant_id)
    return int(row[0]) if row else 0


def spend(conn: Connection, grant_id: str) -> int | None:
    """The seq of the event that used a right."""
    row = SPENT_RIGHT.one(conn, grant_id=grant_id)
    return int(row[0]) if row else None


def event(conn: Connection, case_id: str, seq: int) -> EventRow | None:
    return ledger.event(conn, case_id, seq)


# -- what belongs to a case


def outbox_rows(
    conn: Connection, *, case_id: str = "", state: str = "", person: str = "", limit: int = 200
) -> list[OutboxRow]:
    """Mails owed, the newest first."""
    return outbox.listed(conn, case_id=case_id, state=state, person=person, limit=limit)


def mails(conn: Connection, case_id: str) -> list[OutboxRow]:
    """Mails of a case in the order they were owed."""
    return sorted(outbox.listed(conn, case_id=case_id, limit=5000), key=lambda row: (row.seq, row.notice, row.person))


def documents(conn: Connection, case_id: str) -> list[DocumentRow]:
    """Everything a case issued, in order."""
    c = document_table.c
    return _documents(conn, select(document_table).where(c.case_id == case_id).order_by(c.at, c.seq, c.id))


def unrendered(conn: Connection, limit: int = 20, only: frozenset[str] | None = None) -> list[tuple[str, str, int]]:
    """(case, document, seq) of what we issued and did not print yet, the oldest first; of the documents `only`, if given."""
    c = document_table.c
    waiting = [c.sha256 == "", c.file == "", c.voided == 0]
    if only is not None:
        waiting.append(c.id.in_(sorted(only)))
    rows = conn.execute(select(c.case_id, c.id, c.seq).where(*waiting).order_by(c.at, c.seq, c.id).limit(limit))
    return [(row[0], row[1], row[2]) for row in rows]


def _documents(conn: Connection, listed: Any) -> list[DocumentRow]:
    return [DocumentRow(*(*row[:11], bool(row[11]))) for row in conn.execute(listed)]


def person_for_mail(conn: Connection, mail: str) -> str | None:
    """The active person with this address, compared without regard to case."""
    return people.by_mail(conn, mail)
