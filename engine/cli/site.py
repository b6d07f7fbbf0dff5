"""The site a command works on: found, loaded, opened for looking or for changing, beside a running server or alone."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.cli.errors import Mistake

if TYPE_CHECKING:
    from engine.config.settings import Settings
    from engine.config.site import SiteSetup
    from engine.core.case import Case
    from engine.core.directory import Directory, Person
    from engine.service import Engine, Snapshot
    from engine.service.door import Hands


def config_of(args: argparse.Namespace) -> Path:
    """The config.toml of --site, else the nearest one upward. Raises Mistake."""
    from engine.config.find import NAME, find_config

    start = Path(args.site or os.environ.get("TRINH_SITE") or ".")
    if args.site and not start.exists():
        raise Mistake(f"there is no folder {start}")
    found = find_config(start) if not args.site else (start if start.is_file() else start / NAME)
    if found is None or not found.is_file():
        where = f"in {start}" if args.site else "here or in a folder above"
        raise Mistake(f"there is no {NAME} {where}; go to the folder of the site, or name it with --site")
    return found


def setup_of(args: argparse.Namespace) -> SiteSetup:
    """The whole site. Raises Problems."""
    from engine.config.site import load_site

    return load_site(config_of(args))


def refuse_unmade(settings: Settings) -> None:
    """A command that is not `init` makes no database, and works on the tables of this program alone. Raises Mistake."""
    from engine.store.database import Database
    from engine.store.migrations.run import HEAD, revision
    from engine.store.views import reading

    if settings.sqlite is not None and not settings.sqlite.is_file():
        raise Mistake(f"this site has no database yet ({settings.sqlite}); `trinh init` makes it")
    database = Database.open(settings.database_url, writes=False, durable=settings.production)
    try:
        with reading(database) as conn:
            found = revision(conn)
    finally:
        database.close()
    if found is None:
        raise Mistake("the database has no tables yet; `trinh init` makes them")
    if found < HEAD:
        raise Mistake(
            f"the database has schema {found}, this program needs {HEAD}; make a backup, then run `trinh init`"
        )
    if found > HEAD:
        raise Mistake(f"the database has schema {found}, this program knows {HEAD}: use the newer program")


@contextmanager
def looking(setup: SiteSetup) -> Iterator[Engine]:
    """The engine for reading alone: takes no lock, works beside a running server."""
    from engine.service.opening import open_engine

    refuse_unmade(setup.settings)
    os.umask(0o077)
    engine = open_engine(setup, read_only=True, migrate=False)
    try:
        yield engine
    finally:
        engine.close()


@dataclass
class Work:
    """`hands` change the site, wherever the writer is; `engine` looks at it."""

    setup: SiteSetup
    hands: Hands
    engine: Engine

    def catch_up(self, case_id: str) -> None:
        """Let the clock act on a case first, where no server does: nobody decides on what has lapsed meanwhile."""
        if self.engine.database.writes:
            self.engine.fire_due(case_id, self.engine.clock())


@contextmanager
def working(setup: SiteSetup) -> Iterator[Work]:
    """Change a site: alone, or through the door of the server that holds it."""
    from engine.service import door
    from engine.service.opening import open_engine
    from engine.service.publishing import set_calendar
    from engine.store.lock import Locked

    refuse_unmade(setup.settings)
    os.umask(0o077)
    try:
        engine = open_engine(setup, migrate=False)
        set_calendar(engine, setup.calendar, "engine")
        hands: Any = door.Local(engine)
    except Locked as locked:
        try:
            hands = door.connect(setup)
        except door.NoServer:
            raise locked from None
        engine = open_engine(setup, read_only=True, migrate=False)
    try:
        yield Work(setup, hands, engine)
    finally:
        engine.close()


def person_of(directory: Directory, text: str | None, what: str = "--as") -> Person:
    """A person by id or mail address. Raises Mistake."""
    from engine.config.directory import person_meant

    text = text or os.environ.get("TRINH_AS") or ""
    if not text:
        raise Mistake(f"say who acts: {what} PERSON (an id or a mail address of the directory)")
    found = directory.people.get(text)
    if found is None and "@" in text:
        same = [person for person in directory.people.values() if person.mail.casefold() == text.casefold()]
        found = same[0] if len(same) == 1 else None
    if found is None:
        meant = person_meant(text, directory.people)
        raise Mistake(f"'{text}' is not a person of the directory{'; ' + meant if meant else ''}")
    if not found.active:
        raise Mistake(f"{found.id} is no longer active")
    return found


def administrator(directory: Directory, text: str | None) -> Person:
    """Who answers for a change of the site: --as, or the only administrator there is. Raises Mistake."""
    listed = [person for person in directory.people.values() if "admin" in person.roles and person.active]
    if not (text or os.environ.get("TRINH_AS")):
        if len(listed) == 1:
            return listed[0]
        names = ", ".join(person.id for person in listed)
        raise Mistake(
            f"say who acts with --as; administrators: {names}" if listed else "the directory has no administrator"
        )
    found = person_of(directory, text)
    if found not in listed:
        names = ", ".join(person.id for person in listed) or "nobody"
        raise Mistake(f"{found.id} is not an administrator; administrators: {names}")
    return found


def case_of(snap: Snapshot, text: str) -> Case:
    """A case by its id or its reference. Raises Mistake."""
    from engine.core.events import LOG
    from engine.store import views

    found = None if text == LOG else snap.case(text) or snap.case(views.by_reference(snap.conn, text) or "")
    if found is None:
        raise Mistake(f"there is no case '{text}'; `trinh list` shows them")
    return found


def case_id_of(engine: Engine, text: str) -> str:
    with engine.snapshot() as snap:
        return case_of(snap, text).id
