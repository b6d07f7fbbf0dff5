"""`trinh decide`: take an action for a person, without a mail."""

from __future__ import annotations

import argparse

from engine.cli import acting
from engine.cli.manual import common
from engine.cli.site import setup_of, working

HELP = "take an action on a case for a person, as if from a mailed link"
DESCRIPTION = f"""Take an action on a case. A link is minted (via=cli, in the ledger) and spent at once, so the decision is proved like one
from a mail. Without ACTION, print what the person may do now.

{acting.ANSWERS}"""
EXAMPLES = """
trinh decide DR-2022-0012 --as F21
trinh decide DR-2022-0012 forward --as F21
trinh decide DR-2022-0012 reject --as F13 --reason "Chưa cần thiết"
"""


def arguments(made: argparse.ArgumentParser) -> None:
    made.add_argument("case", metavar="CASE", help="reference or id")
    made.add_argument("action", metavar="ACTION", nargs="?", help="what to do; left out: what is offered")
    acting.options(made)
    common(made, json=True, lang=True, acting="who decides: id or mail address (default: TRINH_AS)")


def run(args: argparse.Namespace) -> int:
    with working(setup_of(args)) as work:
        return acting.take(work, args, args.action, lambda sheet: acting.filled(args, sheet))
