"""`trinh people`: the directory, taken in from its file and shown."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cli.errors import Mistake
from engine.cli.manual import common
from engine.cli.output import as_json, note, pairs, say, table
from engine.cli.site import administrator, looking, person_of, setup_of, working

if TYPE_CHECKING:
    from engine.core.directory import Directory, Person

HELP = "take in the directory, list and show people"
DESCRIPTION = """Bodies, people and seats stand in directory.toml. `import` checks the whole file and puts it in force as one event: who loses a
seat loses the tasks of it in every open case, who holds it now gets them."""
EXAMPLES = """
trinh people import
trinh people import directory-2023.toml --as F26
trinh people list --body so_ngoai_vu
trinh people show F21 --json
"""


def arguments(made: argparse.ArgumentParser) -> None:
    what = made.add_subparsers(metavar="WHAT", title="what", required=True, dest="what")
    take = what.add_parser("import", help="put a directory in force", description="Put a directory in force.")
    take.add_argument("file", metavar="FILE", nargs="?", help="default: the site's directory.toml")
    common(take, json=True, acting="the administrator who answers for it (default: the only one)")
    listed = what.add_parser("list", help="people with agency, seats and roles", description="People in force.")
    listed.add_argument("--body", metavar="SLUG", help="people of one body: of its agency or seated in it")
    common(listed, json=True)
    show = what.add_parser("show", help="one person", description="One person.")
    show.add_argument("person", metavar="PERSON", help="id or mail address")
    common(show, json=True)


def run(args: argparse.Namespace) -> int:
    return {"import": _import, "list": _list, "show": _show}[args.what](args)


def _import(args: argparse.Namespace) -> int:
    from engine.config.site import load_directory

    setup = setup_of(args)
    groups = {name: tuple(slugs) for name, slugs in setup.settings.file.groups_of_bodies.items()}
    directory = load_directory(Path(args.file), groups) if args.file else setup.directory
    if not any("admin" in person.roles and person.active for person in directory.people.values()):
        raise Mistake("the new directory has no administrator (admin = true); nobody could change it again")
    with working(setup) as work:
        with work.engine.snapshot() as snap:
            before = snap.directory
        by = administrator(before if before.version else directory, args.acting).id
        version = int(work.hands.set_people(directory, by))
    fresh = version != before.version
    if args.json:
        as_json({"version": version, "new": fresh, "people": len(directory.people), "bodies": len(directory.bodies)})
    elif fresh:
        say(
            f"{len(directory.people)} people in {len(directory.bodies)} bodies are in force, version {version}{_changes(before, directory)}"
        )
    else:
        say(f"version {version} is in force already; nothing changed")
    return 0


def _changes(before: Directory, after: Directory) -> str:
    new, gone = set(after.people) - set(before.people), set(before.people) - set(after.people)
    changed = {key for key in set(after.people) & set(before.people) if after.people[key] != before.people[key]}
    parts = [f"{len(found)} {word}" for found, word in ((new, "new"), (gone, "gone"), (changed, "changed")) if found]
    return f": {', '.join(parts)}" if parts and before.version else ""


def _list(args: argparse.Namespace) -> int:
    from engine.definitions.problems import did_you_mean

    with looking(setup_of(args)) as engine, engine.snapshot() as snap:
        directory = snap.directory
    if args.body and args.body not in directory.bodies:
        meant = did_you_mean(args.body, directory.bodies)
        raise Mistake(f"there is no body '{args.body}'{'; ' + meant if meant else ''}")
    seated = {seat.person for seat in directory.seats if seat.body == args.body}
    people = [p for p in directory.people.values() if not args.body or p.agency == args.body or p.id in seated]
    if args.json:
        as_json([_plain(directory, person) for person in people])
    else:
        rows = [(p.id, p.name, p.agency, ", ".join(_seats(directory, p)), ", ".join(p.roles)) for p in people]
        table(("PERSON", "NAME", "AGENCY", "SEATS", "ROLES"), rows)
        note(f"{len(people)} people, directory version {directory.version}")
    return 0


def _show(args: argparse.Namespace) -> int:
    with looking(setup_of(args)) as engine, engine.snapshot() as snap:
        directory = snap.directory
    person = directory.people.get(args.person) or person_of(directory, args.person, "PERSON")
    if args.json:
        as_json(_plain(directory, person))
    else:
        pairs((label, value) for label, value in _lines(directory, person) if value)
    return 0


def _lines(directory: Directory, person: Person) -> list[tuple[str, str]]:
    body = directory.bodies.get(person.agency)
    flags = [word for word, held in (("key leader", person.key_leader), ("tttu member", person.tttu_member)) if held]
    return [
        ("Person", f"{person.id}  {person.name}"),
        ("Mail", f"{person.mail} ({person.lang})"),
        ("Agency", f"{person.agency}  {body.vi if body else ''}"),
        ("Post", person.post),
        ("Level", " ".join([person.level, person.rank, *flags]).strip()),
        ("Seats", "\n".join(_seats(directory, person))),
        ("Roles", ", ".join(person.roles)),
        ("Active", "" if person.active else "no"),
    ]


def _seats(directory: Directory, person: Person) -> list[str]:
    return [seat.id for seat in directory.seats if seat.person == person.id]


def _plain(directory: Directory, person: Person) -> dict[str, object]:
    return {
        **person.snapshot(),
        "lang": person.lang,
        "roles": list(person.roles),
        "active": person.active,
        "seats": [
            {"body": s.body, "right": s.right, "capacity": s.capacity} for s in directory.seats if s.person == person.id
        ],
    }
