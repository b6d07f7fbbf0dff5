"""Versions of the directory. Each `people.changed` event brings a whole one; its seq is the version."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Any

from sqlalchemy import bindparam, select, update
from sqlalchemy.engine import Connection

from engine.core.directory import Body, Directory, Person, Seat
from engine.store.hot import Hot
from engine.store.tables import people, schema_epoch

_VERSION = Hot(lambda kind: select(schema_epoch.c.directory).where(schema_epoch.c.id == 1))
_BODY = Hot(lambda kind: select(people.c.body).where(people.c.version == bindparam("version")))


def version(conn: Connection) -> int:
    """The version in force; 0 before the first."""
    row = _VERSION.one(conn)
    return int(row[0]) if row else 0


def directory(conn: Connection, at_version: int | None = None) -> Directory:
    """The directory in force, or of one version (KeyError when there is none)."""
    number = version(conn) if at_version is None else at_version
    if number == 0:
        return Directory()
    row = _BODY.one(conn, version=number)
    if row is None:
        raise KeyError(number)
    return decode(row[0], number)


def encode(found: Directory) -> str:
    """The whole directory as canonical JSON, without its version."""
    plain = asdict(found)
    plain.pop("version")
    return json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def decode(body: str, number: int = 0) -> Directory:
    plain = json.loads(body)
    return Directory(
        bodies={slug: Body(**{**item, "flags": tuple(item["flags"])}) for slug, item in plain["bodies"].items()},
        people={key: Person(**{**item, "roles": tuple(item["roles"])}) for key, item in plain["people"].items()},
        seats=tuple(Seat(**item) for item in plain["seats"]),
        lists={name: tuple(items) for name, items in plain["lists"].items()},
        version=number,
    )


def versions(conn: Connection) -> list[tuple[int, int]]:
    """(version, µs UTC) of every directory there was."""
    return [(row[0], row[1]) for row in conn.execute(select(people.c.version, people.c.at).order_by(people.c.version))]


def by_mail(conn: Connection, mail: str) -> str | None:
    """The active person with this address; None when there is none, or two of them."""
    wanted = mail.strip().casefold()
    found = [p.id for p in directory(conn).people.values() if p.active and p.mail and p.mail.casefold() == wanted]
    return found[0] if len(found) == 1 else None


def reseated(conn: Connection) -> int:
    """The version that all live grants were last compared with."""
    return conn.execute(select(schema_epoch.c.reseated)).scalar() or 0


def mark_reseated(conn: Connection, number: int) -> None:
    conn.execute(update(schema_epoch).values(reseated=number))


def public(found: Directory) -> dict[str, Any]:
    """What an event shows of a directory: bodies, seats and roles by id; particulars of persons stand beside it."""
    plain = json.loads(encode(found))
    plain["people"] = {key: {"roles": item["roles"], "active": item["active"]} for key, item in plain["people"].items()}
    return plain
