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

    def __init__(self, layout: Layout, ways: list[list[Point]]):
        self.taken: list[Rect] = [(b.left - 2, b.top - 2, b.right + 2, b.bottom + 2) for b in layout.boxes.values()]
        self.lines: list[Rect] = [_rect(a, b) for way in ways for a, b in itertools.pairwise(way)]
        self.edge = (0.0, 0.0, layout.width, layout.height)
        for lane in layout.lanes:
            wide = max((width(text, SMALL) for text in lane.title), default=0)
            self.taken.append((0, lane.top, wide + 14, lane.top + len(lane.title) * 14.5 + 8))

    def place(self, text: str, ways: list[list[Point]]) -> Label | None:
        """The best place along any of `ways`; words are broken into two or three lines where that helps."""
        best: tuple[float, Label] | None = None
        shapes = [lines for room in (150, ROOM, 74) for lines in [balanced(text, room, SMALL, 3)]]
        for lines in {tuple(shape): shape for shape in shapes}.values():
            for cost, label in self._candidates(lines, ways):
                if best is None or cost < best[0]:
                    best = (cost, label)
        if best is None:
            best = self._beside(text, ways)
        if best is None:
            return None
        self.taken.append(best[1].rect)
        return best[1]

    def _beside(self, text: str, ways: list[list[Point]]) -> tuple[float, Label] | None:
        """Between two boxes that stand close the words go above or below them."""
        lines = balanced(text, 150, SMALL, 2)
        wide, tall = max(width(line, SMALL) for line in lines), len(lines) * 13.5
        best: tuple[float, Label] | None = None
        for way in ways:
            x, y = (way[0][0] + way[-1][0]) / 2, (way[0][1] + way[-1][1]) / 2
            for far in range(0, 60, 2):
                for side in (-1, 1):
                    for aside in (0, -20, 20, -40, 40):
                        top = y - far - tall if side < 0 else y + far
                        label = _label(lines, x + aside, top, "middle", wide, tall)
                        cost = self._cost(label, wide, wide, far, len(lines)) + abs(aside)
                        if cost < 1e6 and (best is None or cost < best[0]):
                            best = (cost, label)
        return best

    def _candidates(self, lines: list[str], ways: list[list[Point]]) -> Iterator[tuple[float, Label]]:
        wide = max(width(line, SMALL) for line in lines)
        tall = len(lines) * 13.5
        for way in ways:
            for number, (a, b) in enumerate(itertools.pairwise(way)):
                long = abs(a[0] - b[0]) + abs(a[1] - b[1])
                count = max(2, min(24, int(long / 18)))
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
        return on * 220 + max(0.0, need - long) * 1.2 + number * 5 + count * 6


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


def _rect(a: Point, b: Point) -> Rect:
    return (min(a[0], b[0]), min(a[1], b[1]), max(a[0], b[0]), max(a[1], b[1]))


def _touch(one: Rect, other: Rect) -> bool:
    return one[0] - 1 < other[2] and other[0] - 1 < one[2] and one[1] < other[3] and other[1] < one[3]
