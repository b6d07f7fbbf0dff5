"""Proofs over the graph of states: reachable, with a way out, able to end, `always`, no circle of the clock.

Edges are those of the compiled machine: a route counts with all its rows, a state with its fallback.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from engine.core.machine import edges, targets
from engine.core.model import Always, Definition, Transition
from engine.definitions.checks.desk import Desk
from engine.definitions.positions import Path

MAX_STATES = 500
Graph = dict[str, list[str]]


def check(desk: Desk) -> None:
    count = len(desk.names("state"))
    if count > MAX_STATES:
        desk.say("E102", f"a workflow may have {MAX_STATES} states; this one has {count}", ("states",), key=True)
        return
    if not desk.whole or any(p.code == "E201" for p in desk.problems):
        return  # over half a graph every proof would fail
    graph = whole_graph(desk.definition)
    _reachable(desk, graph)
    _ends(desk, graph)
    _clock(desk)
    for number, wanted in enumerate(desk.definition.always):
        _always(desk, number, wanted)
    _decides(desk)


def whole_graph(definition: Definition) -> Graph:
    graph: Graph = {name: [] for name in definition.states}
    for source, _, target in edges(definition):
        if target in graph and target not in graph[source]:
            graph[source].append(target)
    return graph


def reached(graph: Graph, start: Iterable[str]) -> set[str]:
    found = {name for name in start if name in graph}
    todo = deque(found)
    while todo:
        for name in graph[todo.popleft()]:
            if name not in found:
                found.add(name)
                todo.append(name)
    return found


def _reachable(desk: Desk, graph: Graph) -> None:
    start = desk.definition.start.state
    found = reached(graph, [start])
    for name in graph:
        if name not in found:
            desk.say("E202", f"state '{name}' cannot be reached from '{start}'", ("states", name), key=True)
    if start in desk.definition.states and desk.definition.states[start].final:
        desk.say("E203", f"the workflow starts in '{start}', which is an end", ("start", "state"))


def _ends(desk: Desk, graph: Graph) -> None:
    states = desk.definition.states
    backwards: Graph = {name: [] for name in graph}
    for source, listed in graph.items():
        for target in listed:
            backwards[target].append(source)
    able = reached(backwards, [name for name, state in states.items() if state.final])
    if not any(state.final for state in states.values()):
        desk.say("E204", 'no state is an end (final = "good" or "bad")', ("states",), key=True)
        return
    for name, state in states.items():
        path: Path = ("states", name)
        leaving = [
            t for t in desk.definition.transitions.get(name, {}).values() if targets(desk.definition, t.to) != (name,)
        ]
        if not state.final and not leaving:
            desk.say("E203", f"state '{name}' has no way out", path, key=True)
        elif not state.final and name not in able:
            ways = ", ".join(graph[name])
            desk.say("E204", f"no end can be reached from '{name}' (it leads to {ways})", path, key=True)
        elif leaving and all(t.when for t in leaving):
            names = ", ".join(f"'{t.action}'" for t in leaving)
            message = f"every way out of '{name}' has an 'if' ({names}); where none holds, a case stays for ever"
            desk.warn("W203", message, path, key=True)


# -- the clock


def _clock(desk: Desk) -> None:
    """A circle of moves that the clock makes at once would never stop; two moves at one instant need an order."""
    graph: Graph = {name: [] for name in desk.definition.states}
    for name, actions in desk.definition.transitions.items():
        timed = [t for t in actions.values() if t.at is not None]
        for t in timed:
            if not _waits(t):
                graph[name] += [target for target in targets(desk.definition, t.to) if target != name]
        _same_instant(desk, name, timed)
    for name in graph:
        way = path_between(graph, graph[name], {name}, set())
        if way:
            circle = " → ".join([name, *way])
            desk.say("E206", f"the clock would move a case round for ever: {circle}", ("states", name), key=True)
            return


def _waits(transition: Transition) -> bool:
    """Whether time has to pass in the state first."""
    at = transition.at
    return at is not None and (at.anchor in ("entered", "due") and at.count > 0)


def _same_instant(desk: Desk, state: str, timed: list[Transition]) -> None:
    for number, second in enumerate(timed):
        for first in timed[:number]:
            if first.at == second.at and not (first.when and second.when):
                message = (
                    f"in '{state}' the clock does '{first.action}' and '{second.action}' at the same instant; "
                    "the upper line comes first"
                )
                desk.warn("W201", message, _written(desk, state, second.action), key=True)


def _written(desk: Desk, state: str, action: str) -> Path:
    for owner, actions in desk.file.on.items():
        if action in actions and (owner == state or state in desk.definition.groups.get(owner, ())):
            return ("on", owner, action)
    return ("on", state)


# -- always


def _always(desk: Desk, number: int, wanted: Always) -> None:
    graph = narrowed(desk.definition, wanted.rows)
    outside = set(wanted.passes)
    for start in wanted.start:
        way = path_between(graph, [start], set(wanted.end) - outside, outside)
        if way and len(way) > 1:
            passes = " or ".join(wanted.passes)
            message = f"{wanted.rule}: a case may go {' → '.join(way)} without {passes}"
            desk.say("E205", message, ("always", number, "passes"))
            return


def narrowed(definition: Definition, rows: tuple[str, ...]) -> Graph:
    """The graph when routes named in `rows` (`ROUTE.ROW`) take only these rows.

    A fallback stands in for its state: who comes there has passed the state whose holder could not act.
    """
    only: dict[str, set[str]] = {}
    for row in rows:
        route, _, row_id = row.partition(".")
        only.setdefault(route, set()).add(row_id)
    graph: Graph = {name: [state.fallback] if state.fallback else [] for name, state in definition.states.items()}
    for state, actions in definition.transitions.items():
        for transition in actions.values():
            table = definition.routes.get(transition.to)
            kept = only.get(transition.to)
            goes = [row.to for row in table if kept is None or row.id in kept] if table else [transition.to]
            graph[state] += [name for name in goes if name in graph]
    return graph


def path_between(graph: Graph, starts: Iterable[str], ends: set[str], outside: set[str]) -> list[str]:
    """A shortest way from one of `starts` into `ends` around `outside`; empty when there is none."""
    came: dict[str, str] = {}
    todo = deque(name for name in dict.fromkeys(starts) if name not in outside)
    seen = set(todo)
    while todo:
        name = todo.popleft()
        if name in ends:
            way = [name]
            while way[-1] in came:
                way.append(came[way[-1]])
            return way[::-1]
        for following in graph.get(name, []):
            if following not in seen and following not in outside:
                seen.add(following)
                came[following] = name
                todo.append(following)
    return []


# -- who proposes does not decide


def _decides(desk: Desk) -> None:
    """After a submission somebody else has to act before a good end: the proposer's own seats are not enough."""
    definition = desk.definition
    own = {"author", *definition.start.by}
    graph: Graph = {name: [] for name in definition.states}
    submitted: list[str] = []
    for state, actions in definition.transitions.items():
        for transition in actions.values():
            holders = transition.by if transition.by is not None else definition.states[state].who
            clock = transition.at is not None and transition.by is None
            alone = clock or (bool(holders) and all(path in own for path in holders))
            if transition.submits:
                submitted += targets(definition, transition.to)
            if alone and not transition.submits:
                graph[state] += targets(definition, transition.to)
    good = {name for name, state in definition.states.items() if state.final == "good"}
    way = path_between(graph, submitted, good, set())
    if way:
        message = f"who proposes also decides: {' → '.join(way)} needs nobody but {', '.join(sorted(own))}"
        desk.say("E242", message, ("start", "by"))
    waiver = definition.waiver
    if waiver and waiver.decider and waiver.decider in own:
        desk.say("E242", f"'{waiver.decider}' proposes and would decide on its own waivers", ("waiver", "decider"))
