"""`trinh init`: from a config.toml to a site that can be served."""

from __future__ import annotations

import argparse
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cli.errors import Mistake
from engine.cli.making import make_folders, make_secret
from engine.cli.manual import common
from engine.cli.output import say
from engine.cli.site import administrator, config_of, setup_of

if TYPE_CHECKING:
    from engine.config.site import SiteSetup
    from engine.definitions.loader import Loaded

HELP = "make a site: folders, keys, database; take in people, calendar and workflows"
DESCRIPTION = """Make the site of a config.toml: its folders (0700), its signing key and secret (0600), its database; then take in the
directory, the calendar and every workflow that checks. Nothing that exists is replaced, so it may be run again.

A site needs an administrator: somebody in directory.toml with `admin = true`, or --admin, which adds the line for you."""
EXAMPLES = """
trinh init
trinh init --admin F21                                     somebody who is in directory.toml
trinh init --admin "Lâm An <an@example.vn>" --agency so_ngoai_vu
"""
_NEW = re.compile(r"\s*(?P<name>[^<>]+?)\s*<(?P<mail>[^<>\s]+)>\s*")


def arguments(made: argparse.ArgumentParser) -> None:
    made.add_argument("--admin", metavar="WHO", help='first administrator: an id, or "Name <mail>" with --agency')
    made.add_argument("--agency", metavar="BODY", help="body of the directory that a new administrator belongs to")
    common(made)


def run(args: argparse.Namespace) -> int:
    os.umask(0o077)
    if args.admin:
        _appoint(config_of(args), args.admin, args.agency)
    elif args.agency:
        raise Mistake("--agency goes with --admin")
    setup = setup_of(args)
    by = administrator(setup.directory, None if _single(setup) else args.admin).id
    workflows = _workflows(setup)
    make_folders(setup.settings)
    if make_secret(setup.settings.keys.secret):
        say(f"secret      {setup.settings.keys.secret}")
    _take_in(setup, workflows, by)
    say(f"The site is ready; its administrator is {by}. Next: trinh serve")
    return 0


def _single(setup: SiteSetup) -> bool:
    return sum("admin" in person.roles for person in setup.directory.people.values()) == 1


def _workflows(setup: SiteSetup) -> list[Loaded]:
    """Every workflow of the folder. Raises Problems before anything is made."""
    from engine.cli.files import workflow_files
    from engine.definitions.loader import load_file
    from engine.definitions.problems import Problem, Problems

    found, problems = [], list[Problem]()
    for path in workflow_files(setup.settings.workflows):
        try:
            found.append(load_file(path, setup.names))
        except Problems as error:
            problems += error.items
    if any(item.severity == "error" for item in problems):
        raise Problems(problems)
    return found


def _take_in(setup: SiteSetup, workflows: list[Loaded], by: str) -> None:
    from engine.service.opening import open_engine, readable_key
    from engine.service.publishing import publish, set_calendar, set_people
    from engine.store.database import Database, migrate

    settings = setup.settings
    migrate(settings.database_url)
    database = Database.open(settings.database_url, durable=settings.production)
    try:
        fresh = not settings.keys.signing.exists()
        readable_key(database, settings.keys.signing, make=True)
    finally:
        database.close()
    if fresh:
        say(f"key         {settings.keys.signing} (back it up apart from the database)")
    engine = open_engine(setup)
    try:
        say(f"database    {settings.database_shown}")
        say(
            f"people      {len(setup.directory.people)} in {len(setup.directory.bodies)} bodies, version {set_people(engine, setup.directory, by)}"
        )
        set_calendar(engine, setup.calendar, by)
        say(f"calendar    {setup.calendar.name}, {len(setup.calendar.holidays)} days off")
        for loaded in workflows:
            if loaded.unbuilt:
                say(
                    f"workflow    {loaded.definition.name} is left out: it uses what this release cannot run (`trinh check`)"
                )
                continue
            done = publish(engine, loaded, by)
            say(f"workflow    {done.name} version {done.version} ({done.sha256[:12]})")
    finally:
        engine.close()


def _appoint(config: Path, who: str, agency: str | None) -> None:
    """Make somebody administrator in directory.toml. Raises Mistake."""
    from engine.config.settings import load_settings
    from engine.config.site import load_directory

    settings = load_settings(config)
    directory = load_directory(settings.directory)
    new = _NEW.fullmatch(who)
    if new is None:
        person = directory.people.get(who)
        if person is None:
            raise Mistake(
                f"'{who}' is not a person of {settings.directory}; a new one is \"Name <mail>\" with --agency BODY"
            )
        if "admin" not in person.roles:
            raise Mistake(f"say `admin = true` in the line of {who} in {settings.directory}, then run this again")
        return
    if any(person.mail.casefold() == new["mail"].casefold() for person in directory.people.values()):
        return
    if agency not in directory.bodies:
        raise Mistake("name the body a new administrator belongs to: --agency BODY (a slug of the directory)")
    _write(settings.directory, new["name"], new["mail"], agency, set(directory.people))


def _write(path: Path, name: str, mail: str, agency: str, taken: set[str]) -> None:
    """Add a line below [people]; the file must read as before plus one, or it stays as it was."""
    from engine.config.site import load_directory
    from engine.definitions.problems import Problems

    before = path.read_text("utf-8")
    number = next(n for n in range(1, 10_000) if f"A{n:02}" not in taken)
    line = (
        f'A{number:02} = {{ name = "{_quoted(name)}", mail = "{_quoted(mail)}", agency = "{agency}", post = "Quản trị hệ thống", '
        'level = "AGENCY", admin = true }'
    )
    after, changed = re.subn(r"(?m)^(\[people\].*)$", lambda match: f"{match[1]}\n{line}", before, count=1)
    if not changed:
        raise Mistake(f"{path} has no [people]; add the administrator by hand: {line}")
    path.write_text(after, "utf-8")
    try:
        load_directory(path)
    except Problems:
        path.write_text(before, "utf-8")
        raise
    say(f"administrator A{number:02} added to {path}")


def _quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')
