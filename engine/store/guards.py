"""Triggers that keep the ledger append-only. Every migration ends with `install`, because rebuilding a table on SQLite
drops its triggers silently (audit.md 2.5); one that rebuilds begins with `remove`, because triggers of other tables that
look into it are in the way.

They stop mistakes and the program's own database role, not the owner of the database: that is what chain and seal are for.
"""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.engine import Connection

APPEND_ONLY = ("events", "refusals", "people", "definitions", "definition_files")

_SQLITE_SPECIAL = {
    # INSERT OR REPLACE goes round the DELETE trigger, so an insert over an existing key is refused as such.
    "events_no_replace": """CREATE TRIGGER events_no_replace BEFORE INSERT ON events
WHEN EXISTS (SELECT 1 FROM events WHERE case_id = NEW.case_id AND (seq = NEW.seq OR command = NEW.command))
BEGIN SELECT RAISE(ABORT, 'events: this place in the chain is taken'); END""",
    "events_no_gap": """CREATE TRIGGER events_no_gap BEFORE INSERT ON events
WHEN NEW.seq <> 1 + COALESCE((SELECT max(seq) FROM events WHERE case_id = NEW.case_id), 0)
BEGIN SELECT RAISE(ABORT, 'events: seq leaves a gap'); END""",
    "refusals_no_replace": """CREATE TRIGGER refusals_no_replace BEFORE INSERT ON refusals
WHEN EXISTS (SELECT 1 FROM refusals
  WHERE case_id = NEW.case_id AND command = NEW.command AND digest = NEW.digest)
BEGIN SELECT RAISE(ABORT, 'refusals: append only'); END""",
    "people_no_replace": """CREATE TRIGGER people_no_replace BEFORE INSERT ON people
WHEN EXISTS (SELECT 1 FROM people WHERE version = NEW.version)
BEGIN SELECT RAISE(ABORT, 'people: append only'); END""",
    "definitions_no_replace": """CREATE TRIGGER definitions_no_replace BEFORE INSERT ON definitions
WHEN EXISTS (SELECT 1 FROM definitions WHERE name = NEW.name AND version = NEW.version)
BEGIN SELECT RAISE(ABORT, 'definitions: append only'); END""",
    "definition_files_no_replace": """CREATE TRIGGER definition_files_no_replace BEFORE INSERT ON definition_files
WHEN EXISTS (SELECT 1 FROM definition_files WHERE sha256 = NEW.sha256)
BEGIN SELECT RAISE(ABORT, 'definition_files: append only'); END""",
    # A private value belongs to an event, is never changed, and goes only after the case says that it was erased.
    "private_no_replace": """CREATE TRIGGER private_no_replace BEFORE INSERT ON private
WHEN EXISTS (SELECT 1 FROM private WHERE case_id = NEW.case_id AND seq = NEW.seq AND field = NEW.field)
  OR NOT EXISTS (SELECT 1 FROM events WHERE case_id = NEW.case_id AND seq = NEW.seq)
BEGIN SELECT RAISE(ABORT, 'private: no event owns this value'); END""",
    "private_no_update": """CREATE TRIGGER private_no_update BEFORE UPDATE ON private
BEGIN SELECT RAISE(ABORT, 'private: append only'); END""",
    "private_no_delete": """CREATE TRIGGER private_no_delete BEFORE DELETE ON private
WHEN NOT EXISTS (SELECT 1 FROM events WHERE case_id = OLD.case_id AND type = 'erasure.done' AND seq > OLD.seq)
BEGIN SELECT RAISE(ABORT, 'private: no erasure is recorded'); END""",
}

