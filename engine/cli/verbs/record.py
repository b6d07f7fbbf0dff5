"""`trinh record`: a clerk records the letter of a body that does not click."""

from __future__ import annotations

import argparse
from datetime import date
from pathlib import Path

from engine.cli import acting
from engine.cli.answers import Filled
from engine.cli.errors import Mistake
from engine.cli.manual import common
from engine.cli.site import case_id_of, case_of, setup_of, working

HELP = "record the letter of a body outside: number, date, file, outcome"
DESCRIPTION = """Record a letter that decides a case in a state held by a body outside (the Prime Minister), or one that an action asks for
(--field report, --field consulted). The person is the clerk who holds the task; the letter's file is kept under its hash.
Without ACTION, print what the clerk may record."""
EXAMPLES = """
trinh record DR-2022-0012 approve --as F23 --number 512/TTg-QHQT --date 2022-05-20 --file letter.pdf --outcome "Đồng ý"
trinh record DR-2022-0012 hand_in --as F02 --field report --number 31/BC-SNgV --date 2022-07-04 --file report.pdf
"""


def arguments(made: argparse.ArgumentParser) -> None:
    made.add_argument("case", metavar="CASE", help="reference or id")
    made.add_argument("action", metavar="ACTION", nargs="?", help="what the letter decides; left out: what is offered")
    made.add_argument("--number", metavar="TEXT", help="number of the letter")
    made.add_argument("--date", metavar="DAY", help="date of the letter, 2022-05-20")
    made.add_argument("--file", dest="paper", metavar="FILE", help="the signed letter")
    made.add_argument("--outcome", metavar="TEXT", help="what it says, in one line")
    made.add_argument("--field", default="letter", metavar="NAME", help="the field of the letter (default: letter)")
    made.add_argument("--basis", metavar="TEXT", help="the legal basis, kept as the note")
    made.add_argument(
        "--set", action="append", default=[], metavar="NAME=VALUE", help="further answers, as in `trinh decide`"
    )
    made.add_argument("--reason", metavar="TEXT", help="the reason, where one is asked")
    made.add_argument("--note", metavar="TEXT", help="a note, where one may be given")
    common(made, json=True, lang=True, acting="the clerk who holds the task (default: TRINH_AS)")


def run(args: argparse.Namespace) -> int:
    args.file = None
    if args.basis and args.note:
        raise Mistake("--basis is kept as the note: give one of --basis and --note")
    args.note = args.basis or args.note
    if args.action:
        _complete(args)
    with working(setup_of(args)) as work:
        work.catch_up(case_id_of(work.engine, args.case))
        with work.engine.snapshot() as snap:
            case = case_of(snap, args.case)
            state = snap.definition(case).states.get(case.state)
        if args.field == "letter" and state is not None and not state.external:
            raise Mistake(
                f"{case.reference or case.id} is in {case.state}, which waits for no letter from outside; "
                "`trinh decide` takes other actions, --field names another letter"
            )
        return acting.take(work, args, args.action, lambda sheet: _fill(args, sheet))


def _complete(args: argparse.Namespace) -> None:
    missing = [f"--{name}" for name in ("number", "date") if not getattr(args, name)]
    if missing:
        raise Mistake(f"a letter has a number and a date: give {' and '.join(missing)}")
    try:
        date.fromisoformat(args.date if len(args.date) == 10 else "")
    except ValueError:
        raise Mistake(f"'{args.date}' is not a day such as 2022-05-20") from None


def _fill(args: argparse.Namespace, sheet: Filled) -> None:
    sheet.known(args.field)
    if sheet.definition.fields[args.field].type.kind != "letter":
        letters = [name for name, field in sheet.definition.fields.items() if field.type.kind == "letter"]
        raise Mistake(f"'{args.field}' is not a letter; letters: {', '.join(letters)}")
    acting.filled(args, sheet)
    letter = {"number": args.number, "date": args.date, "outcome": args.outcome or ""}
    if args.paper:
        letter["file"] = sheet.attach(Path(args.paper))
    sheet.values[args.field] = letter
