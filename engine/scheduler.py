"""The clock's hand: wakes the engine when something falls due and the relay when a mail is owed.

APScheduler 3 is an alarm clock and nothing else: a memory store, two jobs (`wake` at the next due instant, `sweep` every
30 s) and one function that rings a bell. Two tasks of our own do the work, so that a slow mail server delays no deadline.
What is due stands in the database. Beside it runs a watchdog on the monotonic clock, because APScheduler goes deaf after
an exception and runs nothing while the clock is set back (reliability.md 0.10-0.12, 2.2, 2.3).
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from engine.core.events import iso
from engine.mail.relay import Relay
from engine.mail.setup import node_name, relay_of
from engine.mail.ways import Sent
from engine.service import Engine
from engine.service.clock_guard import ClockGuard, Jump
from engine.service.clocks import wall as wall_clock
from engine.service.publishing import append
from engine.store import deadlines, heartbeats, outbox
from engine.store.views import reading

log = logging.getLogger(__name__)
OUTAGE = 15 * 60_000_000  # µs without a heartbeat that are told in the ledger
STEPPED = 60.0  # seconds of a clock jump that are told in the ledger
PAPERS = 20  # documents printed before the mails are looked at again


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds."""

    sweep: float = 30.0
    jitter: float = 5.0
    watch: float = 15.0
    deaf: float = 90.0
    stop: float = 20.0
    beat: float = 10.0


@dataclass(slots=True)
class Round:
    """What one round did: events of the clock, documents printed, mails."""

    fired: int = 0
    printed: int = 0
    mails: Sent | None = None


class Bell:
    """Rung from any thread, heard in the worker's loop. Give `ring` to the engine as `on_commit`."""

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._events: tuple[asyncio.Event, ...] = ()

    def hang(self, *events: asyncio.Event) -> None:
        self._loop, self._events = asyncio.get_running_loop(), events

    def ring(self, _committed: Any = None) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            with suppress(RuntimeError):  # the loop closed between the two lines
                loop.call_soon_threadsafe(self._set)

    def _set(self) -> None:
        for event in self._events:
            event.set()


def make_relay(engine: Engine, setup: Any, *, printer: Any = None, **more: Any) -> Relay:
    """The relay of a site. With a printer, mails that carry a document wait for it."""
    pdf_of = None
    if printer is not None:
        from engine.service import issued

        def pdf_of(case: str, document: str, seq: int) -> bytes:
            return issued.pdf_of(engine, case, document, seq)

    return relay_of(engine, setup.settings, pdf_of=pdf_of, **more)


