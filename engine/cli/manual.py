"""Help like a manual page, and usage errors that end with exit code 1 and one sentence."""

from __future__ import annotations

import argparse
import shutil
from typing import Any, NoReturn

from engine.cli.errors import Mistake

EXIT_CODES = """exit codes:
  0  done; for check, test and verify: nothing found
  1  refused, or something found: the message says what to put right
  3  a fault of the program or the machine, or the ledger could not be read"""


class _Formatter(argparse.RawDescriptionHelpFormatter):
    def __init__(self, prog: str):
        super().__init__(prog, max_help_position=28, width=min(shutil.get_terminal_size().columns, 100))


class Manual(argparse.ArgumentParser):
    """A parser whose help names examples and exit codes."""

    def __init__(self, *args: Any, examples: str = "", **given: Any):
        parts = [f"examples:\n{_indented(examples)}" if examples else "", EXIT_CODES]
        given.setdefault("epilog", "\n\n".join(part for part in parts if part))
        given.setdefault("formatter_class", _Formatter)
        given.setdefault("allow_abbrev", False)
        super().__init__(*args, **given)

    def error(self, message: str) -> NoReturn:
        raise Mistake(f"{message}. `{self.prog} --help` explains")


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.strip().split("\n"))


def common(made: argparse.ArgumentParser, *, json: bool = False, lang: bool = False, acting: str = "") -> None:
    """Options that several verbs share."""
    if acting:
        made.add_argument("--as", dest="acting", metavar="PERSON", help=acting)
    if lang:
        made.add_argument("--lang", choices=("vi", "en"), help="language of labels (default: that of the terminal)")
    if json:
        made.add_argument("--json", action="store_true", help="print one JSON document instead of text")
