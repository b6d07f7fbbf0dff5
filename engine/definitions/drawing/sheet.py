"""Writes the elements of a picture: lanes, lines, boxes, words, legend. Presentation attributes only."""

from __future__ import annotations

from xml.sax.saxutils import escape, quoteattr

from engine.core.model import Definition
from engine.definitions.drawing.labels import Label, Point
from engine.definitions.drawing.layout import LABEL, LANE, LEADING, SMALL, Box, Layout
from engine.definitions.drawing.plan import Line, Picture
from engine.definitions.drawing.routing import Way
from engine.definitions.drawing.texts import width
from engine.words.language import words

INK, LINE, USUAL, GROUND = "#1a1a1a", "#565b60", "#0b4f6c", "#f4f3ef"
FONT = "Noto Sans, Segoe UI, Roboto, Helvetica, Arial, sans-serif"


class Sheet:
    """Writes the elements."""

    def __init__(
        self,
        definition: Definition,
        lang: str,
        drawn: Picture,
        layout: Layout,
        ways: dict[tuple[str, str], Way],
        labels: list[tuple[Label, Line]],
    ):
        self.definition, self.lang, self.drawn, self.layout = definition, lang, drawn, layout
        self.ways, self.labels, self.say = ways, labels, words(lang)
        self.out: list[str] = []

    def text(self) -> str:
        layout = self.layout
        legend = layout.height + 22
        wide, tall = round(layout.width), round(layout.height + 30)
        self.out.append(
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {tall}" role="img" '
            f'font-family="{FONT}" font-size="{LABEL}" fill="{INK}">'
        )
        title = self.say("Workflow: %(name)s", name=self.definition.title[self.lang])
        self.out.append(f"<title>{escape(title)}</title><desc>{escape(self._description())}</desc>")
        self._lanes()
        self._ways()
        for box in layout.boxes.values():
            self._box(box)
        for label, line in self.labels:
            self._label(label, line)
        self._legend(legend)
        self.out.append("</svg>")
        return "\n".join(self.out)

    def _description(self) -> str:
        parts = [self.say("States stand in lanes by who holds the task; the table of transitions says the same.")]
        for state, action in self.drawn.loops:
            label = self.definition.actions.get(action)
            words_ = label[self.lang] if label else action
            parts.append(
                self.say(
                    "Not drawn, because it stays in “%(state)s”: %(action)s.",
                    state=self.definition.states[state].label[self.lang],
                    action=words_,
                )
            )
        return " ".join(parts)

    def _lanes(self) -> None:
        for number, lane in enumerate(self.layout.lanes):
            if number % 2 == 0:
                self.out.append(
                    f'<rect x="0" y="{_n(lane.top)}" width="{_n(self.layout.width)}" height="{_n(lane.bottom - lane.top)}" '
                    f'fill="{GROUND}"/>'
                )
            for at, text in enumerate(lane.title):
                self.out.append(_text(8, lane.top + 16 + at * LEADING, text, SMALL, LINE))

    def _ways(self) -> None:
        order = sorted(self.drawn.lines, key=lambda line: line.usual)
        for line in order:
            way = self.ways.get((line.source, line.target))
            if way is None:
                continue
            look = f'stroke="{USUAL}" stroke-width="2.4"' if line.usual else f'stroke="{LINE}" stroke-width="1.2"'
            if line.clock:
                look += ' stroke-dasharray="1.5 4" stroke-linecap="round"'
            elif line.back or not line.actions:
                look += ' stroke-dasharray="6 4"'
            for number, stroke in enumerate(way.strokes):
                ends = way.head and number == len(way.strokes) - 1
                points = " ".join(f"{_n(x)},{_n(y)}" for x, y in (_short(stroke, line) if ends else stroke))
                self.out.append(f'<polyline points="{points}" fill="none" stroke-linejoin="round" {look}/>')
            if way.head:
                self.out.append(_head(way.corners, line))

    def _box(self, box: Box) -> None:
        state = self.definition.states[box.name]
        round_ = _n(box.height / 2) if box.final else "5"
        thick = "1.8" if state.final == "good" else "1.1"
        self.out.append(
            f'<rect x="{_n(box.left)}" y="{_n(box.top)}" width="{_n(box.width)}" height="{_n(box.height)}" rx="{round_}" '
            f'fill="#ffffff" stroke="{USUAL if state.final == "good" else LINE}" stroke-width="{thick}"/>'
        )
        tall = len(box.lines) * LEADING + len(box.small) * (LEADING - 1)
        y = box.y - tall / 2 + 11.2
        for text in box.lines:
            self.out.append(_text(box.x, y, text, LABEL, INK, "middle"))
            y += LEADING
        for text in box.small:
            self.out.append(_text(box.x, y - 0.6, text, SMALL, LINE, "middle"))
            y += LEADING - 1

    def _label(self, label: Label, line: Line) -> None:
        if label.over:
            left, top, right, bottom = label.rect
            self.out.append(
                f'<rect x="{_n(left - 1)}" y="{_n(top)}" width="{_n(right - left + 2)}" height="{_n(bottom - top)}" '
                f'fill="{self._ground(top)}"/>'
            )
        for number, text in enumerate(label.lines):
            colour = USUAL if line.usual else LINE
            self.out.append(_text(label.x, label.y + number * 13.5, text, SMALL, colour, label.anchor))

    def _ground(self, y: float) -> str:
        for number, lane in enumerate(self.layout.lanes):
            if lane.top <= y < lane.bottom:
                return GROUND if number % 2 == 0 else "#ffffff"
        return "#ffffff"

    def _legend(self, y: float) -> None:
        x = float(LANE)
        kinds = (
            (self.say("usual way"), f'stroke="{USUAL}" stroke-width="2.4"'),
            (self.say("another way"), f'stroke="{LINE}" stroke-width="1.2"'),
            (self.say("back, or another body instead"), f'stroke="{LINE}" stroke-width="1.2" stroke-dasharray="6 4"'),
            (
                self.say("by date"),
                f'stroke="{LINE}" stroke-width="1.2" stroke-dasharray="1.5 4" stroke-linecap="round"',
            ),
        )
        for text, look in kinds:
            self.out.append(f'<path d="M{_n(x)} {_n(y - 4)}h34" fill="none" {look}/>')
            self.out.append(_text(x + 40, y, text, SMALL, LINE))
            x += 40 + width(text, SMALL) + 26
        self.out.append(
            f'<rect x="{_n(x)}" y="{_n(y - 12)}" width="34" height="15" rx="7.5" fill="#ffffff" stroke="{LINE}" stroke-width="1.1"/>'
        )
        self.out.append(_text(x + 40, y, self.say("end"), SMALL, LINE))