class Worker:
    """Runs in the event loop of the process that serves or works. `printer` renders documents that were issued;
    `render` replaces it by any function (limit → number printed)."""

    def __init__(
        self,
        engine: Engine,
        relay: Relay | None,
        printer: Any = None,
        *,
        bell: Bell | None = None,
        render: Callable[[int], int] | None = None,
        node: str = "",
        timing: Timing | None = None,
        wall: Callable[[], int] = wall_clock,
        monotonic: Callable[[], float] = time.monotonic,
    ):
        self.engine, self.relay, self.timing = engine, relay, timing or Timing()
        self.bell = bell or Bell()
        self.node = node or (relay.node if relay else node_name(engine.settings.data))
        self._render = render or (_printing(engine, printer) if printer is not None else None)
        self._monotonic = monotonic
        self.guard = ClockGuard(engine.database, wall, monotonic)
        self._loop: asyncio.AbstractEventLoop | None = None
        self._scheduler: AsyncIOScheduler | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._ticking, self._stopping = asyncio.Lock(), False
        self._due, self._mail = asyncio.Event(), asyncio.Event()
        self._swept = self._beaten = 0.0

    # -- life

    async def start(self) -> None:
        """Tell of an outage, act on what fell due meanwhile, and keep going."""
        self._stopping = False
        self._loop = asyncio.get_running_loop()
        self.bell.hang(self._due, self._mail)
        if self.relay is not None:
            self.relay.ring = self.bell.ring
        await asyncio.to_thread(self._outage)
        self._swept = self._monotonic()
        self._scheduler = self._new_scheduler()
        self._scheduler.start()
        self._tasks = [
            asyncio.create_task(self._work(), name="clock"),
            asyncio.create_task(self._send(), name="relay"),
            asyncio.create_task(self._watch(), name="watchdog"),
        ]
        self.bell._set()

    def _new_scheduler(self) -> AsyncIOScheduler:
        made = AsyncIOScheduler(
            timezone=UTC, job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1}
        )
        made.add_job(self._rung, "interval", id="sweep", seconds=self.timing.sweep, jitter=self.timing.jitter)
        return made

    async def stop(self) -> None:
        """Let the work in hand end (20 s): APScheduler's own shutdown would cut a mail between sending and marking."""
        self._stopping = True
        self.bell._set()
        workers = [task for task in self._tasks if task.get_name() != "watchdog"]
        if workers:
            await asyncio.wait(workers, timeout=self.timing.stop)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []
        if self._scheduler is not None:
            with suppress(Exception):
                self._scheduler.shutdown(wait=False)
            self._scheduler = None
        if self.relay is not None:
            await self.relay.close()

    def ring(self, _committed: Any = None) -> None:
        """Something may be due or owed. From any thread."""
        self.bell.ring()

    async def kick(self) -> Round:
        """A whole round now: everything due happens, is printed and mailed. For a demo's clock that was moved."""
        done = await self._tick()
        if self.relay is not None:
            done.mails = await self.relay.run_once()
        return done

    def kick_now(self, timeout: float = 120.0) -> Round:
        """`kick` for another thread than the loop's. Raises RuntimeError before `start`, TimeoutError."""
        if self._loop is None:
            raise RuntimeError("the worker has not started")
        return asyncio.run_coroutine_threadsafe(self.kick(), self._loop).result(timeout)

    def status(self) -> dict[str, Any]:
        """For operators: what stands still and why."""
        return {
            "running": bool(self._tasks) and not self._stopping,
            "holding": self.guard.holding,
            "stuck": dict(self.engine.stuck),
            "mail": self.relay.status if self.relay else None,
        }

    # -- the bell

    async def _rung(self) -> None:
        """The one job function."""
        self._swept = self._monotonic()
        self.bell._set()

    async def _work(self) -> None:
        while await self._rings(self._due):
            try:
                await self._tick()
            except Exception:
                log.exception("a round of the clock failed; the next sweep tries again")

    async def _send(self) -> None:
        while await self._rings(self._mail):
            try:
                if self.relay is not None:
                    await self.relay.run_once()
            except Exception:
                log.exception("a round of the relay failed; the next sweep tries again")

    async def _rings(self, event: asyncio.Event) -> bool:
        if not self._stopping:
            await event.wait()
        event.clear()
        return not self._stopping

    # -- a round

    async def _tick(self) -> Round:
        async with self._ticking:
            await asyncio.to_thread(self._beat)
            done = Round()
            done.fired = await asyncio.to_thread(self._fire)
            if self._render is not None:
                done.printed = await asyncio.to_thread(self._render, PAPERS)
            if done.fired or done.printed:
                self._mail.set()
            if done.printed >= PAPERS:
                self._due.set()
            if self._scheduler is not None:
                self._arm(await asyncio.to_thread(self._next))
            return done

    def _fire(self) -> int:
        if not self.guard.sweep():
            return self.engine.tick()
        log.warning("moves by date are held: the clock jumped ahead and is not yet confirmed")
        return self._remind()

    def _remind(self) -> int:
        """Let only reminders happen: of each case everything before its first move that is due."""
        now, fired = self.engine.clock(), 0
        with reading(self.engine.database) as conn:
            rows = deadlines.due(conn, now, 10_000)
        until: dict[str, int] = {}
        for row in rows:
            until[row.case_id] = min(until.get(row.case_id, now), row.at - 1 if row.kind == "move" else now)
        for case_id, end in until.items():
            fired += self.engine.fire_due(case_id, end)
        return fired

    def _next(self) -> int | None:
        """µs from now until the clock or the relay has something to do; None when nothing is ahead."""
        now = self.engine.clock()
        with reading(self.engine.database) as conn:
            found = [at for at in (deadlines.next_at(conn), outbox.next_try(conn)) if at is not None and at > now]
        return min(found) - now if found else None

    def _arm(self, ahead: int | None) -> None:
        """Set the alarm. What is due and could not be done (held, paused, stuck) is for the next sweep."""
        if ahead is None or self._scheduler is None:
            return
        at = datetime.now(UTC) + timedelta(microseconds=min(ahead, 366 * 86_400_000_000))
        try:
            self._scheduler.add_job(self._rung, "date", id="wake", run_date=at, replace_existing=True)
        except Exception:
            log.exception("the alarm could not be set; the sweep and the watchdog remain")

    # -- being there

    def _beat(self) -> None:
        now = self._monotonic()
        if self._beaten and now - self._beaten < self.timing.beat:
            return
        self._beaten = now
        at = self.engine.clock()
        self.engine.writer.chore(lambda conn: heartbeats.beat(conn, self.node, at)).result()

    def _outage(self) -> None:
        """Nothing is moved by it: a lapse, a departure and a due date are facts of the calendar (decisions 4.10)."""
        now = self.engine.clock()
        with reading(self.engine.database) as conn:
            last = heartbeats.last(conn)
        if last is not None and now - last > OUTAGE:
            append(self.engine, "system.outage", {"from": iso(last), "to": iso(now)})
            log.warning("nothing ran from %s to %s", iso(last), iso(now))

    # -- the watchdog

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self.timing.watch)
            try:
                await self._check()
            except Exception:
                log.exception("the watchdog failed once")

    async def _check(self) -> None:
        jump = self.guard.look()
        if jump is not None:
            await self._jumped(jump)
        if self._monotonic() - self._swept > self.timing.deaf:
            log.error("the scheduler has not rung for %.0f s: it is woken, and the sweep runs", self.timing.deaf)
            await self._rung()
            if self._scheduler is not None:
                self._scheduler.wakeup()

    async def _jumped(self, jump: Jump) -> None:
        log.warning("the machine's clock jumped by %.0f s", jump.seconds)
        if abs(jump.seconds) > STEPPED:
            body = {"from": iso(jump.before), "to": iso(jump.after)}
            await asyncio.to_thread(append, self.engine, "clock.stepped", body)
        if self._scheduler is not None:  # its next runs are wall times: without this it sleeps through a step back
            self._scheduler.modify_job("sweep", next_run_time=datetime.now(UTC))
        await self._rung()


def _printing(engine: Engine, printer: Any) -> Callable[[int], int]:
    from engine.service import issued

    return lambda limit: issued.render_due(engine, printer, limit)
