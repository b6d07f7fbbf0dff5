"""`trinh open`: start a case, with its first answers from a file."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from engine.cli import acting
from engine.cli.answers import Filled, attaching
from engine.cli.errors import Mistake
from engine.cli.manual import common
from engine.cli.output import as_json, note, say
from engine.cli.site import Work, person_of, setup_of, working

if TYPE_CHECKING:
    from engine.core.model import Definition

HELP = "start a case for a person, with a dossier from a file"
DESCRIPTION = f"""Start a case of a published workflow. The answers are kept as a draft that the person goes on with in the browser; --then
takes an action at once, for example `submit`. A file with mistakes opens nothing.

{acting.ANSWERS}"""
EXAMPLES = """
trinh open delegation-out --as F05 --from fukuoka.toml
trinh open delegation-out --as F05 --from fukuoka.toml --then submit
"""


def arguments(made: argparse.ArgumentParser) -> None:
    made.add_argument("workflow", metavar="WORKFLOW", help="a published workflow")
    made.add_argument("--then", metavar="ACTION", help="take this action at once")
    acting.options(made)
    common(made, json=True, lang=True, acting="who opens the case (default: TRINH_AS)")


def run(args: argparse.Namespace) -> int:
    with working(setup_of(args)) as work:
        with work.engine.snapshot() as snap:
            person = person_of(snap.directory, args.acting).id
            definition = snap.active(args.workflow)
            names = snap.workflows()
        if definition is None:
            raise Mistake(_unknown(args.workflow, names))
        if args.then and args.then not in definition.transitions.get(definition.start.state, {}):
            here = ", ".join(definition.transitions.get(definition.start.state, {}))
            raise Mistake(f"'{args.then}' is not an action of the state {definition.start.state}; there are: {here}")
        trial = Filled(definition, lambda path: "")  # every mistake of the file, before anything is opened
        acting.filled(args, trial)
        return _open(work, args, definition, person)


def _unknown(name: str, names: list[str]) -> str:
    from engine.definitions.problems import did_you_mean

    meant = did_you_mean(name, names)
    listed = meant or (f"published: {', '.join(names)}" if names else "nothing is published yet, see `trinh publish`")
    return f"'{name}' is not a published workflow; {listed}"


def _open(work: Work, args: argparse.Namespace, definition: Definition, person: str) -> int:
    made = work.hands.open(definition.name, person, auth="cli")
    sheet = Filled(
        definition, attaching(lambda name, data: work.hands.attach(made.case, person, name, data), work.setup.settings)
    )
    try:
        acting.filled(args, sheet)
        if sheet.values or sheet.grounds:
            work.hands.save_draft(made.case, person, sheet.values, sheet.grounds, 0)
    except BaseException:
        work.hands.discard(made.case, person)
        raise
    if args.then:
        try:
            done = acting.act(
                work,
                made.case,
                person,
                args.then,
                Filled(definition, sheet.attach, reason=sheet.reason, note=sheet.note),
            )
        except Exception:
            note(f"trinh: {made.case} was opened and stays a draft")
            raise
        acting.receipt(work, done, args)
        return 0
    if args.json:
        as_json({"case": made.case, "state": made.state, "event": made.seq, "hash": made.hash})
    else:
        say(f"{made.case} opened, {made.state}; edit it at {work.setup.settings.base_url}/c/{made.case}/edit")
    return 0
