"""The site a scenario file plays on, with the file's own directory, calendar, people.

It is the site that was named, else that of the nearest config.toml above the file, else above the working directory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

from engine.config.calendar import read_calendar
from engine.config.directory import ROLES
from engine.config.find import find_config
from engine.config.settings import load_settings
from engine.config.site import SiteSetup, load_directory, load_site
from engine.core.directory import Directory, Person, Seat
from engine.definitions.problems import Problem, Problems, did_you_mean
from engine.definitions.source import Source
from engine.definitions.tree import Node
from engine.scenarios.script import Script

_ANONYMOUS = re.compile(r"\bX(\d{1,3})(?:\.\.X?(\d{1,3}))?\b")
_PERSON = {field.name for field in fields(Person)} - {"id", "roles"} | set(ROLES)
RIGHTS = ("decide", "head", "secretary", "clerk")


def around(script: Script, site: SiteSetup | None = None) -> SiteSetup:
    """Raises Problems."""
    setup = site or load_site(_config(script))
    if script.directory:
        path = _file(script, "directory", script.directory, setup.settings.directory.parent)
        if path.resolve() != setup.settings.directory.resolve():
            setup = replace(setup, directory=load_directory(path, setup.directory.lists))
    if script.calendar:
        path = _file(script, "calendar", script.calendar, setup.settings.calendar.parent)
        if path.resolve() != setup.settings.calendar.resolve():
            calendar = read_calendar(Source.read(path, str(path)), setup.settings.zone)
            setup = replace(setup, calendar=calendar)
    directory = Cast(script, setup.directory).directory()
    return replace(setup, directory=directory, names=replace(setup.names, directory=directory))


def home(path: Path, site: SiteSetup | None = None) -> Path | None:
    """Folder of the site's workflows: names that do not stand beside a scenario file are looked for there."""
    if site is not None:
        return site.settings.workflows
    config = _near(path)
    try:
        return load_settings(config).workflows if config else None
    except Problems:  # told with the rest of the site
        return None


def _near(path: Path) -> Path | None:
    return find_config(path.resolve().parent) or find_config(Path.cwd())


def _config(script: Script) -> Path:
    found = _near(script.path)
    if found is None:
        hint = "go to the folder of the site, or name it with --site"
        message = "no site: there is no config.toml above this file, nor above the working directory"
        raise Problems([script.node.problem("E110", message, key=True, hint=hint)])
    return found


def _file(script: Script, key: str, name: str, home: Path) -> Path:
    """Beside the scenario file, in its folder `site`, or beside the site's own."""
    for place in (script.path.parent / name, script.path.parent / "site" / name, home / name):
        if place.is_file():
            return place
    node = script.node.table.get(key, script.node)
    raise Problems(
        [node.problem("E110", f"there is no file '{name}' beside this one, in its folder site, or in {home}")]
    )


class Cast:
    """People and seats of a scenario file beside those of the directory; X1, X2 … are nobody in particular."""

    def __init__(self, script: Script, directory: Directory):
        self.script, self.base = script, directory
        self.problems: list[Problem] = []

    def directory(self) -> Directory:
        people = {**self.base.people, **self._anonymous()}
        for name, values in self.script.people.items():
            people[name] = self._person(name, values)
        seats = [*self.base.seats]
        for body, rows in self.script.seats.items():
            seats += self._seats(body, rows, people)
        if self.problems:
            raise Problems(self.problems)
        return replace(self.base, people=people, seats=tuple(seats))

    def _anonymous(self) -> dict[str, Person]:
        most = 0
        for part in _texts(self.script):
            for match in _ANONYMOUS.finditer(part):
                most = max(most, int(match[1]), int(match[2] or 0))
        return {
            f"X{n}": Person(f"X{n}", f"Người Thử {n}", mail=f"x{n}@example.vn", level="AGENCY")
            for n in range(1, most + 1)
        }

    def _person(self, name: str, values: Any) -> Person:
        node = self.script.node.table.get("people")
        place = node.table.get(name) if node else None
        known = values if isinstance(values, dict) else {}
        for key in known:
            if key not in _PERSON:
                self._problem(place, key, "E103", f"unknown key '{key}'", did_you_mean(key, _PERSON))
        given = {key: value for key, value in known.items() if key in _PERSON and key not in ROLES}
        given.setdefault("name", name)
        given.setdefault("mail", f"{name.lower()}@example.vn")
        if "agency" in given and given["agency"] not in self.base.bodies:
            hint = did_you_mean(str(given["agency"]), self.base.bodies)
            self._problem(place, "agency", "E611", f"unknown body '{given['agency']}'", hint)
        roles = tuple(role for role in ROLES if known.get(role) is True)
        return Person(id=name, roles=roles, **given)

    def _seats(self, body: str, rows: Any, people: dict[str, Person]) -> Iterator[Seat]:
        node = self.script.node.table.get("seats")
        place = node.table.get(body) if node else None
        if body not in self.base.bodies:
            self._problem(node, body, "E611", f"unknown body '{body}'", did_you_mean(body, self.base.bodies))
        for number, row in enumerate(rows if isinstance(rows, list) else []):
            person, right = str(row.get("person", "")), str(row.get("right", ""))
            if person not in people:
                self._problem(place, number, "E612", f"unknown person '{person}'", did_you_mean(person, people))
            if right not in RIGHTS:
                self._problem(
                    place, number, "E104", f"'right' is one of: {', '.join(RIGHTS)}", did_you_mean(right, RIGHTS)
                )
            yield Seat(body, right, person, str(row.get("capacity", "")), f"{body}.{right}#{person}")

    def _problem(self, node: Node | None, key: str | int, code: str, message: str, hint: str) -> None:
        items = node.items if node is not None else None
        place: Node = self.script.node
        if isinstance(items, dict) and key in items:
            place = items[str(key)]
        elif isinstance(items, list) and isinstance(key, int) and key < len(items):
            place = items[key]
        elif node is not None:
            place = node
        self.problems.append(place.problem(code, message, hint=hint))


def _texts(script: Script) -> Iterator[str]:
    """Every text of the file and of those it includes."""
    sources = {id(script.node.source): script.node.source}
    for story in (*script.stories.values(), *script.scenarios):
        sources[id(story.node.source)] = story.node.source
    for dossier in script.dossiers.values():
        sources[id(dossier.node.source)] = dossier.node.source
    for source in sources.values():
        yield source.text