def _short(way: list[Point], line: Line) -> list[Point]:
    """The line without the length of its head."""
    (x0, y0), (x1, y1) = way[-2], way[-1]
    cut = 7.0 if line.usual else 5.0
    if x0 == x1:
        return [*way[:-1], (x1, y1 - cut if y1 > y0 else y1 + cut)]
    return [*way[:-1], (x1 - cut if x1 > x0 else x1 + cut, y1)]


def _head(way: list[Point], line: Line) -> str:
    (x0, y0), (x, y) = way[-2], way[-1]
    long, half = (10.0, 4.6) if line.usual else (8.0, 3.6)
    if x0 == x:
        back = y - long if y > y0 else y + long
        points = f"{_n(x)},{_n(y)} {_n(x - half)},{_n(back)} {_n(x + half)},{_n(back)}"
    else:
        back = x - long if x > x0 else x + long
        points = f"{_n(x)},{_n(y)} {_n(back)},{_n(y - half)} {_n(back)},{_n(y + half)}"
    return f'<polygon points="{points}" fill="{USUAL if line.usual else LINE}"/>'


def _text(x: float, y: float, text: str, size: float, colour: str, anchor: str = "start") -> str:
    where = "" if anchor == "start" else f" text-anchor={quoteattr(anchor)}"
    return f'<text x="{_n(x)}" y="{_n(y)}" font-size="{size:g}" fill="{colour}"{where}>{escape(text)}</text>'


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
