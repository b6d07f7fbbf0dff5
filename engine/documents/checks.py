"""Templates of documents, checked before a real case needs them: each problem with its file and line.

`templates` reads the files (syntax, forbidden layout, addresses outside, tables); `documents` also prints every document
of a workflow with a made-up case, full and empty, in both profiles.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from jinja2 import TemplateSyntaxError, meta, nodes

from engine.config.site import SiteSetup
from engine.core.model import Definition
from engine.core.world import World
from engine.definitions.problems import Problem, in_order
from engine.documents.bodies import BASES, BODIES
from engine.documents.bundle import FOLDER, PLAIN, Bundle
from engine.documents.context import draft_context
from engine.documents.environment import environment
from engine.documents.render import Printer, PrintError
from engine.documents.sample import LATER, Sample
from engine.documents.sample import world as sample_world
from engine.words import formats

SYNTAX, LAYOUT, OUTSIDE, FAILS, TABLE, PLAIN_ONLY = "E701", "E702", "E703", "E704", "E705", "W706"

# WeasyPrint 70 fails on grids at a page end and moves blocks that would fit (measured); tables never did
_LAYOUT = re.compile(r"\bdisplay\s*:\s*(?:inline-)?(grid|flex)\b|\b(grid|flex)-[a-z-]+\s*:", re.IGNORECASE)
_OUTSIDE = re.compile(r"(?:https?|ftp|file|data|javascript)\s*:|(?<!:)//[a-z0-9]", re.IGNORECASE)
_RISKY = re.compile(
    r"<\s*(script|iframe|object|embed|form|base)\b|\brel\s*=\s*[\"']?attachment|@import\b", re.IGNORECASE
)
_COMMENTS = re.compile(r"\{#.*?#\}|<!--.*?-->|/\*.*?\*/", re.DOTALL)


def templates(root: Path) -> list[Problem]:
    """Problems of all files in `root`/documents. `root` is the folder `templates` of a site."""
    found: list[Problem] = []
    files = {path.name: path for path in sorted((root / FOLDER).glob("*")) if path.is_file()}
    if PLAIN not in files:
        return [Problem(FAILS, f"the plain letter '{PLAIN}' is missing", str(root / FOLDER))]
    known = {f"{FOLDER}/{name}": path.read_bytes() for name, path in files.items()}
    for name, path in files.items():
        shown = f"{root.name}/{FOLDER}/{name}"
        try:
            text = known[f"{FOLDER}/{name}"].decode("utf-8")
        except UnicodeDecodeError:
            found.append(Problem(SYNTAX, "the file is not UTF-8 text", shown))
            continue
        if path.suffix in (".html", ".css"):
            found += _lint(text, shown)
        if path.suffix == ".html":
            found += _syntax(text, name, shown, known)
        if path.suffix == ".toml":
            found += _table(text, shown)
    return list(in_order(found))


def documents(definition: Definition, world: World, printer: Printer) -> list[Problem]:
    """Every document of a workflow, printed with a made-up case; only the page, no PDF."""
    found: dict[tuple[str, int, str], Problem] = {}
    sample = Sample(definition, world)
    own = printer.templates.names()
    for name, document in definition.documents.items():
        bundle = printer.templates.bundle(name)
        if name not in own:
            message = f"document '{name}' has no template of its own and is printed on the plain letter"
            found[PLAIN_ONLY, 0, name] = Problem(
                PLAIN_ONLY, message, f"{printer.templates.root.name}/{FOLDER}/{name}.html", severity="warning"
            )
        for context in _contexts(sample, document, bundle):
            try:
                printer.html(name, context, bundle)
            except PrintError as error:
                shown = f"{printer.templates.root.name}/{error.file}"
                problem = _at(
                    FAILS, f"{name} cannot be printed: {error.message}", shown, bundle, error.file, error.line
                )
                found.setdefault((shown, error.line, error.message), problem)
    return list(in_order(found.values()))


def _contexts(sample: Sample, document: Any, bundle: Bundle) -> Iterator[dict[str, Any]]:
    """As it would be printed by each action that issues it, and as a draft of an empty case; in both profiles, on the
    day itself and long after everything was due."""
    triggers = [
        (state, action)
        for state, actions in sample.definition.transitions.items()
        for action, transition in actions.items()
        if any(item.name == document.id for item in transition.issue)
    ]
    moments = [sample.moment(True, action, state) for state, action in triggers or [("", "")]]
    for moment in [*moments, sample.moment(False)]:
        made = draft_context(moment, document, bundle.files)
        for profile, day in (("state", LATER), ("party", made["paper"]["date"])):
            paper = {**made["paper"], "profile": profile, "date": day, "draft": moment is not moments[0]}
            yield {**made, "paper": paper}


# -- one file


def _lint(text: str, shown: str) -> Iterator[Problem]:
    clean = _COMMENTS.sub(lambda m: re.sub(r"[^\n]", " ", m.group()), text)
    for number, line in enumerate(clean.split("\n"), 1):
        source = text.split("\n")[number - 1]
        for code, pattern, message in (
            (LAYOUT, _LAYOUT, "grid and flex are not printed safely: use display: table on div"),
            (OUTSIDE, _OUTSIDE, "a template uses only files of its own folder and ../fonts"),
            (OUTSIDE, _RISKY, "this has no place in a document"),
        ):
            for match in pattern.finditer(line):
                size = match.end() - match.start()
                yield Problem(code, message, shown, number, match.start() + 1, size, source=source)


def _syntax(text: str, name: str, shown: str, files: dict[str, bytes]) -> Iterator[Problem]:
    made = environment(Bundle(f"{FOLDER}/{name}", files))
    try:
        tree = made.parse(text)
    except TemplateSyntaxError as error:
        yield _line(SYNTAX, error.message or "syntax", shown, text, error.lineno)
        return
    for node in tree.find_all((nodes.Filter, nodes.Test)):
        names = made.filters if isinstance(node, nodes.Filter) else made.tests
        if node.name not in names:
            kind = "filter" if isinstance(node, nodes.Filter) else "test"
            yield _line(SYNTAX, f"there is no {kind} '{node.name}'", shown, text, node.lineno)
    for other in meta.find_referenced_templates(tree):
        if other is not None and f"{FOLDER}/{other}" not in files:
            number = next((n for n, line in enumerate(text.split("\n"), 1) if other in line), 1)
            yield _line(SYNTAX, f"there is no template '{other}'", shown, text, number)


def _table(text: str, shown: str) -> Iterator[Problem]:
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        number = int(found.group(1)) if (found := re.search(r"line (\d+)", str(error))) else 1
        yield _line(TABLE, str(error).split(" (at")[0], shown, text, number)
        return
    wanted = {BODIES: ("body", ("slug", "sign")), BASES: ("basis", ("vi", "documents"))}
    for path, (key, names) in wanted.items():
        if not shown.endswith(path):
            continue
        for index, entry in enumerate(table.get(key, []), 1):
            for name in names:
                if name not in entry:
                    yield _line(TABLE, f"'{name}' is missing", shown, text, _nth(text, f"[[{key}]]", index))
            for candidate in _candidates(entry):
                if not isinstance(candidate, dict) or not isinstance(candidate.get("lines"), list):
                    message = 'a signature is { lines = ["GIÁM ĐỐC"], post = "Giám đốc" }'
                    yield _line(TABLE, message, shown, text, _nth(text, f"[[{key}]]", index))


def _candidates(entry: dict[str, Any]) -> list[Any]:
    listed = [*entry.get("sign", []), *(one for kind in entry.get("sign_for", {}).values() for one in kind)]
    return listed if isinstance(entry.get("sign", []), list) else [None]


def _nth(text: str, head: str, index: int) -> int:
    lines = [number for number, line in enumerate(text.split("\n"), 1) if line.strip().startswith(head)]
    return lines[index - 1] if len(lines) >= index else 1


def _line(code: str, message: str, shown: str, text: str, number: int) -> Problem:
    lines = text.split("\n")
    source = lines[number - 1] if 0 < number <= len(lines) else ""
    indent = len(source) - len(source.lstrip())
    return Problem(code, message, shown, number, indent + 1, max(1, len(source.strip())), source=source)


def _at(code: str, message: str, shown: str, bundle: Bundle, file: str, number: int) -> Problem:
    data = bundle.files.get(file)
    if data is None or not number:
        return Problem(code, message, shown)
    return _line(code, message, shown, data.decode("utf-8", "replace"), number)


def check(setup: SiteSetup, definitions: Iterable[Definition]) -> list[Problem]:
    """Everything `trinh check` and `trinh publish` say about the templates of a site, tried with these workflows. Files
    that do not even read stop the trial prints."""
    root = setup.settings.templates
    found = templates(root)
    if any(item.severity == "error" for item in found):
        return found
    world = sample_world(setup.directory, setup.calendar, setup.site, formats.country)
    printer = Printer(root)
    try:
        for definition in definitions:
            found += documents(definition, world, printer)
    finally:
        printer.close()
    return list(in_order(found))
