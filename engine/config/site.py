"""A whole site as values: settings, directory, calendar, shared tables, and the names that workflow files may use."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from engine.config.calendar import read_calendar
from engine.config.directory import read_directory
from engine.config.settings import Settings, load_settings, shown
from engine.config.tables import ColumnType, Tables
from engine.core.calendar import Calendar
from engine.core.directory import Directory
from engine.core.world import Site
from engine.definitions.problems import Problem, Problems
from engine.definitions.site import SiteNames
from engine.definitions.source import Source

Read = TypeVar("Read")
_WORKFLOW = re.compile(rb"""(?m)^\s*workflow\s*=\s*(["'])([a-z0-9_-]{1,80})\1""")
_BEGINNING = 64 * 1024  # bytes of a file in which its name stands


@dataclass(frozen=True)
class SiteSetup:
    """What `open_engine` needs. `register_types` says what the columns of a register hold."""

    settings: Settings
    directory: Directory
    calendar: Calendar
    site: Site
    names: SiteNames
    register_types: dict[str, dict[str, ColumnType]]


def load_site(config_path: Path) -> SiteSetup:
    """The site of one config.toml. Raises Problems of all its files together."""
    settings = load_settings(config_path)
    problems: list[Problem] = []

    def kept(read: Callable[[], Read]) -> Read | None:
        try:
            return read()
        except Problems as error:
            problems.extend(error.items)
            return None

    groups = {name: tuple(slugs) for name, slugs in settings.file.groups_of_bodies.items()}
    directory = kept(lambda: load_directory(settings.directory, groups))
    calendar = kept(lambda: load_calendar(settings))
    tables = Tables(settings, directory or Directory())
    site = kept(tables.site) if directory is not None else None
    if problems or directory is None or calendar is None or site is None:
        raise Problems(problems)
    names = SiteNames(directory, site, workflows=workflows(settings.workflows))
    return SiteSetup(settings, directory, calendar, site, names, tables.types)


def workflows(folder: Path) -> frozenset[str]:
    """Names of the workflows whose files lie in a folder. What else is wrong with a file is said when it is loaded."""
    found = set()
    for path in folder.glob("*.toml"):
        if path.name.endswith(".scenarios.toml"):
            continue
        with suppress(OSError):
            above_tables = path.read_bytes()[:_BEGINNING].partition(b"\n[")[0]
            named = _WORKFLOW.search(above_tables)
            found |= {named[2].decode("ascii")} if named else set()
    return frozenset(found)


def load_directory(path: Path, groups: dict[str, tuple[str, ...]] | None = None) -> Directory:
    """One directory.toml. Raises Problems."""
    return read_directory(Source.read(path, shown(path)), groups)


def load_calendar(settings: Settings) -> Calendar:
    """The site's calendar. Raises Problems."""
    return read_calendar(Source.read(settings.calendar, shown(settings.calendar)), settings.zone)
