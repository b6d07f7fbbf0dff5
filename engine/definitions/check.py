"""All checks of one file, in the order in which one builds on another. Returns every problem, warnings included."""

from __future__ import annotations

from engine.core.model import Definition
from engine.definitions.checks import actors, declared, expressions, loose, names, pages, reach, texts, times
from engine.definitions.checks.desk import Desk
from engine.definitions.positions import Path
from engine.definitions.problems import Problem
from engine.definitions.schema import WorkflowFile
from engine.definitions.site import SiteNames
from engine.definitions.tree import Node


def check(
    root: Node, file: WorkflowFile, definition: Definition, site: SiteNames | None, *, cut: frozenset[Path]
) -> list[Problem]:
    """What is wrong with a file of the right shape. `cut`: paths that were left out of the definition."""
    desk = Desk(root, file, definition, site, cut)
    declared.check(desk)
    names.check(desk)
    actors.check(desk)
    typer = expressions.check(desk)
    times.check(desk, typer)
    pages.check(desk)
    reach.check(desk)
    texts.check(desk)
    loose.informs(desk)
    loose.unbuilt(desk)
    if not any(problem.severity == "error" for problem in desk.problems):
        loose.unused(desk, typer)
    return desk.problems
