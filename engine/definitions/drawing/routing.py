"""Lines at right angles around the boxes: cheapest way over a coarse net, few bends and crossings.

Lines of one bundle (same target, same look) run together where they can; others never lie on each other.
"""

from __future__ import annotations

import bisect
import heapq
import itertools
from dataclasses import dataclass, field

from engine.definitions.drawing.layout import Box, Layout
from engine.definitions.drawing.plan import Line

Point = tuple[float, float]
_BEND, _CROSS, _SHARE, _ON_EDGE, _NEAR = 34.0, 16.0, 0.22, 4000.0, 30.0
_STEPS = ((1, 0), (0, 1), (-1, 0), (0, -1))  # right, down, left, up


@dataclass
class Net:
    """Vertices are crossings of `xs` and `ys`. `walls` are vertices in boxes, `near` those that nearly touch one."""

    xs: list[float]
    ys: list[float]
    walls: set[tuple[int, int]] = field(default_factory=set)
    near: set[tuple[int, int]] = field(default_factory=set)
    ports: dict[str, dict[tuple[int, int], int]] = field(default_factory=dict)  # box -> vertex on its edge -> way out
    passed: dict[tuple[int, int, int], set[object]] = field(default_factory=dict)  # (i, j, horizontal) -> bundles
    crossed: dict[tuple[int, int], set[object]] = field(default_factory=dict)


@dataclass
class Way:
    """`corners` run from the edge of the source to the edge of the target. `strokes` are the parts of it that no other
    line of its bundle has drawn; `head` tells whether the last of them ends at the target."""

    corners: list[Point]
    strokes: list[list[Point]]
    head: bool


def routed(layout: Layout, lines: list[Line]) -> dict[tuple[str, str], Way]:
    """The way of each line, by (source, target)."""
    net = _net(layout)
    found: dict[tuple[str, str], Way] = {}
    order = sorted(lines, key=lambda line: (not line.usual, line.back, _distance(layout, line)))
    for line in order:
        way = _way(net, line)
        if not way:
            continue
        points = [(net.xs[i], net.ys[j]) for i, j in way]
        fresh = [line.bundle not in net.passed.get(_piece(a, b), ()) for a, b in itertools.pairwise(way)]
        found[line.source, line.target] = Way(_corners(points), _strokes(points, fresh), fresh[-1])
        _remember(net, line, way)
    return found


def _piece(here: tuple[int, int], there: tuple[int, int]) -> tuple[int, int, int]:
    return min(here[0], there[0]), min(here[1], there[1]), int(here[1] == there[1])


def _strokes(points: list[Point], fresh: list[bool]) -> list[list[Point]]:
    found: list[list[Point]] = []
    for number, new in enumerate(fresh):
        if not new:
            continue
        if number and fresh[number - 1]:
            found[-1].append(points[number + 1])
        else:
            found.append(points[number : number + 2])
    return [_corners(stroke) for stroke in found]


def _distance(layout: Layout, line: Line) -> float:
    a, b = layout.boxes[line.source], layout.boxes[line.target]
    return abs(a.x - b.x) + abs(a.y - b.y)


def _net(layout: Layout) -> Net:
    boxes = list(layout.boxes.values())
    fixed_x: set[float] = set()
    fixed_y: set[float] = set()
    loose_x: set[float] = set()
    loose_y: set[float] = set()
    for box in boxes:
        fixed_x |= {box.left, box.right, *_across(box, layout.ports)}
        fixed_y |= {box.top, box.bottom, *_along(box)}
        for far in (8, 16):
            loose_x |= {box.left - far, box.right + far}
            loose_y |= {box.top - far, box.bottom + far}
    xs = _spread(fixed_x, loose_x, layout.width)
    ys = _spread(fixed_y, loose_y, layout.height)
    net = Net(xs, ys)
    for box in boxes:
        _put(net, box, layout.ports)
    return net


def _across(box: Box, ports: tuple[float, ...]) -> list[float]:
    return [box.x + sign * port for port in ports if port < box.width / 2 - 10 for sign in (-1, 1)]


def _along(box: Box) -> list[float]:
    third = box.height / 3.4
    return [box.y, box.y - third, box.y + third]


def _spread(fixed: set[float], loose: set[float], limit: float) -> list[float]:
    """Sorted coordinates; loose ones only where they keep 6 from the others."""
    found = sorted({round(v, 1) for v in fixed})
    for value in sorted(round(v, 1) for v in loose):
        at = bisect.bisect_left(found, value)
        before = found[at - 1] if at else -1e9
        after = found[at] if at < len(found) else 1e9
        if value - before >= 6 and after - value >= 6 and 2 < value < limit - 2:
            found.insert(at, value)
    return found


