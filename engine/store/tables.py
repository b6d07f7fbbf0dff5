"""Every table, named once (decisions 4.7). The same on SQLite (STRICT) and PostgreSQL.

Columns are Text, Integer (BigInteger on PostgreSQL) or LargeBinary, because STRICT knows nothing else. Instants are
integer microseconds UTC, truth values 0/1, JSON canonical text. No column is named `case`, `grant` or `commit`.
`events` and `private` are the truth; the other tables of a case are written beside each event and can be folded again.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

EPOCH = 1  # of the schema; a program that knows another one does not write
meta = MetaData()
_INT = BigInteger().with_variant(Integer(), "sqlite")


def _table(name: str, *parts: Any, rowid: bool = True) -> Table:
    return Table(name, meta, *parts, sqlite_strict=True, sqlite_with_rowid=rowid)


def _text(name: str, **more: Any) -> Column[str]:
    return Column(name, Text, nullable=False, **more)


def _int(name: str, nullable: bool = False) -> Column[int]:
    return Column(name, _INT, nullable=nullable)


def _blob(name: str, nullable: bool = False) -> Column[bytes]:
    return Column(name, LargeBinary, nullable=nullable)


# -- the ledger

events = _table(
    "events",
    _text("case_id"),
    _int("seq"),
    _text("type"),
    _text("to_state"),
    _text("actor"),
    _int("at"),
    _int("recorded_at"),
    _text("command"),
    _text("digest"),  # of what was asked: tells a repeat from another command of the same name
    _blob("body"),
    _blob("hash"),
    _blob("sig", nullable=True),  # Ed25519, `link.issued` only
    PrimaryKeyConstraint("case_id", "seq"),
    UniqueConstraint("case_id", "command", name="events_command"),
    CheckConstraint("seq > 0", name="events_seq"),
    rowid=False,
)
private = _table(
    "private",
    _text("case_id"),
    _int("seq"),
    _text("field"),
    _blob("salt"),
    _blob("value"),
    _text("subject"),
    PrimaryKeyConstraint("case_id", "seq", "field"),
    Index("private_subject", "subject"),
    rowid=False,
)
refusals = _table(
    "refusals",
    _text("case_id"),
    _text("person"),
    _text("command"),
    _text("digest"),
    _int("day"),
    _int("at"),
    _text("blockers"),
    PrimaryKeyConstraint("case_id", "command", "digest"),
    rowid=False,
)

# -- what is folded from it

cases = _table(
    "cases",
    _text("id", primary_key=True),
    _int("seq"),
    _blob("head"),
    _int("recorded_at"),
    _text("workflow"),
    _int("version"),
    _text("state"),
    _text("author"),
    _text("reference"),
    _text("title"),
    _text("search"),
    _int("opened"),
    _int("entered"),
    _int("due_at", nullable=True),
    _int("urgent"),
    _text("final"),
    _int("discarded"),
    _int("at"),
    _blob("body"),
    Index("cases_at", "at"),
    Index("cases_state", "workflow", "state"),
)
Index(
    "cases_reference",
    cases.c.reference,
    unique=True,
    sqlite_where=text("reference <> ''"),
    postgresql_where=text("reference <> ''"),
)
grants = _table(
    "grants",
    _text("id", primary_key=True),
    _text("case_id"),
    _text("person"),
    _text("seat"),
    _text("body"),
    _text("kind"),
    _int("entry"),
    _text("state"),
    _int("opened_seq"),
    _int("opened_at"),
    _int("closed_seq"),
    Index("grants_case", "case_id"),
)
Index("grants_live", grants.c.person, sqlite_where=text("state = 'live'"), postgresql_where=text("state = 'live'"))
links = _table(
    "links",
    Column("lookup", LargeBinary, primary_key=True),
    _text("link"),
    _text("grant_id"),
    _text("case_id"),
    _text("person"),
    _int("exp"),
    _text("commits"),
    _int("seq"),
    UniqueConstraint("link", name="links_link"),
    Index("links_grant", "grant_id"),
)
_TASK = text("kind <> 'implicit'")
spends = _table(
    "spends",
    _text("grant_id", primary_key=True),
    _text("case_id"),
    _int("entry"),
    _text("kind"),
    _text("seat"),
    _text("person"),
    _int("seq"),
)
# A right without a task is used once by its own id; a task once per seat and once per person (decisions 4.6).
Index(
    "spends_seat",
    spends.c.case_id,
    spends.c.entry,
    spends.c.kind,
    spends.c.seat,
    unique=True,
    sqlite_where=_TASK,
    postgresql_where=_TASK,
)
Index(
    "spends_person",
    spends.c.case_id,
    spends.c.entry,
    spends.c.kind,
    spends.c.person,
    unique=True,
    sqlite_where=_TASK,
    postgresql_where=_TASK,
)
deadlines = _table(
    "deadlines",
    _text("case_id"),
    _text("id"),
    _int("at"),
    _text("kind"),
    _text("name"),
    PrimaryKeyConstraint("case_id", "id"),
    Index("deadlines_at", "at"),
    rowid=False,
)
outbox = _table(
    "outbox",
    _text("id", primary_key=True),
    _text("dedup"),
    _text("case_id"),
    _int("seq"),
    _text("notice"),
    _text("kind"),
    _text("person"),
    _int("copy"),
    _int("urgent"),
    _int("n"),
    _int("at"),
    _int("entry"),
    _text("grant_id"),
    _text("state"),  # due | sent | cancelled | parked
    _int("attempts"),
    _int("next_at"),
    _int("lease_until"),
    _text("claim"),
    _text("node"),
    _text("error"),
    _text("phase"),
    _text("message_id"),
    _int("created_at"),
    _int("sent_at", nullable=True),
    UniqueConstraint("dedup", name="outbox_dedup"),
    Index("outbox_case", "case_id", "person"),
)
Index("outbox_due", outbox.c.next_at, sqlite_where=text("state = 'due'"), postgresql_where=text("state = 'due'"))
documents = _table(
    "documents",
    _text("case_id"),
    _int("seq"),
    _text("id"),
    _int("at"),
    _text("issuer"),
    _text("series"),
    _text("number"),
    _text("date"),
    _text("file"),
    _text("template"),
    _text("sha256"),
    _int("voided"),
    PrimaryKeyConstraint("case_id", "seq", "id"),
)
Index(
    "documents_number",
    documents.c.series,
    documents.c.number,
    unique=True,
    sqlite_where=text("series <> ''"),
    postgresql_where=text("series <> ''"),
)
Index(
    "documents_waiting",
    documents.c.at,
    sqlite_where=text("sha256 = ''"),
    postgresql_where=text("sha256 = ''"),
)
registers = _table(
    "registers",
    _text("register"),
    _text("entry"),
    _text("key"),
    _text("case_id"),
    _int("seq"),
    _text("body"),
    PrimaryKeyConstraint("register", "entry"),
    Index("registers_key", "register", "key"),
)
register_keys = _table(
    "register_keys",
    _text("register"),
    _text("key"),
    _int("version"),
    PrimaryKeyConstraint("register", "key"),
    rowid=False,
)
numbers = _table("numbers", _text("series", primary_key=True), _int("value"))

# -- what the site publishes

definitions = _table(
    "definitions",
    _text("name"),
    _int("version"),
    _text("sha256"),
    _text("main"),
    _text("manifest"),
    _int("at"),
    _int("seq"),
    PrimaryKeyConstraint("name", "version"),
)
definition_files = _table("definition_files", _text("sha256", primary_key=True), _blob("body"))
templates = _table("templates", _text("sha256", primary_key=True), _blob("body"))
people = _table("people", Column("version", _INT, primary_key=True, autoincrement=False), _int("at"), _text("body"))

# -- what may change and be thrown away

files = _table(
    "files",
    _text("id", primary_key=True),
    _text("case_id"),
    _text("person"),
    _text("name"),
    _text("media_type"),
    _int("size"),
    _text("sha256"),
    _int("at"),
    Index("files_case", "case_id"),
)
drafts = _table(
    "drafts",
    _text("case_id"),
    _text("person"),
    _int("version"),
    _int("at"),
    _text("facts"),
    _text("grounds"),
    PrimaryKeyConstraint("case_id", "person"),
)
sessions = _table(
    "sessions",
    Column("key", LargeBinary, primary_key=True),
    _text("kind"),  # link | session
    _text("person"),
    _text("auth"),
    _int("created"),
    _int("seen"),
    _int("until"),
    Index("sessions_person", "person"),
)
link_visits = _table(
    "link_visits", _blob("lookup"), _int("at"), _text("agent"), PrimaryKeyConstraint("lookup", "at"), rowid=False
)
heartbeats = _table("heartbeats", _text("node", primary_key=True), _int("at"))
# One row. Every write transaction reads it (PostgreSQL: FOR SHARE): the schema's epoch, the version of the directory in
# force and the one that all live grants were last compared with.
schema_epoch = _table(
    "schema_epoch",
    Column("id", _INT, primary_key=True, autoincrement=False),
    _int("epoch"),
    _int("directory"),
    _int("reseated"),
)

# Tasks are the live grants of step kind, seen with their case: a view, so that there is no second truth.
TASKS = """CREATE VIEW tasks AS
SELECT g.id AS grant_id, g.case_id AS case_id, g.person AS person, g.seat AS seat, g.body AS body, g.kind AS kind,
       g.entry AS entry, g.opened_at AS opened_at, c.workflow AS workflow, c.state AS state, c.reference AS reference,
       c.title AS title, c.due_at AS due_at, c.urgent AS urgent, c.entered AS entered
FROM grants g JOIN cases c ON c.id = g.case_id
WHERE g.state = 'live' AND c.final = '' AND c.discarded = 0"""
