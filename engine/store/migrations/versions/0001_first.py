"""First version of the schema."""

import sqlalchemy as sa
from alembic import op

from engine.store import guards

revision = "0001"
down_revision = None

INT = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def text(name, **more):
    return sa.Column(name, sa.Text, nullable=False, **more)


def int_(name, nullable=False, **more):
    return sa.Column(name, INT, nullable=nullable, **more)


def blob(name, nullable=False, **more):
    return sa.Column(name, sa.LargeBinary, nullable=nullable, **more)


def table(name, *parts, rowid=True):
    op.create_table(name, *parts, sqlite_strict=True, sqlite_with_rowid=rowid)


def partial(name, on, columns, where, unique=False):
    op.create_index(name, on, columns, unique=unique, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def ledger():
    table(
        "events",
        text("case_id"), int_("seq"), text("type"), text("to_state"), text("actor"), int_("at"), int_("recorded_at"),
        text("command"), text("digest"), blob("body"), blob("hash"), blob("sig", nullable=True),
        sa.PrimaryKeyConstraint("case_id", "seq"),
        sa.UniqueConstraint("case_id", "command", name="events_command"),
        sa.CheckConstraint("seq > 0", name="events_seq"),
        rowid=False,
    )
    table(
        "private",
        text("case_id"), int_("seq"), text("field"), blob("salt"), blob("value"), text("subject"),
        sa.PrimaryKeyConstraint("case_id", "seq", "field"),
        rowid=False,
    )
    op.create_index("private_subject", "private", ["subject"])
    table(
        "refusals",
        text("case_id"), text("person"), text("command"), text("digest"), int_("day"), int_("at"), text("blockers"),
        sa.PrimaryKeyConstraint("case_id", "command", "digest"),
        rowid=False,
    )


def folded():
    table(
        "cases",
        text("id", primary_key=True), int_("seq"), blob("head"), int_("recorded_at"), text("workflow"),
        int_("version"), text("state"), text("author"), text("reference"), text("title"), text("search"),
        int_("opened"), int_("entered"), int_("due_at", nullable=True), int_("urgent"), text("final"),
        int_("discarded"), int_("at"), blob("body"),
    )
    op.create_index("cases_at", "cases", ["at"])
    op.create_index("cases_state", "cases", ["workflow", "state"])
    partial("cases_reference", "cases", ["reference"], "reference <> ''", unique=True)
    table(
        "grants",
        text("id", primary_key=True), text("case_id"), text("person"), text("seat"), text("body"), text("kind"),
        int_("entry"), text("state"), int_("opened_seq"), int_("opened_at"), int_("closed_seq"),
    )
    op.create_index("grants_case", "grants", ["case_id"])
    partial("grants_live", "grants", ["person"], "state = 'live'")
    table(
        "links",
        sa.Column("lookup", sa.LargeBinary, primary_key=True), text("link"), text("grant_id"), text("case_id"),
        text("person"), int_("exp"), text("commits"), int_("seq"),
        sa.UniqueConstraint("link", name="links_link"),
    )
    op.create_index("links_grant", "links", ["grant_id"])
    table(
        "spends",
        text("grant_id", primary_key=True), text("case_id"), int_("entry"), text("kind"), text("seat"),
        text("person"), int_("seq"),
    )
    task = "kind <> 'implicit'"
    partial("spends_seat", "spends", ["case_id", "entry", "kind", "seat"], task, unique=True)
    partial("spends_person", "spends", ["case_id", "entry", "kind", "person"], task, unique=True)
    table(
        "deadlines",
        text("case_id"), text("id"), int_("at"), text("kind"), text("name"),
        sa.PrimaryKeyConstraint("case_id", "id"),
        rowid=False,
    )
    op.create_index("deadlines_at", "deadlines", ["at"])


def products():
    table(
        "outbox",
        text("id", primary_key=True), text("dedup"), text("case_id"), int_("seq"), text("notice"), text("kind"),
        text("person"), int_("copy"), int_("urgent"), int_("n"), int_("at"), int_("entry"), text("grant_id"),
        text("state"), int_("attempts"), int_("next_at"), int_("lease_until"), text("claim"), text("node"),
        text("error"), text("phase"), text("message_id"), int_("created_at"), int_("sent_at", nullable=True),
        sa.UniqueConstraint("dedup", name="outbox_dedup"),
    )
    op.create_index("outbox_case", "outbox", ["case_id", "person"])
    partial("outbox_due", "outbox", ["next_at"], "state = 'due'")
    table(
        "documents",
        text("case_id"), int_("seq"), text("id"), int_("at"), text("issuer"), text("series"), text("number"),
        text("date"), text("file"), text("template"), text("sha256"), int_("voided"),
        sa.PrimaryKeyConstraint("case_id", "seq", "id"),
    )
    partial("documents_number", "documents", ["series", "number"], "series <> ''", unique=True)
    partial("documents_waiting", "documents", ["at"], "sha256 = ''")
    table(
        "registers",
        text("register"), text("entry"), text("key"), text("case_id"), int_("seq"), text("body"),
        sa.PrimaryKeyConstraint("register", "entry"),
    )
    op.create_index("registers_key", "registers", ["register", "key"])
    table(
        "register_keys",
        text("register"), text("key"), int_("version"),
        sa.PrimaryKeyConstraint("register", "key"),
        rowid=False,
    )
    table("numbers", text("series", primary_key=True), int_("value"))


def published():
    table(
        "definitions",
        text("name"), int_("version"), text("sha256"), text("main"), text("manifest"), int_("at"), int_("seq"),
        sa.PrimaryKeyConstraint("name", "version"),
    )
    table("definition_files", text("sha256", primary_key=True), blob("body"))
    table("templates", text("sha256", primary_key=True), blob("body"))
    table("people", sa.Column("version", INT, primary_key=True, autoincrement=False), int_("at"), text("body"))


def mutable():
    table(
        "files",
        text("id", primary_key=True), text("case_id"), text("person"), text("name"), text("media_type"),
        int_("size"), text("sha256"), int_("at"),
    )
    op.create_index("files_case", "files", ["case_id"])
    table(
        "drafts",
        text("case_id"), text("person"), int_("version"), int_("at"), text("facts"), text("grounds"),
        sa.PrimaryKeyConstraint("case_id", "person"),
    )
    table(
        "sessions",
        sa.Column("key", sa.LargeBinary, primary_key=True), text("kind"), text("person"), text("auth"),
        int_("created"), int_("seen"), int_("until"),
    )
    op.create_index("sessions_person", "sessions", ["person"])
    table(
        "link_visits", blob("lookup"), int_("at"), text("agent"), sa.PrimaryKeyConstraint("lookup", "at"), rowid=False
    )
    table("heartbeats", text("node", primary_key=True), int_("at"))
    table(
        "schema_epoch",
        sa.Column("id", INT, primary_key=True, autoincrement=False), int_("epoch"), int_("directory"),
        int_("reseated"),
    )
    op.execute("INSERT INTO schema_epoch (id, epoch, directory, reseated) VALUES (1, 1, 0, 0)")


TASKS = """CREATE VIEW tasks AS
SELECT g.id AS grant_id, g.case_id AS case_id, g.person AS person, g.seat AS seat, g.body AS body, g.kind AS kind,
       g.entry AS entry, g.opened_at AS opened_at, c.workflow AS workflow, c.state AS state, c.reference AS reference,
       c.title AS title, c.due_at AS due_at, c.urgent AS urgent, c.entered AS entered
FROM grants g JOIN cases c ON c.id = g.case_id
WHERE g.state = 'live' AND c.final = '' AND c.discarded = 0"""


def upgrade() -> None:
    ledger()
    folded()
    products()
    published()
    mutable()
    op.execute(TASKS)
    guards.install(op.get_bind())
