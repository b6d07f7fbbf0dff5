"""What every check works at: the file, the definition made of it, the site's names, and the problems found so far."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from engine.core.model import Definition
from engine.definitions.positions import Path
from engine.definitions.problems import Problem, did_you_mean
from engine.definitions.schema import WorkflowFile
from engine.definitions.site import SiteNames
from engine.definitions.tree import Node, at

RULES = ("block", "exception", "warning", "guard", "lift")
TABLES = {
    "state": "states",
    "group": "groups",
    "route": "route",
    "notice": "notices",
    "document": "documents",
    "limit": "limits",
    "ladder": "ladder",
    "section": "fields",
    "obligation": "obligation",
    "record": "record",
    "choice": "choices",
    "action": "actions",
    "publish": "publish",
    "children": "children",
    "parameter": "parameters",
    "let": "let",
}


class Desk:
    """`cut` are paths left out of the definition. `whole`: there are none, so a proof over its graph means something."""

    def __init__(
        self, root: Node, file: WorkflowFile, definition: Definition, site: SiteNames | None, cut: frozenset[Path]
    ):
        self.root, self.file, self.definition, self.site, self.cut = root, file, definition, site, cut
        self.whole = not cut
        self.problems: list[Problem] = []
        self.used: set[tuple[str, str]] = set()
        self.fields = {name for section in self.names("section") for name in self._keys("fields", section)}
        self.rules = {name: kind for kind in RULES for name in self._keys(kind)}

    def _keys(self, *path: str) -> list[str]:
        node, found = at(self.root, path)
        return list(node.table) if found else []

    def names(self, kind: str) -> list[str]:
        """Names as they are written, those of entries that could not be read included."""
        return self._keys(TABLES[kind])

    def node(self, path: Path) -> Node:
        return at(self.root, path)[0]

    def say(
        self,
        code: str,
        message: str,
        path: Path,
        *,
        key: bool = False,
        inside: tuple[int, int] | None = None,
        hint: str = "",
        severity: Literal["error", "warning"] = "error",
    ) -> None:
        node, found = at(self.root, path)
        key = key or (not found and node.items is not None)  # one text where a list may stand is meant itself
        made = node.problem(code, message, key=key, inside=inside, hint=hint, severity=severity)
        if made not in self.problems:
            self.problems.append(made)

    def warn(self, code: str, message: str, path: Path, *, key: bool = False, hint: str = "") -> None:
        self.say(code, message, path, key=key, hint=hint, severity="warning")

    def refer(
        self, kind: str, name: str, path: Path, said: str, *, known: Iterable[str] | None = None, code: str = "E261"
    ) -> bool:
        """A name that stands for something declared elsewhere: noted as used, or said to be unknown.

        `said` is the sentence with `{name}` in it.
        """
        self.used.add((kind, name))
        listed = list(known) if known is not None else self.names(kind)
        if name in listed:
            return True
        raw = self.node(path).value
        start = raw.find(name) if isinstance(raw, str) and name else -1
        inside = (start, len(name)) if start >= 0 and raw != name else None
        self.say(code, said.format(name=name), path, inside=inside, hint=did_you_mean(name, listed))
        return False

    def damaged(self, path: Path) -> bool:
        """Whether something at or below `path` was left out: then what is missing there has been said."""
        return any(cut[: len(path)] == path for cut in self.cut)

    def own(self, path: Path) -> bool:
        """Whether an entry is written in the file itself and not only in one it includes."""
        return self.node(path).source.name == self.root.source.name
