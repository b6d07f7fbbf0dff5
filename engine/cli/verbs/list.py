"""`trinh list`: cases, the newest change first."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from engine.cli.errors import Mistake
from engine.cli.instants import due, iso
from engine.cli.manual import common
from engine.cli.output import as_json, note, table
from engine.cli.site import looking, person_of, setup_of

if TYPE_CHECKING:
    from engine.service import Snapshot
    from engine.store.views import CaseRow

HELP = "list cases"
DESCRIPTION = """List the cases of the site, the newest change first. Words after the options are looked for in title, reference and
names, with or without diacritics."""
EXAMPLES = """
trinh list --open
trinh list --state ORG_REVIEW --overdue
trinh list --person F02 Fukuoka
trinh list --json --limit 500 | jq -r '.cases[].reference'
"""


def arguments(made: argparse.ArgumentParser) -> None:
    made.add_argument("text", nargs="*", metavar="WORD", help="words in title, reference or people's names")
    made.add_argument("--workflow", metavar="NAME", help="cases of one workflow")
    made.add_argument("--state", metavar="STATE", help="cases in one state")
    made.add_argument("--person", metavar="PERSON", help="cases this person opened, holds or held a task of")
    which = made.add_mutually_exclusive_group()
    which.add_argument("--open", action="store_true", help="cases that have not ended")
    which.add_argument("--ended", action="store_true", help="cases that have ended")
    which.add_argument("--overdue", action="store_true", help="cases past their due date")
    made.add_argument("--limit", type=int, default=50, metavar="N", help="at most N cases (default 50)")
    made.add_argument("--offset", type=int, default=0, metavar="N", help="leave out the first N")
    common(made, json=True, lang=True)


def run(args: argparse.Namespace) -> int:
    from engine.store import views

    if not (1 <= args.limit <= 10_000 and 0 <= args.offset <= 10_000_000):
        raise Mistake("--limit is a number from 1 to 10000, --offset from 0")
    with looking(setup_of(args)) as engine, engine.snapshot() as snap:
        _names(snap, args)
        person = person_of(snap.directory, args.person, "--person").id if args.person else ""
        rows, total = views.cases(
            snap.conn,
            text=" ".join(args.text),
            state=args.state or "",
            workflow=args.workflow or "",
            person=person,
            open=True if args.open else False if args.ended else None,
            overdue_at=snap.now if args.overdue else None,
            limit=args.limit,
            offset=args.offset,
        )
        holders = views.live_persons(snap.conn)
        if args.json:
            as_json({"total": total, "cases": [_plain(row, holders.get(row.id, []), snap) for row in rows]})
        else:
            _print(rows, holders, snap, args.lang)
            note(f"{len(rows)} of {total} cases" if total != len(rows) else f"{total} case{'' if total == 1 else 's'}")
    return 0


def _names(snap: Snapshot, args: argparse.Namespace) -> None:
    """A name that nothing here has is a slip of the hand, not an empty list."""
    from engine.definitions.problems import did_you_mean

    workflows = {name: snap.active(name) for name in snap.workflows()}
    states = {state for found in workflows.values() if found for state in found.states}
    for text, known, what in ((args.workflow, set(workflows), "workflow"), (args.state, states, "state")):
        if text and text not in known:
            meant = did_you_mean(text, known)
            raise Mistake(f"there is no {what} '{text}'{'; ' + meant if meant else ''}")


def _label(snap: Snapshot, row: CaseRow, lang: str) -> str:
    try:
        return snap.library.pinned(snap.conn, row.workflow, row.version).states[row.state].label[lang]
    except KeyError:
        return row.state


def _plain(row: CaseRow, holders: list[str], snap: Snapshot) -> dict[str, Any]:
    calendar = snap.calendar
    return {
        "id": row.id,
        "reference": row.reference,
        "title": row.title,
        "workflow": row.workflow,
        "version": row.version,
        "state": row.state,
        "final": row.final,
        "urgent": row.urgent,
        "author": row.author,
        "holders": holders,
        "due": iso(row.due_at, calendar),
        "overdue": row.due_at is not None and row.due_at <= snap.now and not row.final,
        "opened": iso(row.opened, calendar),
        "entered": iso(row.entered, calendar),
        "changed": iso(row.at, calendar),
        "events": row.seq,
    }


def _print(rows: list[CaseRow], holders: dict[str, list[str]], snap: Snapshot, lang: str) -> None:
    if not rows:
        return
    lines = []
    for row in rows:
        late = row.due_at is not None and row.due_at <= snap.now and not row.final
        until = f"{due(row.due_at, snap.calendar)}{' !' if late else ''}" if row.due_at is not None else ""
        state = _label(snap, row, lang) + (" (urgent)" if row.urgent else "")
        lines.append((row.reference or row.id, state, until, ", ".join(holders.get(row.id, [])), row.title))
    table(("CASE", "STATE", "DUE", "WAITS FOR", "TITLE"), lines)
