"""`trinh history`: what happened to a case, or what was known of it at a moment."""

from __future__ import annotations

import argparse

from engine.cli.errors import Mistake
from engine.cli.instants import EXPECTED, instant
from engine.cli.manual import common
from engine.cli.output import as_json, say
from engine.cli.site import case_id_of, looking, setup_of

HELP = "the events of a case, now or as they were at a moment"
DESCRIPTION = """Replay a case from its events. --at shows what was recorded until a moment, --seq until an event, as an auditor asks:
state, due date, findings and what the clock was going to do."""
EXAMPLES = """
trinh history DR-2022-0012
trinh history DR-2022-0012 --at "2022-08-09 16:30"
trinh history DR-2022-0012 --seq 4 --json
"""


def arguments(made: argparse.ArgumentParser) -> None:
    made.add_argument("case", metavar="CASE", help="reference or id")
    when = made.add_mutually_exclusive_group()
    when.add_argument("--at", metavar="MOMENT", help=EXPECTED)
    when.add_argument("--seq", type=int, metavar="N", help="up to event N")
    common(made, json=True, lang=True)


def run(args: argparse.Namespace) -> int:
    from engine.audit.timeline import history

    setup = setup_of(args)
    at = instant(args.at, setup.calendar) if args.at else None
    if args.seq is not None and args.seq < 1:
        raise Mistake("--seq counts from 1")
    with looking(setup) as engine:
        case = case_id_of(engine, args.case)
        try:
            found = history(engine, case, at=at, seq=args.seq)
        except LookupError:
            when = f"at {args.at}" if args.at else f"as event {args.seq}"
            raise Mistake(f"nothing was recorded of {args.case} {when}") from None
    if args.json:
        as_json(found.as_json())
    else:
        for line in found.lines(args.lang):
            say(line)
    return 0
