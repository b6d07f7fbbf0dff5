"""`trinh test`: play scenarios on a simulated clock."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.cli.errors import Mistake
from engine.cli.manual import common
from engine.cli.output import safe
from engine.cli.site import config_of, setup_of

HELP = "play scenario files through the real engine on a simulated clock"
DESCRIPTION = """Play the scenarios beside the workflows: people act, days pass, and states, findings, mails, documents and dates must be as
written. Each scenario runs in a database of its own, SQLite in a temporary folder unless --database names a PostgreSQL
server's database that may be filled."""
EXAMPLES = """
trinh test
trinh test workflows/delegation-out.scenarios.toml --only S-01 --only 'S-4*'
trinh test --database postgresql://trinh@127.0.0.1/scratch
"""


def arguments(made: argparse.ArgumentParser) -> None:
    made.add_argument("files", nargs="*", metavar="FILE", help="scenario files or folders (default: those of the site)")
    made.add_argument("--only", action="append", default=[], metavar="ID", help="scenarios by id; 'S-4*' for many")
    made.add_argument("--database", metavar="URL", help="an empty database that may be filled (default: SQLite)")
    common(made)


def run(args: argparse.Namespace) -> int:
    from engine.scenarios.run import run_files

    site = setup_of(args) if args.site else None
    files = [Path(name) for name in args.files] or [_folder(args)]
    return run_files(
        files,
        site=site,
        database_url=args.database,
        only=tuple(args.only),
        report=lambda text: print(safe(text), flush=True),
    )


def _folder(args: argparse.Namespace) -> Path:
    from engine.config.settings import load_settings, shown

    folder = load_settings(config_of(args)).workflows
    if not any(folder.glob("*.scenarios.toml")):
        raise Mistake(f"there are no scenarios (*.scenarios.toml) in {shown(folder)}")
    return Path(shown(folder))
