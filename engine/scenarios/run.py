"""Scenario files from their names to results: read, checked against their workflow, played each on a site of its own."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from tempfile import TemporaryDirectory

from engine.config.site import SiteSetup
from engine.core.model import Definition
from engine.definitions.loader import Loaded, load_file
from engine.definitions.problems import Problem, Problems, did_you_mean
from engine.scenarios.given import Given, read_given
from engine.scenarios.names import Names
from engine.scenarios.play import Play
from engine.scenarios.reader import Reader
from engine.scenarios.sandbox import Sandbox, sandbox
from engine.scenarios.script import Script, Story
from engine.scenarios.site import around, home
from engine.scenarios.versions import changed
from engine.store.scratch import Scratch

ENDING = ".scenarios.toml"
START = 1_577_836_800_000_000  # 2020-01-01: a site is set up before any story begins


@dataclass(frozen=True)
class Result:
    """One scenario played. `problems` empty: it went as written. `line` of its `id`."""

    id: str
    title: str
    file: str
    line: int
    problems: tuple[Problem, ...]
    seconds: float

    @property
    def passed(self) -> bool:
        return not self.problems


@dataclass(frozen=True)
class Ready:
    """A file that may be played."""

    script: Script
    setup: SiteSetup
    loaded: Loaded
    given: tuple[Given, ...] = ()

    def load(self, path: Path) -> Loaded:
        return load_file(path, self.setup.names)


def run(
    path: Path | str,
    *,
    site: SiteSetup | None = None,
    database_url: str | None = None,
    only: tuple[str, ...] = (),
    after: Callable[[Sandbox], None] | None = None,
) -> list[Result]:
    """Play the scenarios of one file. `only`: ids, `S-4*` for many; `after` looks at each site when its story is over.
    Raises Problems when the file cannot be played."""
    return list(played(prepared(Path(path), site), database_url, only, after))


def prepared(path: Path, site: SiteSetup | None = None) -> Ready:
    """Read a file and check every name in it. Raises Problems, those of the file and those of names together."""
    folder = home(path, site)
    reader = Reader(home=folder)
    script = reader.collect(path)
    try:
        setup = around(script, site)
        given = read_given(setup.settings.directory.parent)
        ready = Ready(script, setup, load_file(_beside(script, folder), setup.names), given)
    except Problems as found:
        raise Problems([*reader.problems, *found.items]) from None
    definitions = [ready.loaded.definition, *_published(ready)]
    people, bodies = frozenset(setup.directory.people), frozenset(setup.directory.bodies)
    problems = reader.problems + Names(script, definitions, people, bodies, dict(setup.site.registers)).check()
    if problems:
        raise Problems(problems)
    return ready


def played(
    ready: Ready,
    database_url: str | None = None,
    only: tuple[str, ...] = (),
    after: Callable[[Sandbox], None] | None = None,
) -> Iterator[Result]:
    """Results one by one, each in an empty database of its own."""
    with (
        TemporaryDirectory(prefix="trinh-scenarios-", dir=_swift()) as folder,
        Scratch(database_url, Path(folder)) as scratch,
    ):
        for story in ready.script.scenarios:
            if not only or any(fnmatchcase(story.name, pattern) for pattern in only):
                yield _one(ready, story, scratch, after)


def _swift() -> str | None:
    """Memory, where the system lends it as a folder: nothing of a trial has to outlive a power cut."""
    place = Path("/dev/shm")
    return str(place) if place.is_dir() and os.access(place, os.W_OK) else None


def _one(ready: Ready, story: Story, scratch: Scratch, after: Callable[[Sandbox], None] | None) -> Result:
    start = time.perf_counter()
    place = story.node.source.place((*story.node.path, "id"))
    with scratch.fresh() as (url, folder), sandbox(ready.setup, url, folder, START) as box:
        for register, rows in ready.script.registers.items():
            box.know(register, rows)
        box.publish(ready.loaded)
        problems = Play(ready.script, story, box, ready.loaded, ready.load, ready.given).run()
        if after is not None:
            after(box)
    seconds = time.perf_counter() - start
    return Result(story.name, story.title, story.node.source.name, place.line, tuple(problems), seconds)


def run_files(
    files: Iterable[Path | str],
    *,
    site: SiteSetup | None = None,
    database_url: str | None = None,
    only: tuple[str, ...] = (),
    report: Callable[[str], None] = print,
) -> int:
    """Play files (or all of a folder) and tell of each scenario. 0: all went as written; 1: not, or a file is wrong."""
    passed = failed = 0
    unknown = dict.fromkeys(only)
    broken: list[Problem] = []
    for path in spread(files, broken):
        try:
            ready = prepared(path, site)
        except Problems as found:
            broken += found.items
            report(found.text())
            continue
        for result in played(ready, database_url, only):
            passed, failed = passed + result.passed, failed + (not result.passed)
            for pattern in [name for name in unknown if fnmatchcase(result.id, name)]:
                del unknown[pattern]
            report(told(result))
    for problem in [p for p in broken if p.code == "E110" and not p.line]:
        report(problem.text())
    for pattern in unknown:
        report(f"no scenario of these files is called '{pattern}'")
    report(summary(passed, failed, len(broken)))
    return 0 if passed and not failed and not broken and not unknown else 1


def spread(files: Iterable[Path | str], broken: list[Problem]) -> list[Path]:
    """Files as they are, folders by their scenario files, each once."""
    found: dict[Path, None] = {}
    for name in files:
        path = Path(name)
        if path.is_dir():
            inside = sorted(path.rglob(f"*{ENDING}"))
            found.update(dict.fromkeys(inside))
            if not inside:
                broken.append(Problem("E110", f"there is no file *{ENDING} in this folder", str(path)))
        elif path.is_file():
            found[path] = None
        else:
            broken.append(Problem("E110", "cannot read this file: there is no such file", str(path)))
    return list(found)


def told(result: Result) -> str:
    if result.passed:
        return f"ok    {result.id:<8} {result.title}  ({result.seconds:.1f} s)"
    problems = "\n".join(problem.text() for problem in result.problems)
    return f"FAIL  {result.id:<8} {result.title}\n{problems}"


def summary(passed: int, failed: int, broken: int) -> str:
    parts = [f"{passed} {'scenario' if passed == 1 else 'scenarios'} as written"]
    if failed:
        parts.append(f"{failed} not")
    if broken:
        parts.append(f"{broken} {'problem' if broken == 1 else 'problems'} in the files")
    return ", ".join(parts)


def _beside(script: Script, home: Path | None) -> Path:
    """The workflow's file: beside the scenarios, in a folder above, or among the site's."""
    name = f"{script.workflow}.toml"
    for folder in (script.path.parent, *script.path.resolve().parents):
        for place in (folder / name, folder / "workflows" / name):
            if place.is_file():
                return place
    if home is not None and (home / name).is_file():
        return home / name
    hint = did_you_mean(name, [p.name for p in home.glob("*.toml")] if home else [])
    raise Problems(
        [script.node.problem("E110", f"there is no file '{name}' beside this one, nor in the site", hint=hint)]
    )


def _published(ready: Ready) -> list[Definition]:
    """Versions that the stories publish, for the names they bring. What is refused brings none."""
    found = []
    for story in (*ready.script.stories.values(), *ready.script.scenarios):
        for row in story.rows:
            if row.has("publish"):
                try:
                    made = changed(ready.loaded, row.get("publish"), ready.script.path.parent, ready.load)
                    found.append(made.definition)
                except Problems:
                    continue
    return found


__all__ = ["Ready", "Result", "played", "prepared", "run", "run_files", "told"]
