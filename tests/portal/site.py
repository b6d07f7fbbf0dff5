"""The people and bodies of 2022 and the delegation workflow, read once for the tests of the forms."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path

from engine.core.directory import Body, Directory, Person, Seat
from engine.core.model import Definition
from engine.definitions.loader import load_file

WORKFLOWS = Path(__file__).resolve().parents[2] / "workflows"


@functools.cache
def delegation() -> Definition:
    return load_file(WORKFLOWS / "delegation-out.toml", None).definition


@functools.cache
def directory() -> Directory:
    data = tomllib.loads((WORKFLOWS / "site" / "directory.toml").read_text("utf-8"))
    people = {i: Person(i, p["name"], p["mail"], p["agency"], p["post"], p["level"]) for i, p in data["people"].items()}
    bodies = {s: Body(s, b["kind"], b["vi"], b["en"], office=b.get("office", "")) for s, b in data["bodies"].items()}
    seats = tuple(Seat(body, s["right"], s["person"]) for body, listed in data["seats"].items() for s in listed)
    return Directory(bodies, people, seats, version=1)
