"""Places: a row or two for each lane, a column for each rank, boxes that never touch.

Columns may stand closer than a box is wide where their boxes are in different rows; so a long workflow fits a page.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from engine.definitions.drawing.plan import Picture
from engine.definitions.drawing.texts import balanced, width

LABEL = 12.5  # font size of a state's name; the page is about 1,130 units wide, so 12 units are more than 8 pt
SMALL = 12.0
LEADING = 14.5
BOX = 118
# distance of neighbouring columns and gap between boxes of one row: as roomy as the page allows
ROOMS = ((176, 64), (148, 54), (120, 44), (96, 34), (74, 28), (56, 24))
NARROWEST = 940  # the legend's own width
WIDEST = 1150  # 12 units are then 8.2 pt on a page of 277 mm
LANE = 104  # the lanes' titles
PADS = (15, 13, 11)  # above and below the boxes of a row: room for lines, less where the page would be too tall
TALLEST = 770  # with the legend below it the page is 800 units tall: 12 units are then 8 pt


Texts = dict[str, tuple[str, list[str]]]


@dataclass
class Box:
    name: str
    lines: list[str]
    small: list[str]
    x: float = 0  # centre
    y: float = 0
    width: float = BOX
    height: float = 0
    final: bool = False

    @property
    def left(self) -> float:
        return self.x - self.width / 2

    @property
    def right(self) -> float:
        return self.x + self.width / 2

    @property
    def top(self) -> float:
        return self.y - self.height / 2

    @property
    def bottom(self) -> float:
        return self.y + self.height / 2


@dataclass
class Lane:
    title: list[str]
    top: float = 0
    bottom: float = 0
    names: list[str] = field(default_factory=list)


@dataclass
class Layout:
    boxes: dict[str, Box]
    lanes: list[Lane]
    width: float = 0
    height: float = 0
    ports: tuple[float, ...] = (0,)  # where lines may leave above and below, from a box's middle


def placed(picture: Picture, texts: Texts, titles: dict[str, str], ends: list[str], end_title: str) -> Layout:
    """`texts`: state -> (name, small lines below it); `titles`: lane key -> words."""
    words = (texts, titles, ends, end_title)
    for room in ROOMS:
        layout = _stacked(picture, words, room, PADS[0])
        if layout.width <= WIDEST:
            break
    for pad in PADS[1:]:
        if layout.height > TALLEST:
            layout = _stacked(picture, words, room, pad)
    layout.width = max(layout.width, NARROWEST)
    return layout


def _stacked(
    picture: Picture, words: tuple[Texts, dict[str, str], list[str], str], room: tuple[int, int], pad: int
) -> Layout:
    texts, titles, ends, end_title = words
    boxes = {name: _box(name, *texts[name]) for name in (*picture.ranks, *ends)}
    rows = _rows(picture, boxes, *room)
    lanes: list[Lane] = []
    top = 0.0
    for key, names in picture.lanes.items():
        lane = Lane(balanced(titles[key], LANE - 18, SMALL, 5), top, top, names)
        for number in range(1 + max(rows[name] for name in names)):
            row = [boxes[name] for name in names if rows[name] == number]
            tall = max((box.height for box in row), default=0)
            for box in row:
                box.y = lane.bottom + pad + tall / 2
            lane.bottom += tall + 2 * pad - (8 if number else 0)
        lane.bottom = max(lane.bottom, lane.top + len(lane.title) * LEADING + 14)
        top = lane.bottom
        lanes.append(lane)
    wide = max((box.right for box in boxes.values() if not box.final), default=LANE) + 14
    top, wide = _ends(picture, [boxes[name] for name in ends], boxes, (top, wide), pad)
    lanes.append(Lane(balanced(end_title, LANE - 18, SMALL, 3), lanes[-1].bottom if lanes else 0, top, ends))
    step, gap = room
    # half a step, and half of what is left of a row's distance: boxes in neighbouring columns can be joined straight
    return Layout(boxes, lanes, wide, top, (0, *sorted({min(step / 2, 45), max(28, (BOX + gap - step) / 2)})))


def _box(name: str, words: str, small: list[str]) -> Box:
    lines = balanced(words, BOX - 10, LABEL, 5)
    return Box(name, lines, small, height=len(lines) * LEADING + len(small) * (LEADING - 1) + 12)


def _rows(picture: Picture, boxes: dict[str, Box], step: int, gap: int) -> dict[str, int]:
    """The row of each box within its lane; sets `x`. A box that finds no room in its lane's rows moves its column on."""
    rows: dict[str, int] = {}
    lane_of = {name: key for key, names in picture.lanes.items() for name in names}
    ends: dict[tuple[str, int], float] = {}  # (lane, row) -> right edge so far
    x = LANE + BOX / 2 + 6 - step
    for rank in range(1 + max(picture.ranks.values(), default=0)):
        names = [name for name in picture.ranks if picture.ranks[name] == rank]
        x += step
        for name in names:
            lane = lane_of[name]
            peers = sum(1 for other in names if lane_of[other] == lane)
            free = [
                r
                for r in range(peers)
                if ends.get((lane, r), -1e9) + gap <= x - BOX / 2 and (lane, r) not in _taken(rows, names, lane_of)
            ]
            if not free:
                x = min(ends.get((lane, r), -1e9) for r in range(peers)) + gap + BOX / 2
        for name in names:
            lane = lane_of[name]
            row = 0
            while ends.get((lane, row), -1e9) + gap > x - BOX / 2:
                row += 1
            rows[name] = row
            boxes[name].x = x
            ends[lane, row] = boxes[name].right
    return rows


def _taken(rows: dict[str, int], names: list[str], lane_of: dict[str, str]) -> set[tuple[str, int]]:
    return {(lane_of[name], rows[name]) for name in names if name in rows}


def _ends(
    picture: Picture, row: list[Box], boxes: dict[str, Box], corner: tuple[float, float], pad: int
) -> tuple[float, float]:
    """Ends in one row at the bottom, each as near below those that lead to it as the others allow."""
    top, wide = corner
    for box in row:
        box.final = True
        sources = [boxes[line.source].x for line in picture.lines if line.target == box.name]
        box.x = sum(sources) / len(sources) if sources else 0
        lines = max([width(text, LABEL) for text in box.lines] + [width(text, SMALL) for text in box.small])
        box.width = max(96, min(lines + 26, 170))
    unplaced = [box for box in row if not box.x]
    for number, box in enumerate(unplaced):  # only notes lead there: spread over the middle
        box.x = LANE + (wide - LANE) * (number + 1.2) / (len(unplaced) + 1.4)
    row.sort(key=lambda box: box.x)
    edge = LANE + 6.0
    for box in row:
        box.x = max(box.x, edge + box.width / 2)
        edge = box.right + 20
    right = wide - 8
    for box in reversed(row):
        box.x = min(box.x, right - box.width / 2)
        right = box.left - 20
    if row and row[0].left < LANE + 6:  # too many for the width: the page grows
        edge = LANE + 6.0
        for box in row:
            box.x = edge + box.width / 2
            edge = box.right + 20
        wide = max(wide, edge)
    tall = max((box.height for box in row), default=0)
    for box in row:
        box.height = tall
        box.y = top + pad + tall / 2
    return top + tall + 2 * pad - 4, wide
