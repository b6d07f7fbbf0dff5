"""What of a workflow is drawn: boxes for states, lines for transitions, notes where lines would be too many.

Nothing here has a place yet. Kinds of lines: the usual way (thick), a way back (dashed), the clock's move (dotted), any
other (plain).
"""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass, field

from engine.core.model import Definition, Transition

MANY = 3  # one action into one end from so many states is a note in the end's box, not lines


@dataclass
class Line:
    """From one state to another; `actions` are their ids in source order."""

    source: str
    target: str
    actions: list[str] = field(default_factory=list)
    usual: bool = False
    back: bool = False
    clock: bool = False

    @property
    def bundle(self) -> tuple[str, bool, bool]:
        """Lines of one bundle may run together: same target, same look."""
        return self.target, self.back, self.clock and not self.usual


@dataclass
class Picture:
    """`ranks`: column of each state that is no end; `lanes`: key -> states, top to bottom; `notes`: end -> (action, count)."""

    lines: list[Line]
    ranks: dict[str, int]
    lanes: dict[str, list[str]]
    notes: dict[str, list[tuple[str, int]]]
    side: set[str]
    loops: list[tuple[str, str]]


def picture(definition: Definition) -> Picture:
    every = _lines(definition)
    loops = [(line.source, action) for line in every if line.source == line.target for action in line.actions]
    every = [line for line in every if line.source != line.target]
    usual = _usual(definition, every)
    side = _side(definition, every)
    lines, notes = _noted(definition, every, usual)
    back = _backwards(definition, lines, usual)
    for line in lines:
        line.usual = (line.source, line.target) in usual
        line.back = not line.usual and (
            (line.source, line.target) in back or line.source in side or line.target in side
        )
        line.clock = all(_by_clock(definition.transitions[line.source][action]) for action in line.actions)
        if definition.states[line.target].final:
            line.back = False
    ranks = _ranks(definition, lines, back, side)
    return Picture(lines, ranks, _lanes(definition, lines, ranks), notes, side, loops)


def _by_clock(transition: Transition) -> bool:
    return transition.at is not None


def _lines(definition: Definition) -> list[Line]:
    """Every state-to-state way once. A fallback is no way of its own: it stands in for its state."""
    found: dict[tuple[str, str], Line] = {}
    for state, actions in definition.transitions.items():
        for action, transition in actions.items():
            rows = definition.routes.get(transition.to)
            for target in dict.fromkeys(row.to for row in rows) if rows else [transition.to]:
                if target in definition.states:
                    line = found.setdefault((state, target), Line(state, target))
                    line.actions.append(action)
    for name, state_ in definition.states.items():
        if state_.fallback and (name, state_.fallback) not in found:
            found[name, state_.fallback] = Line(name, state_.fallback, [])
    return list(found.values())


def _usual(definition: Definition, lines: list[Line]) -> set[tuple[str, str]]:
    """The cheapest way from the start to a good end; a route's last row, which has no condition, is preferred."""
    costs: dict[str, list[tuple[float, str]]] = {}
    for line in lines:
        cost = min((_cost(definition, line, action) for action in line.actions), default=9.0)
        costs.setdefault(line.source, []).append((cost, line.target))
    start = definition.start.state
    best: dict[str, float] = {start: 0.0}
    came: dict[str, str] = {}
    todo = [(0.0, start)]
    while todo:
        spent, name = heapq.heappop(todo)
        if name in definition.states and definition.states[name].final == "good":
            way = []
            while name in came:
                way.append((came[name], name))
                name = came[name]
            return set(way)
        for cost, target in costs.get(name, []):
            final = definition.states[target].final
            if final == "bad" or spent + cost >= best.get(target, 1e9):
                continue
            best[target], came[target] = spent + cost, name
            heapq.heappush(todo, (spent + cost, target))
    return set()


def _cost(definition: Definition, line: Line, action: str) -> float:
    transition = definition.transitions[line.source][action]
    rows = definition.routes.get(transition.to)
    cost = 1.0 + (0.2 if transition.when else 0.0)
    return cost + (0.5 if rows and rows[-1].to != line.target else 0.0)


def _side(definition: Definition, lines: list[Line]) -> set[str]:
    """States that only lead back: everything they lead to, ends apart, lies nearer to the start."""
    near: dict[str, int] = {definition.start.state: 0}
    todo = deque([definition.start.state])
    while todo:
        name = todo.popleft()
        for line in lines:
            if line.source == name and line.target not in near:
                near[line.target] = near[name] + 1
                todo.append(line.target)
    found = set()
    for name, state in definition.states.items():
        onward = [line.target for line in lines if line.source == name and not definition.states[line.target].final]
        if not state.final and onward and all(near.get(t, 0) < near.get(name, 0) for t in onward):
            found.add(name)
    return found - {definition.start.state}


