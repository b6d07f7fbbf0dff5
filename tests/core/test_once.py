"""What is worked out once per look at the world is the same as worked out each time."""

from __future__ import annotations

from engine.core.calendar import Calendar
from engine.core.directory import Directory
from engine.core.expressions import reads
from engine.core.facts import of_dossier
from engine.core.model import Definition, RouteRow, Start, Text
from engine.core.world import Site, World


def definition(**lets: str) -> Definition:
    return Definition(
        "w",
        Text("a", "a"),
        Start("S"),
        {},
        {},
        {},
        lets=lets,
        routes={"review": (RouteRow("C1", "S"),)},
        parameters={"most": 3},
    )


def test_an_answer_is_kept_for_the_very_same_objects():
    world = World(directory=Directory(), calendar=Calendar(), site=Site(), rows=lambda r, k: ([], 0), now=0)
    calls: list[int] = []
    one, other = {"a": 1}, {"a": 1}

    def make() -> int:
        calls.append(1)
        return len(calls)

    assert world.once("x", (one,), make) == world.once("x", (one,), make) == 1
    assert world.once("x", (other,), make) == 2, "equal is not the same"
    assert world.once("y", (one,), make) == 3


def test_names_are_found_through_named_values():
    made = definition(a="b + members.size()", b="today.getFullYear()")
    assert {"today", "members", "size()"} <= reads(made, "a")
    assert not of_dossier(made, "a")


def test_what_changes_with_the_moment_is_not_kept():
    made = definition()
    assert of_dossier(made, "members.map(m, m.person.id) + [head.id]")
    assert of_dossier(made, "members.size() > most")
    for source in (
        "actor.id == head.id",
        "review.pm",
        "trips(head.id).size() > 0",
        "took('approve')",
        "now > departure",
    ):
        assert not of_dossier(made, source), source
