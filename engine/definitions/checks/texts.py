"""Characters that do not belong (E109), names that differ only in case (E311), mixed scripts (W281)."""

from __future__ import annotations

import re
import unicodedata

from engine.definitions.checks.desk import RULES, TABLES, Desk
from engine.definitions.positions import Path
from engine.definitions.problems import Problem
from engine.definitions.tree import Node

_NAMES = {"\u202e": "right-to-left override", "\u200b": "zero width space", "\ufeff": "byte order mark", "\0": "NUL"}
_WORD = re.compile(r"[^\W\d_]+")
_SCRIPTS = ("LATIN", "CYRILLIC", "GREEK")


def characters(root: Node) -> list[Problem]:
    """Control, direction and zero-width characters in any text or key; line ends only inside expressions."""
    found: list[Problem] = []
    for node in root.walk():
        if isinstance(node.items, dict):
            for key, item in node.items.items():
                bad = _bad(key, False)
                if bad >= 0:
                    found.append(item.problem("E109", f"the key holds {_called(key[bad])}", key=True))
        elif isinstance(node.value, str):
            spoken = bool(node.path) and node.path[-1] in ("vi", "en")
            bad = _bad(node.value, not spoken)
            if bad >= 0:
                found.append(node.problem("E109", f"the text holds {_called(node.value[bad])}", inside=(bad, 1)))
    return found


def _bad(text: str, lines: bool) -> int:
    for place, char in enumerate(text):
        if char in "\n\t" and lines:
            continue
        if unicodedata.category(char) in ("Cc", "Cf", "Co", "Cs"):
            return place
    return -1


def _called(char: str) -> str:
    name = _NAMES.get(char) or {"\n": "line end", "\t": "tab", "\r": "carriage return"}.get(char)
    return f"the invisible character U+{ord(char):04X} ({name or unicodedata.name(char, 'control').lower()})"


def check(desk: Desk) -> None:
    for path in [*((table,) for table in TABLES.values()), RULES]:
        _alike(desk, path)
    for name in desk.names("choice"):
        _alike(desk, ("choices", name))
    _braces(desk)
    for node in desk.root.walk():
        if isinstance(node.value, str) and node.path and node.path[-1] in ("vi", "en", "label", "basis"):
            _mixed(desk, node)


def _braces(desk: Desk) -> None:
    """`{…}` is filled in the sentences of rules, in notices and obligations; anywhere else it would be printed."""
    filled = (*RULES, "notices", "obligation")
    for node in desk.root.walk():
        spoken = isinstance(node.value, str) and node.path and node.path[-1] in ("vi", "en")
        if spoken and node.path[0] not in filled and "{" in node.value:
            message = "{…} is filled in rules, notices and obligations only; here it is printed as it stands"
            inside = (node.value.index("{"), 1)
            desk.problems.append(node.problem("W282", message, inside=inside, severity="warning"))


def _alike(desk: Desk, path: Path) -> None:
    """Two names that look the same once upper and lower case are put aside."""
    tables = [(kind,) for kind in path] if path == RULES else [path]
    first: dict[str, tuple[Path, str]] = {}
    for table in tables:
        for name in desk.node(table).table if desk.node(table).path == table else {}:
            folded = unicodedata.normalize("NFKC", name).casefold()
            place, other = first.setdefault(folded, ((*table, name), name))
            if other != name:
                node = desk.node(place)
                line = node.source.place(node.path, key=True).line
                desk.say(
                    "E311", f"'{name}' differs from '{other}' (line {line}) only in case", (*table, name), key=True
                )


def _mixed(desk: Desk, node: Node) -> None:
    for match in _WORD.finditer(node.value):
        scripts = {
            script for char in match.group() for script in _SCRIPTS if unicodedata.name(char, "").startswith(script)
        }
        if len(scripts) > 1:
            listed = " and ".join(sorted(script.capitalize() for script in scripts))
            message = f"the word '{match.group()}' mixes {listed} letters"
            made = node.problem("W281", message, inside=(match.start(), len(match.group())), severity="warning")
            desk.problems.append(made)
