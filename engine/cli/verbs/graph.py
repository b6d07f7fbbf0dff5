"""`trinh graph`: a workflow as a drawing."""

from __future__ import annotations

import argparse
from pathlib import Path

from engine.cli.errors import Mistake
from engine.cli.files import workflow_file
from engine.cli.manual import common
from engine.cli.output import note
from engine.cli.site import setup_of

HELP = "draw a workflow: SVG for one A4 landscape page, or Mermaid"
DESCRIPTION = """Draw the states and transitions of a workflow file."""
EXAMPLES = """
trinh graph delegation-out --output delegation-out.svg
trinh graph delegation-out --format mermaid --lang en
"""


def arguments(made: argparse.ArgumentParser) -> None:
    made.add_argument("name", metavar="NAME", help="a workflow of the site, or a file")
    made.add_argument("--format", choices=("svg", "mermaid"), default="svg", help="default: svg")
    made.add_argument("--output", "-o", metavar="FILE", help="where to write (default: standard output)")
    common(made, lang=True)


def run(args: argparse.Namespace) -> int:
    from engine.definitions import graph
    from engine.definitions.loader import load_file

    setup = setup_of(args)
    definition = load_file(workflow_file(setup.settings.workflows, args.name), setup.names).definition
    if args.format == "mermaid":
        text = graph.mermaid(definition, args.lang)
    else:
        text = graph.svg(definition, args.lang, setup.directory)
    if not args.output:
        print(text)
        return 0
    try:
        Path(args.output).write_text(text if text.endswith("\n") else text + "\n", "utf-8")
    except OSError as error:
        raise Mistake(f"{args.output} cannot be written: {error.strerror}") from None
    note(f"{args.output} written")
    return 0