def _put(net: Net, box: Box, ports: tuple[float, ...]) -> None:
    """Block the box and open its ports."""
    across = {round(v, 1) for v in _across(box, ports)}
    along = {round(v, 1) for v in _along(box)}
    found: dict[tuple[int, int], int] = {}
    for i, x in enumerate(net.xs):
        if not box.left - 5 < x < box.right + 5:
            continue
        for j, y in enumerate(net.ys):
            if not box.top - 5 < y < box.bottom + 5:
                continue
            inside = box.left - 0.5 < x < box.right + 0.5 and box.top - 0.5 < y < box.bottom + 0.5
            (net.walls if inside else net.near).add((i, j))
            if x in across and abs(y - box.top) < 0.1:
                found[i, j] = 3
            elif x in across and abs(y - box.bottom) < 0.1:
                found[i, j] = 1
            elif y in along and abs(x - box.left) < 0.1:
                found[i, j] = 2
            elif y in along and abs(x - box.right) < 0.1:
                found[i, j] = 0
    net.ports[box.name] = found


def _way(net: Net, line: Line) -> list[tuple[int, int]]:
    """Dijkstra with a floor from the source's ports to the target's. States are (vertex, direction)."""
    goals = net.ports[line.target]
    open_: set[tuple[int, int]] = set(net.ports[line.source]) | set(goals)
    bundle = line.bundle
    gx = [net.xs[i] for i, _ in goals]
    gy = [net.ys[j] for _, j in goals]
    low_x, high_x, low_y, high_y = min(gx), max(gx), min(gy), max(gy)

    # a line that may join others hopes for their low price, the first of a bundle for its own length
    hope = 0.6 if any(bundle in users for users in net.crossed.values()) else 0.95

    def floor(i: int, j: int) -> float:
        x, y = net.xs[i], net.ys[j]
        return (max(low_x - x, 0, x - high_x) + max(low_y - y, 0, y - high_y)) * hope

    best: dict[tuple[int, int, int], float] = {}
    came: dict[tuple[int, int, int], tuple[int, int, int]] = {}
    todo: list[tuple[float, float, tuple[int, int, int]]] = []
    for (i, j), out in net.ports[line.source].items():
        cost = _port(net, line.source, i, j, bundle)
        best[i, j, out] = cost
        heapq.heappush(todo, (cost + floor(i, j), cost, (i, j, out)))
    while todo:
        _, spent, at = heapq.heappop(todo)
        if spent > best.get(at, 1e18):
            continue
        i, j, way = at
        if (i, j) in goals and at in came:
            return _back(came, at)
        for turn in range(4):
            if turn == (way + 2) % 4 or (at not in came and turn != way):
                continue
            a, b = i + _STEPS[turn][0], j + _STEPS[turn][1]
            if not (0 <= a < len(net.xs) and 0 <= b < len(net.ys)):
                continue
            if (a, b) in net.walls and (a, b) not in open_:
                continue
            if (a, b) in net.ports[line.source]:
                continue
            arrives = (a, b) in goals
            if arrives and turn != (goals[a, b] + 2) % 4:
                continue
            cost = spent + _cost(net, (i, j), (a, b), turn, way, bundle)
            if arrives:
                cost += _port(net, line.target, a, b, bundle)
            following = (a, b, turn)
            if cost < best.get(following, 1e18):
                best[following], came[following] = cost, at
                heapq.heappush(todo, (cost + floor(a, b), cost, following))
    return []


def _cost(net: Net, here: tuple[int, int], there: tuple[int, int], turn: int, way: int, bundle: object) -> float:
    (i, j), (a, b) = here, there
    flat = turn in (0, 2)
    length = abs(net.xs[a] - net.xs[i]) + abs(net.ys[b] - net.ys[j])
    users = net.passed.get((min(i, a), min(j, b), int(flat)))
    cost = length
    if users:
        cost = length * _SHARE if users == {bundle} else length + _ON_EDGE
    if turn != way:
        cost += _BEND
        others = net.crossed.get((i, j))
        if others and others != {bundle}:
            cost += _ON_EDGE / 8  # a corner on a strange line reads as a junction
    others = net.crossed.get((a, b))
    if others and others != {bundle}:
        cost += _CROSS
    return cost + (_NEAR if (a, b) in net.near else 0)


def _port(net: Net, box: str, i: int, j: int, bundle: object) -> float:
    """A port in use by another bundle is dear; the middle of an edge is a little cheaper."""
    used = net.crossed.get((i, j))
    taken = 0.0 if not used or used == {bundle} else 2500.0
    ports = [vertex for vertex, out in net.ports[box].items() if out == net.ports[box][i, j]]
    middle = sorted(ports)[len(ports) // 2]
    return taken + (0.0 if (i, j) == middle else 5.0)


def _back(came: dict[tuple[int, int, int], tuple[int, int, int]], at: tuple[int, int, int]) -> list[tuple[int, int]]:
    way = [at[:2]]
    while at in came:
        at = came[at]
        way.append(at[:2])
    return way[::-1]


def _remember(net: Net, line: Line, way: list[tuple[int, int]]) -> None:
    for (i, j), (a, b) in itertools.pairwise(way):
        net.passed.setdefault(_piece((i, j), (a, b)), set()).add(line.bundle)
    for vertex in way:
        net.crossed.setdefault(vertex, set()).add(line.bundle)


def _corners(points: list[Point]) -> list[Point]:
    kept = [points[0]]
    for before, here, after in zip(points, points[1:], points[2:], strict=False):
        if not (before[0] == here[0] == after[0] or before[1] == here[1] == after[1]):
            kept.append(here)
    return [*kept, points[-1]]
