"""`trinh publish`: make a checked file the active version of its workflow."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from engine.cli.files import workflow_file
from engine.cli.manual import common
from engine.cli.output import as_json, note, safe, say
from engine.cli.site import administrator, setup_of, working

if TYPE_CHECKING:
    from engine.config.site import SiteSetup
    from engine.core.model import Definition

HELP = "make a checked workflow file active"
DESCRIPTION = """Check a workflow file and print its documents with a made-up case; then keep its exact bytes in the database and make it
the active version of its workflow. New cases use it from its `effective` day on; running cases keep theirs (or adopt it
where the file says so). A file with problems changes nothing. The same bytes again change nothing."""
EXAMPLES = """
trinh publish delegation-out
trinh publish workflows/delegation-out.toml --as F26
"""


def arguments(made: argparse.ArgumentParser) -> None:
    made.add_argument("name", metavar="NAME", help="a workflow of the site, or a file")
    common(made, json=True, acting="the administrator who publishes (default: the only one)")


def run(args: argparse.Namespace) -> int:
    from engine.definitions.loader import load_file
    from engine.store import definitions

    setup = setup_of(args)
    path = workflow_file(setup.settings.workflows, args.name)
    loaded = load_file(path, setup.names)
    for warning in loaded.warnings:
        note(safe(warning.text()))
    _documents(setup, loaded.definition)
    with working(setup) as work:
        with work.engine.snapshot() as snap:
            by = administrator(snap.directory, args.acting).id
            before = definitions.active(snap.conn, loaded.definition.name)
        done = work.hands.publish(loaded, by)
    fresh = done.version != before
    if args.json:
        as_json({"workflow": done.name, "version": done.version, "sha256": done.sha256, "new": fresh})
    elif fresh:
        say(f"{done.name} version {done.version} is active ({done.sha256[:12]}); running cases keep theirs")
    else:
        say(f"{done.name} version {done.version} has these bytes already; nothing changed")
    return 0


def _documents(setup: SiteSetup, definition: Definition) -> None:
    """Whatever the workflow issues must print, or its first case would find out. Raises Problems."""
    from engine.definitions.problems import Problems
    from engine.documents.checks import check

    found = check(setup, [definition])
    if any(item.severity == "error" for item in found):
        raise Problems(found)
    for warning in found:
        note(safe(warning.text()))