_POSTGRES = """
CREATE OR REPLACE FUNCTION trinh_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%%: append only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$;
CREATE OR REPLACE FUNCTION trinh_no_gap() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.seq <> 1 + COALESCE((SELECT max(seq) FROM events WHERE case_id = NEW.case_id), 0) THEN
    RAISE EXCEPTION 'events: seq leaves a gap or is taken' USING ERRCODE = 'unique_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION trinh_private_owned() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM events WHERE case_id = NEW.case_id AND seq = NEW.seq) THEN
    RAISE EXCEPTION 'private: no event owns this value' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN NEW;
END $$;
CREATE OR REPLACE FUNCTION trinh_private_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM events
      WHERE case_id = OLD.case_id AND type = 'erasure.done' AND seq > OLD.seq) THEN
    RAISE EXCEPTION 'private: no erasure is recorded' USING ERRCODE = 'restrict_violation';
  END IF;
  RETURN OLD;
END """
# (trigger, table, when, for each, function)
_POSTGRES_TRIGGERS = (
    *((f"{t}_no_change", t, "BEFORE UPDATE OR DELETE", "ROW", "trinh_append_only") for t in APPEND_ONLY),
    *((f"{t}_no_truncate", t, "BEFORE TRUNCATE", "STATEMENT", "trinh_append_only") for t in (*APPEND_ONLY, "private")),
    ("events_no_gap", "events", "BEFORE INSERT", "ROW", "trinh_no_gap"),
    ("private_no_update", "private", "BEFORE UPDATE", "ROW", "trinh_append_only"),
    ("private_owned", "private", "BEFORE INSERT", "ROW", "trinh_private_owned"),
    ("private_erased", "private", "BEFORE DELETE", "ROW", "trinh_private_erased"),
)


def names(kind: str) -> frozenset[str]:
    """The triggers that must be there."""
    if kind == "sqlite":
        plain = {f"{t}_no_{what}" for t in APPEND_ONLY for what in ("update", "delete")}
        return frozenset(plain | set(_SQLITE_SPECIAL))
    return frozenset(trigger for trigger, *_ in _POSTGRES_TRIGGERS)


def missing(conn: Connection) -> list[str]:
    """Guards that are not there or not on; a healthy database has none."""
    if conn.dialect.name == "sqlite":
        found = {str(row[0]) for row in conn.execute(text("SELECT name FROM sqlite_master WHERE type = 'trigger'"))}
    else:
        listed = "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled = 'A'"
        found = {str(row[0]) for row in conn.execute(text(listed))}
    return sorted(names(conn.dialect.name) - found)


def install(conn: Connection) -> None:
    """(Re)create every guard."""
    if conn.dialect.name == "sqlite":
        _install_sqlite(conn)
    else:
        _install_postgres(conn)


def remove(conn: Connection) -> None:
    """Take every guard away, inside a migration that ends with `install`."""
    if conn.dialect.name == "sqlite":
        for name in sorted(names("sqlite")):
            conn.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
    else:
        for name, table, *_ in _POSTGRES_TRIGGERS:
            conn.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name} ON {table}")


def _install_sqlite(conn: Connection) -> None:
    for table in APPEND_ONLY:
        for verb in ("UPDATE", "DELETE"):
            name = f"{table}_no_{verb.lower()}"
            conn.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
            conn.exec_driver_sql(
                f"CREATE TRIGGER {name} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, '{table}: append only'); END"
            )
    for name, source in _SQLITE_SPECIAL.items():
        conn.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name}")
        conn.exec_driver_sql(source)


def _install_postgres(conn: Connection) -> None:
    for function in _POSTGRES.split("$$;"):
        conn.exec_driver_sql(function + "$$")
    for name, table, when, each, function in _POSTGRES_TRIGGERS:
        conn.exec_driver_sql(f"DROP TRIGGER IF EXISTS {name} ON {table}")
        conn.exec_driver_sql(f"CREATE TRIGGER {name} {when} ON {table} FOR EACH {each} EXECUTE FUNCTION {function}()")
        # ALWAYS: fires under session_replication_role = replica, too.
        conn.exec_driver_sql(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}")
    for table in (*APPEND_ONLY, "private"):
        conn.exec_driver_sql(f"REVOKE UPDATE, TRUNCATE ON {table} FROM PUBLIC")
