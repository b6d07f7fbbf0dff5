"""Fills an empty demo site by playing the stories of `workflows/site/demo.scenarios.toml` on it, all on one clock.

Everything goes through the doors of a real site: people act through minted links, the clock through `tick`, mails leave
through the relay into the maildir. Only the time is told to the engine, so a year's history is there in seconds. Documents
that a mail carries are printed on the way; the others are left to the printer of the server, so that the first page comes soon.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.config.site import SiteSetup
from engine.core.model import Definition
from engine.definitions.loader import load_file
from engine.definitions.problems import Problems
from engine.scenarios.play import Play, Stop
from engine.scenarios.run import Ready, prepared
from engine.scenarios.sandbox import Sandbox, SandboxClock
from engine.scenarios.script import Row, Story
from engine.service.clocks import wall
from engine.service.issued import render_due
from engine.service.opening import open_engine
from engine.service.publishing import import_register, publish, set_people

STORIES = Path("site") / "demo.scenarios.toml"  # below the folder of workflows
MARK = "demo.ready"
ADMIN = "demo"
START = "2022-05-03"
PRESENT = ("2022-08-15", "09:30:00")
Report = Callable[[str], None]


class NotADemo(ValueError):
    """The site is not one that may be filled with invented delegations; the message says why."""


@dataclass(frozen=True, slots=True)
class Act:
    """One row of a story, at its time."""

    at: Any
    play: Play
    story: Story
    row: Row


def prepare(setup: SiteSetup, *, fresh: bool = False, report: Report = print) -> bool:
    """Fill the site unless it is filled. Raises NotADemo, Problems. `fresh` throws away what the site holds."""
    settings = setup.settings
    _refuse(settings)
    mark = settings.data / MARK
    if fresh:
        _empty(settings)
    if mark.exists():
        return False
    if settings.database_url.startswith("sqlite") and _database(settings).exists():
        raise NotADemo(
            f"{_database(settings)} holds a site already, and not a whole demo: `trinh demo --fresh` begins anew"
        )
    ready = prepared(settings.workflows / STORIES, setup)
    _fill(setup, ready, report)
    mark.write_text("", "ascii")
    return True


def _refuse(settings: Any) -> None:
    if settings.production or not settings.demo.clock:
        raise NotADemo(f"{settings.path}: a demo needs production = false and [demo] clock = true")
    if settings.mail.backend != "maildir":
        raise NotADemo(f'{settings.path}: a demo needs [mail] backend = "maildir": its people have no mailboxes')


def _database(settings: Any) -> Path:
    return Path(settings.database_url.partition(":///")[2])


def _empty(settings: Any) -> None:
    """Remove what an earlier demo wrote, and nothing that is not below the data folder."""
    root = settings.data.resolve()
    for place in (
        _database(settings),
        settings.files.dir,
        settings.mail.maildir,
        settings.keys.signing,
        settings.keys.secret,
    ):
        for path in (place, Path(f"{place}-wal"), Path(f"{place}-shm"), Path(f"{place}.lock")):
            if root in path.resolve().parents and path.exists():
                shutil.rmtree(path) if path.is_dir() else path.unlink()
    for name in (MARK, "clock.offset"):
        (settings.data / name).unlink(missing_ok=True)


def _fill(setup: SiteSetup, ready: Ready, report: Report) -> None:
    calendar = setup.calendar
    clock = SandboxClock(calendar.at(_day(START), "08:00:00"))
    engine = open_engine(setup, clock=clock)
    post = Post(setup, engine)
    try:
        report("publishing people, registers and workflows …")
        set_people(engine, setup.directory, ADMIN)
        for path in sorted(setup.settings.workflows.glob("*.toml")):
            if not path.name.endswith(".scenarios.toml"):
                loaded = load_file(path, setup.names)
                publish(engine, loaded, ADMIN)
                post.carries(loaded.definition)
        for register, rows in ready.script.registers.items():
            import_register(engine, register, rows, ADMIN, "add")
        site = DemoSandbox(engine, clock, post)
        _play(ready, site, report)
        site.advance(calendar.at(_day(PRESENT[0]), PRESENT[1]))
        (setup.settings.data / "clock.offset").write_text(str(clock.now - wall()), "ascii")
    finally:
        post.close()
        engine.close()


def _play(ready: Ready, site: Sandbox, report: Report) -> None:
    """Rows of all stories in the order of their times, with a line of progress per story that ends."""
    acts = _acts(ready, site)
    last = {id(act.play): number for number, act in enumerate(acts)}
    done = 0
    for number, act in enumerate(acts):
        with suppress(Stop):
            act.play.take(act.row, act.story)
        if act.play.problems:
            raise Problems(tuple(act.play.problems))
        site.advance(site.clock.now)
        if last[id(act.play)] == number:
            done += 1
            report(f"{done:>3} of {len(last)}  {act.story.title}")


def _acts(ready: Ready, site: Sandbox) -> list[Act]:
    found = []
    for story in ready.script.scenarios:
        play = Play(ready.script, story, site, ready.loaded, ready.load)
        found += [Act(row.get("at"), play, story, row) for row in story.rows]
    return sorted(found, key=lambda act: act.at)


class Post:
    """Delivers what is owed, at the clock's present moment, and prints the documents that mails carry."""

    def __init__(self, setup: SiteSetup, engine: Any):
        from engine.documents.render import Printer
        from engine.scheduler import make_relay

        self.engine = engine
        self.printer = Printer(setup.settings.templates)
        self.relay = make_relay(engine, setup, printer=self.printer)
        self.runner = asyncio.Runner()
        self.carried: frozenset[str] = frozenset()

    def carries(self, definition: Definition) -> None:
        """A workflow whose mails this is to deliver."""
        self.carried |= {document for notice in definition.notices.values() for document in notice.attach}

    def deliver(self) -> None:
        while render_due(self.engine, self.printer, only=self.carried):
            pass
        self.runner.run(self.relay.run_once())

    def close(self) -> None:
        self.runner.run(self.relay.close())
        self.runner.close()
        self.printer.close()


class DemoSandbox(Sandbox):
    """A sandbox whose mails really leave, each at its time."""

    def __init__(self, engine: Any, clock: SandboxClock, post: Post):
        super().__init__(engine, clock)
        self.post = post

    def advance(self, to: int) -> None:
        due: int | None = None
        while (due := self.engine.next_at(due)) is not None and due <= to:
            self.clock.set(due)
            self.engine.tick(self.clock.now)
            self.post.deliver()
        self.clock.set(to)
        self.post.deliver()


def _day(text: str) -> Any:
    from datetime import date

    return date.fromisoformat(text)
