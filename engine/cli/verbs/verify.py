"""`trinh verify`: read the whole ledger and say what contradicts what."""

from __future__ import annotations

import argparse
import sys

from engine.cli.errors import Mistake
from engine.cli.manual import common
from engine.cli.output import as_json, note, say
from engine.cli.site import case_id_of, looking, setup_of

HELP = "check the ledger: chain, proofs, rows, documents; change nothing"
DESCRIPTION = """Check one case, or everything: exact bytes and hashes, the chain, personal values against their commitments, legality of every
step, the proofs of mailed links, the case rows against a replay, numbers, kept files, guards. Reads one snapshot, writes
nothing, and says what it could not check.

Exit code 0: clean; 1: findings; 3: the ledger could not be read."""
EXAMPLES = """
trinh verify
trinh verify DR-2022-0012
trinh verify --json > verify.json
"""


def arguments(made: argparse.ArgumentParser) -> None:
    made.add_argument("case", metavar="CASE", nargs="?", help="reference or id (default: every case)")
    common(made, json=True)


def run(args: argparse.Namespace) -> int:
    from engine.audit.verify import verify
    from engine.core.events import LOG

    with looking(setup_of(args)) as engine:
        case = None if args.case is None else LOG if args.case == LOG else case_id_of(engine, args.case)
        try:
            report = verify(engine, case, progress=_progress if sys.stderr.isatty() and not args.json else None)
        except LookupError:
            raise Mistake(f"there is no case '{args.case}'") from None
    if args.json:
        as_json(report.as_json())
        return 0 if report.clean else 1
    for found in report.findings:
        say(found.line())
    count = len(report.findings)
    say(
        f"{report.cases} case{'' if report.cases == 1 else 's'}, {report.events} events: {'clean' if report.clean else f'{count} findings'}"
    )
    note("Not shown by this check:")
    for sentence in report.scope:
        note(f"  {sentence}")
    return 0 if report.clean else 1


def _progress(done: int, total: int) -> None:
    if done % 50 == 0 or done == total:
        print(f"\r{done}/{total}", end="\n" if done == total else "", file=sys.stderr, flush=True)
