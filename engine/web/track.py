"""The path of states: what is done, where the case is, and the usual way from here to a good end."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

from engine.core.case import Case
from engine.core.expressions import CannotTell, Scope
from engine.core.model import Definition, Transition


@dataclass(frozen=True, slots=True)
class Stop:
    """`at` is the instant the state was left (done) or entered (now); 0 ahead."""

    state: str
    kind: str  # done | now | ahead
    at: int = 0


def track(definition: Definition, case: Case, view: Scope | None = None) -> list[Stop]:
    """Loops are taken out: a state that is entered again starts the path anew from there."""
    path: list[tuple[str, int]] = []
    for step in case.history:
        if step.source and step.source != step.target:
            path = _without_loop(path, step.source)
            path.append((step.source, step.at))
    path = _without_loop(path, case.state)
    ahead = [] if case.final else usual(definition, case.state, case, view)
    done = [Stop(state, "done", at) for state, at in path if state not in ahead]
    return [
        *done,
        Stop(case.state, "done" if case.final == "good" else "now", case.entered),
        *(Stop(s, "ahead") for s in ahead),
    ]


def _without_loop(path: list[tuple[str, int]], state: str) -> list[tuple[str, int]]:
    for place, (known, _) in enumerate(path):
        if known == state:
            return path[:place]
    return path


def usual(definition: Definition, start: str, case: Case | None = None, view: Scope | None = None) -> list[str]:
    """The shortest way from a state to a final one that is good, without the start; empty when there is none."""
    came: dict[str, str] = {start: ""}
    queue = deque([start])
    while queue:
        state = queue.popleft()
        if definition.states[state].final == "good" and state != start:
            return _walk(came, state, start)
        for transition in definition.transitions.get(state, {}).values():
            if state == start and view is not None and not _possible(transition, view):
                continue
            for target in targets(definition, transition, case, view):
                if target not in came and definition.states[target].final != "bad":
                    came[target] = state
                    queue.append(target)
    return []


def _walk(came: dict[str, str], state: str, start: str) -> list[str]:
    found: list[str] = []
    while state != start:
        found.insert(0, state)
        state = came[state]
    return found


def _possible(transition: Transition, view: Scope) -> bool:
    try:
        return view.true(transition.when)
    except CannotTell:
        return True


def targets(
    definition: Definition, transition: Transition, case: Case | None = None, view: Scope | None = None
) -> list[str]:
    """Where a transition may lead: its state, the row of its route that holds now, or all rows when that is open."""
    if transition.to in definition.states:
        return [transition.to]
    rows = definition.routes.get(transition.to, ())
    if view is not None:
        try:
            return [next(row.to for row in rows if view.true(row.when))]
        except (CannotTell, StopIteration):
            pass
    chosen = [row.to for row in rows if case is not None and case.routes.get(transition.to) == row.id]
    return chosen or list(dict.fromkeys(row.to for row in rows))
