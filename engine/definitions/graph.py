"""A workflow as a picture (SVG) and as Mermaid text.

The SVG has presentation attributes only (a page's content policy drops styles), is about 1,130 × 770 units large and so
fills one A4 page across with no word below 8 pt. Titles of bodies come from the directory, where one is given.
"""

from __future__ import annotations

import functools

from engine.core.directory import Directory
from engine.core.model import Definition, Duration, Text
from engine.definitions.drawing.labels import Label, Point, Words
from engine.definitions.drawing.layout import Layout, placed
from engine.definitions.drawing.plan import Line, Picture, picture
from engine.definitions.drawing.routing import Way, routed
from engine.definitions.drawing.sheet import Sheet
from engine.words.language import words


def svg(definition: Definition, lang: str, directory: Directory | None = None) -> str:
    """The picture of a workflow in one language."""
    return _svg(_Key(definition, lang, directory))


class _Key:
    """One picture: same definition, language and directory make the same bytes."""

    def __init__(self, definition: Definition, lang: str, directory: Directory | None):
        self.definition, self.lang, self.directory = definition, lang, directory
        roots = {path.partition(".")[0] for state in definition.states.values() for path in state.who}
        known = directory.bodies if directory else {}
        titles = tuple((root, known[root].vi, known[root].en) for root in sorted(roots & set(known)))
        self._key = (definition.sha256, definition.name, lang, titles)

    def __hash__(self) -> int:
        return hash(self._key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self._key == other._key and bool(self.definition.sha256)


@functools.lru_cache(maxsize=64)
def _svg(key: _Key) -> str:
    definition, lang = key.definition, key.lang
    drawn = picture(definition)
    say = words(lang)
    ends = [name for name, state in definition.states.items() if state.final]
    texts = {
        name: (state.label[lang], _small(definition, drawn, name, lang)) for name, state in definition.states.items()
    }
    titles = {lane: _title(definition, lane, lang, key.directory) for lane in drawn.lanes}
    layout = placed(drawn, texts, titles, ends, say("Ends"))
    ways = routed(layout, drawn.lines)
    labels = _labels(definition, drawn, layout, ways, lang)
    return Sheet(definition, lang, drawn, layout, ways, labels).text()


def _small(definition: Definition, drawn: Picture, name: str, lang: str) -> list[str]:
    """Below a state's name: its limit; below an end's name: who comes there from many states."""
    say = words(lang)
    found = []
    limits = [definition.limits[item.name] for item in definition.states[name].limit if item.name in definition.limits]
    if limits and limits[-1].normal:
        found.append(_duration(limits[-1].normal, lang))
    for action, count in drawn.notes.get(name, []):
        label = definition.actions.get(action)
        what = f"{label[lang]}: " if label and label[lang] != definition.states[name].label[lang] else ""
        found.append(say("%(what)sfrom %(n)d states", what=what, n=count))
    return found


def _duration(duration: Duration, lang: str) -> str:
    say = words(lang)
    units = {
        "working_days": ("%(n)d working day", "%(n)d working days"),
        "days": ("%(n)d day", "%(n)d days"),
        "hours": ("%(n)d hour", "%(n)d hours"),
        "months": ("%(n)d month", "%(n)d months"),
    }
    return say.count(*units[duration.unit], duration.count)


def _title(definition: Definition, lane: str, lang: str, directory: Directory | None) -> str:
    """Who holds a lane, in words: bodies by name, fields by label."""
    say = words(lang)
    found = []
    for path in lane.split("|"):
        root, _, rest = path.partition(".")
        body = directory.bodies.get(root) if directory else None
        if root == "author":
            name = say("Proposer")
        elif body is not None:
            name = body.en if lang == "en" and body.en else body.vi
        elif root in definition.fields:
            name = definition.fields[root].label[lang]
        else:
            name = root.replace("_", " ")
        found.append(f"{name} ({say(rest)})" if rest in ("head", "secretary", "clerk") else name)
    return ", ".join(found)


def _labels(
    definition: Definition,
    drawn: Picture,
    layout: Layout,
    ways: dict[tuple[str, str], Way],
    lang: str,
) -> list[tuple[Label, Line]]:
    """One label for each action of a bundle, on the line of it that has most room."""
    thick = [
        ways[line.source, line.target].corners
        for line in drawn.lines
        if line.usual and (line.source, line.target) in ways
    ]
    space = Words(layout, [way.corners for way in ways.values()], thick)
    groups: dict[tuple[object, tuple[str, ...]], list[Line]] = {}
    for line in drawn.lines:
        if (line.source, line.target) in ways:
            groups.setdefault((line.bundle, tuple(line.actions)), []).append(line)
    wanted: list[tuple[str, list[list[Point]]]] = []
    named: list[Line] = []
    for (_, actions), lines in groups.items():
        text = " / ".join(_words(definition, lines[0], action, lang) for action in actions)
        if text:
            wanted.append((text, [ways[line.source, line.target].corners for line in lines]))
            named.append(lines[0])
    placed_ = space.place_all(wanted)
    return [(label, line) for label, line in zip(placed_, named, strict=True) if label is not None]


def _words(definition: Definition, line: Line, action: str, lang: str) -> str:
    """The action's words; the clock's own moves have none, so the date is named."""
    label = definition.actions.get(action)
    if label is not None:
        return label[lang]
    at = definition.transitions[line.source][action].at
    if at is None:
        return action
    field = definition.fields.get(at.anchor)
    return field.label[lang] if field else words(lang)("by date")


def mermaid(definition: Definition, lang: str) -> str:
    """The same as Mermaid, for documents that draw it themselves. Every transition is there, also those in notes."""
    lines = ["stateDiagram-v2"]
    for name, state in definition.states.items():
        lines.append(f'    state "{_quoted(state.label, lang)}" as {name}')
    lines.append(f"    [*] --> {definition.start.state}")
    for state_name, actions in definition.transitions.items():
        for action, transition in actions.items():
            rows = definition.routes.get(transition.to)
            for target in dict.fromkeys(row.to for row in rows) if rows else [transition.to]:
                label = definition.actions.get(action)
                what = _quoted(label, lang) if label else action
                lines.append(f"    {state_name} --> {target} : {what}")
    lines += [f"    {name} --> [*]" for name, state in definition.states.items() if state.final]
    return "\n".join(lines) + "\n"


def _quoted(text: Text, lang: str) -> str:
    return text[lang].replace('"', "'").replace(":", " -").replace(";", ",").replace("\n", " ")
