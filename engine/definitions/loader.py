"""From files to a `Definition`, or to all problems of all of them: the one door of this package.

`load_file` reads from the workflows folder, `load_bytes` from bytes that were published. A definition's `sha256` is
the digest of its manifest: `path TAB length TAB sha256` of the file and all it includes, one a line, by path.
"""

from __future__ import annotations

import dataclasses
import hashlib
from dataclasses import dataclass
from pathlib import Path

from engine.core.model import Definition
from engine.definitions import shape
from engine.definitions.check import check as check_file
from engine.definitions.checks.texts import characters
from engine.definitions.parse import Parser
from engine.definitions.problems import Problem, Problems, in_order
from engine.definitions.site import SiteNames
from engine.definitions.source import Source
from engine.definitions.tree import Merge, Node, of_source, with_likes


@dataclass(frozen=True)
class Loaded:
    """A file that may be published. `files` map paths inside the workflows folder to exact bytes.

    `unbuilt` are warnings about what the language has and this release cannot run yet: `publish` refuses them.
    """

    definition: Definition
    files: dict[str, bytes]
    main: str
    warnings: tuple[Problem, ...] = ()
    unbuilt: tuple[Problem, ...] = ()


def load_bytes(
    files: dict[str, bytes], main: str, site: SiteNames | None, *, version: int = 0, check: bool = True
) -> Definition:
    """The definition in `files[main]`. Raises Problems.

    `site` None skips what needs the site's names. `check` False only reads: for bytes that passed when they were
    published, which a stricter release must still be able to run.
    """
    definition, _ = _read(files, main, "", site, check)
    return dataclasses.replace(definition, version=version)


def load_file(path: Path | str, site: SiteNames | None) -> Loaded:
    """A file of the workflows folder with what it includes. Raises Problems."""
    path = Path(path)
    files = _collected(path)
    definition, warnings = _read(files, path.name, _folder(path), site, True)
    unbuilt = tuple(item for item in warnings if item.code == UNBUILT)
    return Loaded(definition, files, path.name, warnings, unbuilt)


def digest(files: dict[str, bytes]) -> str:
    """SHA-256 of the manifest, in hex."""
    lines = [f"{name}\t{len(data)}\t{hashlib.sha256(data).hexdigest()}\n" for name, data in sorted(files.items())]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


UNBUILT = "W291"


def _folder(path: Path) -> str:
    parent = str(path.parent)
    return "" if parent == "." else f"{parent}/"


def _collected(path: Path) -> dict[str, bytes]:
    """The bytes of a file and of what it includes. Only the main file has to be readable here."""
    files = {path.name: _bytes(path)}
    try:
        source = Source.read(files[path.name], str(path))
    except Problems:
        return files  # said again, with everything else, by _read
    for name in _included(source):
        beside = path.parent / name
        if beside.is_file() and beside.resolve().parent == path.parent.resolve():
            files[name] = beside.read_bytes()
    return files


def _bytes(path: Path) -> bytes:
    Source.refuse_unreadable(path)
    return path.read_bytes()


def _included(source: Source) -> list[str]:
    listed = source.data.get("include", [])
    return [name for name in listed if isinstance(name, str) and _plain(name)] if isinstance(listed, list) else []


def _plain(name: str) -> bool:
    """A file of the same folder: no folder in it, no way up."""
    return name.endswith(".toml") and "/" not in name and "\\" not in name and not name.startswith(".")


def _read(
    files: dict[str, bytes], main: str, folder: str, site: SiteNames | None, check: bool
) -> tuple[Definition, tuple[Problem, ...]]:
    problems: list[Problem] = []
    root, lines = _tree(files, main, folder, problems)
    shaped = shape.fit(root)
    problems += shaped.problems
    if shaped.file is None:
        raise Problems(problems)
    parser = Parser(root, shaped.file, frozenset(site.site.registers) if site else None)
    parser.own_lines = lines
    definition = dataclasses.replace(parser.definition(), sha256=digest(files))
    problems += parser.problems
    if check:
        cut = shaped.cut | ({()} if problems else frozenset())
        problems += characters(root)
        problems += check_file(root, shaped.file, definition, site, cut=cut)
    if any(item.severity == "error" for item in problems):
        raise Problems(problems)
    return definition, in_order(problems)


def _tree(files: dict[str, bytes], main: str, folder: str, problems: list[Problem]) -> tuple[Node, dict[int, int]]:
    """The merged tables, and how many lines to take off a line of each rank so that included files come first."""
    own = Source.read(files[main], folder + main, problems)
    names = own.data.get("include", [])
    names = names if isinstance(names, list) else []
    bases: list[Node] = []
    lines: list[int] = []
    for number, name in enumerate(names):
        base = _base(files, name, folder, own, number, len(bases), problems)
        if base is not None:
            bases.append(base)
            lines.append(len(base.source.lines))
    merge = Merge(problems)
    root = merge.joined(of_source(own, len(bases)), bases)
    with_likes(root, problems)
    return root, {rank: sum(lines[rank:]) for rank in range(len(bases))} | {len(bases): 0}


def _base(
    files: dict[str, bytes], name: object, folder: str, own: Source, number: int, rank: int, problems: list[Problem]
) -> Node | None:
    path = ("include", number)
    if not isinstance(name, str):
        return None  # the schema says so
    if not _plain(name):
        problems.append(own.problem("E401", f"'{name}' is not a file of this folder ('name.toml')", path))
        return None
    if name not in files:
        problems.append(own.problem("E401", f"there is no file '{name}' in this folder", path))
        return None
    try:
        source = Source.read(files[name], folder + name, problems)
    except Problems as error:
        problems.extend(error.items)
        return None
    if "include" in source.data:
        message = f"'{name}' includes other files itself; inclusion is one level deep"
        problems.append(own.problem("E401", message, path))
    node = of_source(source, rank)
    for key in ("workflow", "include", "remove"):
        node.table.pop(key, None)
    return node
