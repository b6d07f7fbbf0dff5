"""From arguments to a verb, and from its errors to one sentence and an exit code."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import traceback
import types
from typing import Any

from engine.cli import output
from engine.cli.errors import OURS, USER, told
from engine.cli.manual import Manual

# in the order of the help: first a site, then its workflows, its cases, its record, its lists
VERBS = (
    "init", "serve", "demo", "check", "publish", "graph", "test", "open", "list", "show", "decide", "record", "history",
    "verify", "register", "people",
)  # fmt: skip
DESCRIPTION = """Trình: an approval engine. Workflows are TOML files, people decide from mailed links, every decision is an
event in a ledger that can be replayed and checked.

A site is a folder with a config.toml: --site DIR, else the nearest one upward."""
EXAMPLES = """
trinh init                                  make the database and the keys of this site
trinh check                                 every problem of every file
trinh serve                                 pages, mail and clock
trinh list --overdue                        cases past their due date
trinh decide DR-2022-0012 approve --as F13  decide without a mail
"""


def main(argv: list[str] | None = None) -> int:
    """Run one command; the exit code."""
    output.prepare()
    _leave_out_prompts()
    lang = output.language(None)
    try:
        args = parser().parse_args(argv)
        lang = args.lang = output.language(getattr(args, "lang", None))
        code = int(args.run(args))
        sys.stdout.flush()
        return code
    except BrokenPipeError:  # the reader of a pipe has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return USER
    except KeyboardInterrupt:
        output.note("trinh: interrupted")
        return USER
    except Exception as error:
        return _failed(error, lang)


def _leave_out_prompts() -> None:
    """The CEL library imports a shell of its own (typer, rich, prompt_toolkit) with every use: a fifth of a second."""
    sys.modules.setdefault("cel.cli", types.ModuleType("cel.cli"))


def _failed(error: Exception, lang: str) -> int:
    if os.environ.get("TRINH_DEBUG") == "1":
        traceback.print_exc()
    found = told(error, lang)
    if found is not None:
        output.note(found[0])
        return found[1]
    first = (str(error).strip().split("\n") or [""])[0]
    output.note(f"trinh: a fault of the program or the machine: {type(error).__name__}: {first}")
    if os.environ.get("TRINH_DEBUG") != "1":
        output.note("       TRINH_DEBUG=1 shows where")
    return OURS


def parser() -> Manual:
    """All verbs with their help. A verb's module is light: what it needs is imported when it runs."""
    top = Manual("trinh", description=DESCRIPTION, examples=EXAMPLES)
    top.add_argument("--site", metavar="DIR", help="folder of the site")
    top.add_argument("--version", action=_Version, nargs=0, help="print the version")
    verbs = top.add_subparsers(metavar="COMMAND", title="commands", required=True, parser_class=Manual)
    for name in VERBS:
        verb: Any = importlib.import_module(f"engine.cli.verbs.{name}")
        made = verbs.add_parser(name, help=verb.HELP, description=verb.DESCRIPTION, examples=verb.EXAMPLES)
        made.add_argument(
            "--site",
            metavar="DIR",
            default=argparse.SUPPRESS,
            help="folder of the site (default: the nearest config.toml upward)",
        )
        verb.arguments(made)
        made.set_defaults(run=verb.run, verb=name)
    return top


class _Version(argparse.Action):
    def __call__(self, parser: argparse.ArgumentParser, *found: Any) -> None:
        from importlib.metadata import PackageNotFoundError, version

        try:
            print(f"trinh {version('trinh')}")
        except PackageNotFoundError:
            print("trinh (this checkout is not installed)")
        parser.exit()


__all__ = ["main"]
