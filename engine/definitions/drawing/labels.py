"""Where the words of a line stand: beside one of its pieces, on no box, no other words and, if possible, no line."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from engine.definitions.drawing.layout import SMALL, Layout
from engine.definitions.drawing.texts import balanced, width

Point = tuple[float, float]
Rect = tuple[float, float, float, float]  # left, top, right, bottom
ROOM = 104
_MISSING, _ASIDE = 3000.0, 300.0


@dataclass
class Label:
    lines: list[str]
    x: float
    y: float  # baseline of the first line
    anchor: str  # start | middle | end
    rect: Rect = (0, 0, 0, 0)
    over: bool = False  # stands on a line and needs a ground of its own


class Words:
    """Keeps what is taken. Lines are boxes of no thickness."""

    def __init__(self, layout: Layout, ways: list[list[Point]], thick: list[list[Point]]):
        self.taken: list[Rect] = [(b.left - 2, b.top - 2, b.right + 2, b.bottom + 2) for b in layout.boxes.values()]
        self.lines: list[Rect] = [_rect(a, b) for way in ways for a, b in itertools.pairwise(way)]
        self.thick: list[Rect] = [_rect(a, b) for way in thick for a, b in itertools.pairwise(way)]
        self.taken += [_tip(way) for way in ways]
        self.own: set[Rect] = set()  # pieces of the line that is being named
        self.edge = (0.0, 0.0, layout.width, layout.height)
        for lane in layout.lanes:
            wide = max((width(text, SMALL) for text in lane.title), default=0)
            self.taken.append((0, lane.top, wide + 14, lane.top + len(lane.title) * 14.5 + 8))

    def place_all(self, wanted: list[tuple[str, list[list[Point]]]]) -> list[Label | None]:
        """A label for each (text, ways it may stand at). Which is placed first matters: the best of a few orders is kept."""
        choices = [self._choices(text, ways) for text, ways in wanted]
        lengths = [sum(_long(a, b) for way in ways for a, b in itertools.pairwise(way)) for _, ways in wanted]
        count = range(len(wanted))
        by_length = sorted(count, key=lambda n: lengths[n])
        few_first = sorted(count, key=lambda n: len(choices[n]))
        orders = (by_length, list(count), by_length[::-1], list(count)[::-1], few_first)
        tried = [_chosen(choices, order) for order in orders]
        return min(tried, key=lambda item: item[0])[1]

    def _choices(self, text: str, ways: list[list[Point]]) -> list[tuple[float, Label]]:
        """Places along any of `ways`, the best first; words are broken into two or three lines where that helps."""
        self.own = {_rect(a, b) for way in ways for a, b in itertools.pairwise(way)}
        shapes = {tuple(lines): lines for lines in (balanced(text, room, SMALL, 3) for room in (150, ROOM, 74, 52))}
        found = [item for lines in shapes.values() for item in self._candidates(lines, ways)]
        found += self._beside(text, ways)
        return sorted(found, key=lambda item: item[0])

    def _beside(self, text: str, ways: list[list[Point]]) -> Iterator[tuple[float, Label]]:
        """Between two boxes that stand close the words go above or below them."""
        lines = balanced(text, 150, SMALL, 2)
        wide, tall = max(width(line, SMALL) for line in lines), len(lines) * 13.5
        for way in ways:
            if len(way) > 2:
                continue
            x, y = (way[0][0] + way[-1][0]) / 2, (way[0][1] + way[-1][1]) / 2
            for far, side, aside in itertools.product(range(0, 44, 2), (-1, 1), (0, -20, 20, -40, 40)):
                top = y - far - tall if side < 0 else y + far
                label = _label(lines, x + aside, top, "middle", wide, tall)
                cost = self._cost(label, wide, wide, far, len(lines)) + abs(aside)
                if cost < 1e6:
                    yield _ASIDE + cost, label

    def _candidates(self, lines: list[str], ways: list[list[Point]]) -> Iterator[tuple[float, Label]]:
        wide = max(width(line, SMALL) for line in lines)
        tall = len(lines) * 13.5
        for way in ways:
            for number, (a, b) in enumerate(itertools.pairwise(way)):
                long = _long(a, b)
                count = max(9, min(25, int(long / 18) | 1))
                for share in ((n + 0.5) / count for n in range(count)):
                    x, y = a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share
                    for label in _around(lines, x, y, wide, tall, flat=a[1] == b[1]):
                        cost = self._cost(label, long, wide if a[1] == b[1] else tall, number, len(lines))
                        if cost < 1e6:
                            yield cost, label

    def _cost(self, label: Label, long: float, need: float, number: int, count: int) -> float:
        left, top, right, bottom = label.rect
        if left < 2 or top < 1 or right > self.edge[2] - 2 or bottom > self.edge[3] - 1:
            return 1e9
        if any(_touch(label.rect, other) for other in self.taken):
            return 1e9
        on = sum(1 for line in self.lines if _touch(label.rect, line))
        label.over = on > 0
        if any(_touch(label.rect, line) for line in self.thick):
            on += 8  # the usual way is not interrupted
        wider = (left - 7, top - 3, right + 7, bottom + 3)
        close = sum(1 for line in self.lines if line not in self.own and _touch(wider, line))
        cut = 900 if label.lines[-1].endswith("…") else 0
        return cut + on * 220 + close * 45 + max(0.0, need - long) * 1.2 + number * 5 + count * 6


def _chosen(choices: list[list[tuple[float, Label]]], order: list[int]) -> tuple[float, list[Label | None]]:
    """Every label at its best place that the ones before it have left, and what that costs."""
    found: list[Label | None] = [None] * len(choices)
    taken: list[Rect] = []
    total = 0.0
    for number in order:
        free = (item for item in choices[number] if not any(_touch(item[1].rect, rect) for rect in taken))
        cost, label = next(free, (_MISSING, None))
        total, found[number] = total + cost, label
        if label is not None:
            taken.append(label.rect)
    return total, found


def _around(lines: list[str], x: float, y: float, wide: float, tall: float, *, flat: bool) -> Iterator[Label]:
    if flat:
        for top in (y - 4 - tall, y + 4):
            yield _label(lines, x, top, "middle", wide, tall)
    else:
        yield _label(lines, x + 5, y - tall / 2, "start", wide, tall)
        yield _label(lines, x - 5, y - tall / 2, "end", wide, tall)


def _label(lines: list[str], x: float, top: float, anchor: str, wide: float, tall: float) -> Label:
    left = {"start": x, "middle": x - wide / 2, "end": x - wide}[anchor]
    return Label(lines, x, top + 10.5, anchor, (left, top, left + wide, top + tall))


def _tip(way: list[Point]) -> Rect:
    """The room of a line's head."""
    (x0, y0), (x, y) = way[-2], way[-1]
    if x0 == x:
        return (x - 4, min(y, y - 9 if y > y0 else y + 9), x + 4, max(y, y - 9 if y > y0 else y + 9))
    return (min(x, x - 9 if x > x0 else x + 9), y - 4, max(x, x - 9 if x > x0 else x + 9), y + 4)


def _long(a: Point, b: Point) -> float:
    return abs(a[0] - b[0]) + abs(a[1] - b[1])


def _rect(a: Point, b: Point) -> Rect:
    return (min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))


def _touch(one: Rect, other: Rect) -> bool:
    return one[0] - 1 < other[2] and other[0] - 1 < one[2] and one[1] < other[3] and other[1] < one[3]
