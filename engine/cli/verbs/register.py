"""`trinh register`: lists that rules read, imported and shown."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.cli.errors import Mistake
from engine.cli.manual import common
from engine.cli.output import as_json, note, say, table
from engine.cli.site import looking, person_of, setup_of, working

if TYPE_CHECKING:
    from engine.config.site import SiteSetup
    from engine.core.directory import Directory, Person
    from engine.core.world import RegisterSpec

HELP = "import, list and show registers: plan items, directives, trips …"
DESCRIPTION = """Registers are lists that cases publish and rules read. `import` takes rows from a CSV sheet (UTF-8; comma, semicolon or tab)
or a TOML file; every cell is checked against its column, and a file with one mistake imports nothing. Who may import: an
administrator, or whoever holds a seat in the body that keeps the register (`kept_by`)."""
EXAMPLES = """
trinh register list
trinh register import plan_items plan-2022.csv
trinh register import directives directives.toml --mode replace --as F08
trinh register show plan_items --json
"""


def arguments(made: argparse.ArgumentParser) -> None:
    what = made.add_subparsers(metavar="WHAT", title="what", required=True, dest="what")
    take = what.add_parser("import", help="take rows from a file", description="Take rows from a CSV or TOML file.")
    take.add_argument("name", metavar="NAME", help="the register")
    take.add_argument("file", metavar="FILE", help="rows: .csv or .toml")
    take.add_argument(
        "--mode",
        choices=("add", "replace"),
        default="add",
        help="beside the rows imported before, or instead of them (default: add)",
    )
    common(take, json=True, acting="who answers for it (default: the only administrator)")
    common(
        what.add_parser("list", help="registers with their columns", description="Registers with their columns."),
        json=True,
    )
    show = what.add_parser("show", help="rows of a register", description="Rows of a register.")
    show.add_argument("name", metavar="NAME", help="the register")
    show.add_argument("--limit", type=int, default=2000, metavar="N", help="at most N rows (default 2000)")
    common(show, json=True)


def run(args: argparse.Namespace) -> int:
    return {"import": _import, "list": _list, "show": _show}[args.what](args)


def _spec(setup: SiteSetup, name: str) -> RegisterSpec:
    from engine.definitions.problems import did_you_mean

    found = setup.site.registers.get(name)
    if found is None:
        meant = did_you_mean(name, setup.site.registers) or f"registers: {', '.join(sorted(setup.site.registers))}"
        raise Mistake(f"there is no register '{name}'; {meant}")
    return found


def _import(args: argparse.Namespace) -> int:
    from engine.config.rows import Columns, read_rows

    setup = setup_of(args)
    spec = _spec(setup, args.name)
    with working(setup) as work:
        with work.engine.snapshot() as snap:
            directory = snap.directory
        by = _keeper(directory, spec, args.acting).id
        unique = setup.settings.file.registers[spec.name].unique
        rows = read_rows(Path(args.file), Columns(spec, setup.register_types[spec.name], directory, unique))
        done = work.hands.import_register(spec.name, rows, by, args.mode)
    if args.json:
        as_json({"register": done.register, "added": done.added, "removed": done.removed, "kept": done.kept})
    else:
        say(f"{done.register}: {done.added} rows added, {done.removed} removed, {done.kept} were there")
    return 0


def _keeper(directory: Directory, spec: RegisterSpec, text: str | None) -> Person:
    """An administrator, or somebody seated in the body that keeps the register."""
    from engine.cli.site import administrator

    person = person_of(directory, text) if text else administrator(directory, None)
    seated = any(seat.person == person.id and seat.body == spec.kept_by for seat in directory.seats)
    if "admin" not in person.roles and not seated:
        whom = f"an administrator or somebody seated in {spec.kept_by}" if spec.kept_by else "an administrator"
        raise Mistake(f"{person.id} may not import {spec.name}; {whom} may")
    return person


def _list(args: argparse.Namespace) -> int:
    from engine.store import registers

    setup = setup_of(args)
    with looking(setup) as engine, engine.snapshot() as snap:
        sizes = registers.sizes(snap.conn)
    specs = setup.site.registers.values()
    if args.json:
        as_json(
            [
                {
                    "name": s.name,
                    "keys": s.keys,
                    "columns": s.columns,
                    "kept_by": s.kept_by,
                    "rows": sizes.get(s.name, 0),
                }
                for s in specs
            ]
        )
    else:
        rows = [(s.name, sizes.get(s.name, 0), ", ".join(s.keys), ", ".join(s.columns), s.kept_by) for s in specs]
        table(("REGISTER", "ROWS", "KEYS", "COLUMNS", "KEPT BY"), rows)
    return 0


def _show(args: argparse.Namespace) -> int:
    from engine.store import registers

    setup = setup_of(args)
    spec = _spec(setup, args.name)
    if args.limit < 1:
        raise Mistake("--limit counts from 1")
    with looking(setup) as engine, engine.snapshot() as snap:
        rows = registers.listed(snap.conn, spec.name, args.limit)
        total = registers.sizes(snap.conn).get(spec.name, 0)
    columns = (*spec.keys, *spec.columns)
    if args.json:
        as_json({"register": spec.name, "total": total, "rows": rows})
    elif rows:
        table([name.upper() for name in columns], [[_cell(row.get(name)) for name in columns] for row in rows])
    if not args.json:
        note(f"{total} row{'' if total == 1 else 's'}")
    return 0


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(str(item) for item in value) if isinstance(value, list) else str(value)