def _noted(
    definition: Definition, lines: list[Line], usual: set[tuple[str, str]]
) -> tuple[list[Line], dict[str, list[tuple[str, int]]]]:
    """Actions that many states have into one end become notes of that end."""
    counts: dict[tuple[str, str], int] = {}
    for line in lines:
        if definition.states[line.target].final:
            for action in line.actions:
                counts[line.target, action] = counts.get((line.target, action), 0) + 1
    notes: dict[str, list[tuple[str, int]]] = {}
    for (target, action), count in counts.items():
        if count >= MANY:
            notes.setdefault(target, []).append((action, count))
    kept = []
    for line in lines:
        noted = {action for action, _ in notes.get(line.target, [])}
        line.actions = [a for a in line.actions if a not in noted or (line.source, line.target) in usual]
        if line.actions or not definition.states[line.target].final:
            kept.append(line)
    return kept, notes


def _backwards(definition: Definition, lines: list[Line], usual: set[tuple[str, str]]) -> set[tuple[str, str]]:
    """Lines that close a circle, found depth first with the usual way first."""
    outward: dict[str, list[str]] = {}
    for line in sorted(lines, key=lambda line: (line.source, line.target) not in usual):
        outward.setdefault(line.source, []).append(line.target)
    back: set[tuple[str, str]] = set()
    done: set[str] = set()
    todo: list[tuple[str, int]] = [(definition.start.state, 0)]
    open_: list[str] = [definition.start.state]
    while todo:
        name, number = todo.pop()
        targets = outward.get(name, [])
        if number >= len(targets):
            done.add(name)
            open_.remove(name)
            continue
        todo.append((name, number + 1))
        target = targets[number]
        if target in open_:
            back.add((name, target))
        elif target not in done:
            open_.append(target)
            todo.append((target, 0))
    return back


def _ranks(definition: Definition, lines: list[Line], back: set[tuple[str, str]], side: set[str]) -> dict[str, int]:
    """Longest way from the start; a side state stands one column after the first that leads to it."""
    states = [name for name, state in definition.states.items() if not state.final]
    ranks = dict.fromkeys(states, 0)
    forward = [
        line
        for line in lines
        if (line.source, line.target) not in back and line.target in ranks and not {line.source, line.target} & side
    ]
    for _ in states:  # relaxed as often as there are states: the lines hold no circle
        for line in forward:
            ranks[line.target] = max(ranks[line.target], ranks[line.source] + 1)
    for name in side:
        ranks[name] = min(
            (ranks[line.source] + 1 for line in lines if line.target == name and line.source in ranks), default=0
        )
    return ranks


def _lanes(definition: Definition, lines: list[Line], ranks: dict[str, int]) -> dict[str, list[str]]:
    """States by who holds them. Holders that are part of another lane's join it; lanes stand near what they work with."""
    sets: dict[frozenset[str], list[str]] = {}
    for name in sorted(ranks, key=lambda n: (ranks[n], list(ranks).index(n))):
        sets.setdefault(frozenset(definition.states[name].who), []).append(name)
    joined: dict[frozenset[str], list[str]] = {}
    for who in sorted(sets, key=len, reverse=True):
        wider = next((other for other in joined if who < other), None)
        joined.setdefault(wider or who, []).extend(sets[who])
    order = sorted(joined, key=lambda who: min(ranks[name] for name in joined[who]))
    best = _nearest(order, joined, lines)
    return {"|".join(sorted(who)): joined[who] for who in best}


def _nearest(
    order: list[frozenset[str]], joined: dict[frozenset[str], list[str]], lines: list[Line]
) -> list[frozenset[str]]:
    """The order of lanes with the shortest lines: every lane moved to every place as long as that helps."""
    lane_of = {name: who for who, names in joined.items() for name in names}
    pairs = [
        (lane_of[line.source], lane_of[line.target], 4 if line.usual else 1)
        for line in lines
        if line.source in lane_of and line.target in lane_of
    ]

    def length(lanes: list[frozenset[str]]) -> int:
        place = {who: n for n, who in enumerate(lanes)}
        return sum(abs(place[a] - place[b]) * weight for a, b, weight in pairs)

    best = list(order)
    better = True
    while better:
        better = False
        for number in range(1, len(best)):  # the first lane stays: there the case starts
            for place in range(1, len(best)):
                tried = list(best)
                tried.insert(place, tried.pop(number))
                if length(tried) < length(best):
                    best, better = tried, True
    return best
