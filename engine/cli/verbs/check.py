"""`trinh check`: every problem of every file, with its line."""

from __future__ import annotations

import argparse
import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from engine.cli.errors import Mistake
from engine.cli.files import SCENARIOS, scenario_files, workflow_files
from engine.cli.manual import common
from engine.cli.output import note, safe
from engine.cli.site import config_of

if TYPE_CHECKING:
    from engine.config.site import SiteSetup
    from engine.definitions.problems import Problem
    from engine.definitions.site import SiteNames

HELP = "check workflow files, scenarios and settings; change nothing"
DESCRIPTION = """Check files and print every problem with its line: config.toml with directory and calendar, then the named files, or all
workflows and scenarios of the site. Warnings do not fail the check.

The whole site, or a named template, also prints every document as a page with a made-up case, which takes seconds; a named
workflow alone does not.

--config checks the settings and the machine alone: what `trinh serve` asks before it opens its port."""
EXAMPLES = """
trinh check
trinh check workflows/delegation-out.toml
trinh check templates/documents/D-07.html
trinh check --config
trinh check --json | jq '.problems[].code'
"""


def arguments(made: argparse.ArgumentParser) -> None:
    made.add_argument("files", nargs="*", metavar="FILE", help="files to check (default: all of the site)")
    made.add_argument("--config", action="store_true", help="settings and machine alone")
    common(made, json=True)


def run(args: argparse.Namespace) -> int:
    from engine.config.settings import shown
    from engine.definitions.problems import in_order

    problems: list[Problem] = []
    setup = _site(args, problems)
    if args.config:
        files, problems = [Path(shown(config_of(args)))], problems + (_machine(setup) if setup else [])
    else:
        files = _files(args, setup)
        templates = [path for path in files if setup is not None and _is_template(path, setup)]
        for path in files:
            problems += _one(path, setup) if path not in templates else []
        if setup is not None and (templates or not args.files):
            problems += _documents(setup)
    found = in_order(problems)
    errors = sum(item.severity == "error" for item in found)
    if args.json:
        listed = [item.as_json() for item in found]
        print(json.dumps({"files": [str(f) for f in files], "problems": listed}, ensure_ascii=False, indent=2))
    else:
        _print(found, len(files), errors)
    return 1 if errors else 0


def _site(args: argparse.Namespace, problems: list[Problem]) -> SiteSetup | None:
    """The site whose names the files may use; without one, files are checked for what they say themselves."""
    from engine.config.site import load_site
    from engine.definitions.problems import Problems

    try:
        config = config_of(args)
    except Mistake:
        if not args.files or args.site or args.config:
            raise
        note("trinh: no config.toml: names of bodies, people and registers are not checked")
        return None
    try:
        setup = load_site(config)
    except Problems as error:
        problems += error.items
        return None
    problems += setup.settings.warnings
    return setup


def _is_template(path: Path, setup: SiteSetup) -> bool:
    return setup.settings.templates.resolve() in path.resolve().parents


def _documents(setup: SiteSetup) -> list[Problem]:
    """The templates of documents, and every document of every workflow printed with a made-up case. What is wrong with a
    workflow itself stops its prints and is said with its own file."""
    from engine.definitions.loader import load_file
    from engine.definitions.problems import Problems
    from engine.documents.checks import check

    definitions = []
    for path in workflow_files(setup.settings.workflows):
        with suppress(Problems):
            definitions.append(load_file(path, setup.names).definition)
    return check(setup, definitions)


def _machine(setup: SiteSetup) -> list[Problem]:
    """What the machine says, and the database when nothing else stands in its way."""
    from engine.cli.site import refuse_unmade
    from engine.config.safety import refusals
    from engine.store.database import DatabaseRefused

    found = refusals(setup.settings)
    if any(item.severity == "error" for item in found):
        return found
    try:
        refuse_unmade(setup.settings)
    except (Mistake, DatabaseRefused) as error:
        path = ("database", "url") if ("database", "url") in setup.settings.source.spots else ("database",)
        found.append(setup.settings.source.problem("E603", str(error), path))
    return found


def _files(args: argparse.Namespace, setup: SiteSetup | None) -> list[Path]:
    from engine.config.settings import shown

    if args.files:
        missing = [name for name in args.files if not Path(name).is_file()]
        if missing:
            raise Mistake(f"there is no file {missing[0]}")
        return [Path(name) for name in args.files]
    if setup is None:
        return []
    folder = setup.settings.workflows
    return [Path(shown(path)) for path in (*workflow_files(folder), *scenario_files(folder))]


def _one(path: Path, setup: SiteSetup | None) -> list[Problem]:
    from engine.definitions.problems import Problems

    try:
        if path.name.endswith(SCENARIOS):
            from engine.scenarios.run import prepared

            prepared(path, setup)
            return []
        if path.name == "config.toml":
            from engine.config.site import load_site

            return list(load_site(path).settings.warnings)
        return _workflow(path, setup.names if setup else None)
    except Problems as error:
        return list(error.items)


def _workflow(path: Path, names: SiteNames | None) -> list[Problem]:
    from engine.definitions.loader import load_file

    return list(load_file(path, names).warnings)


def _print(found: tuple[Problem, ...], files: int, errors: int) -> None:
    from engine.definitions.problems import listed

    if found:
        print(safe(listed(found)))
    warnings = len(found) - errors
    parts = [_many(files, "file"), _many(errors, "error") if errors else "no errors"]
    parts += [_many(warnings, "warning")] if warnings else []
    note(", ".join(parts))


def _many(count: int, word: str) -> str:
    return f"{count} {word}{'' if count == 1 else 's'}"
