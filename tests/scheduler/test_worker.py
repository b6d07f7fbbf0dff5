"""The clock's worker: on time, never early, and not stopped by a deaf scheduler or a clock that jumps."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from engine.core.events import LOG, instant
from engine.scheduler import Bell, Timing, Worker
from engine.service.clock_guard import ClockGuard
from engine.service.clocks import wall
from engine.store import heartbeats, views
from tests.mail.support import Post
from tests.support.delegation import agreed, moment

QUICK = Timing(sweep=0.5, jitter=0.0, watch=0.1, deaf=1.0, stop=5.0, beat=0.0)
SLOW = Timing(sweep=600.0, jitter=0.0, watch=600.0, deaf=3600.0, stop=5.0, beat=0.0)
SECOND = 1_000_000


class Running:
    """Real time, moved so that it is about to be `start`."""

    def __init__(self, start: str):
        self.offset = moment(start) - wall()

    def __call__(self) -> int:
        return wall() + self.offset


class Jumping:
    """A machine's clocks: real ones, of which the wall clock can be set."""

    def __init__(self) -> None:
        self.by = 0

    def wall(self) -> int:
        return wall() + self.by


@pytest.fixture
def post(sqlite_url, tmp_path) -> Iterator[Post]:
    made = Post(sqlite_url, tmp_path)
    yield made
    made.close()


def at_review(post: Post, clock: Callable[[], int] | None = None) -> str:
    """A case whose opinion is due 13/5 17:00: its next instant is 13/5 08:00."""
    case = post.desk.submitted()
    post.desk.act(case, "F21", "forward", "2022-05-06", values={"sensitive": False})
    if clock is not None:
        post.desk.engine.clock = clock
        post.relay = post.new_relay()
    return case


@asynccontextmanager
async def working(post: Post, timing: Timing, **more: Any):
    worker = Worker(post.desk.engine, post.relay, timing=timing, **more)
    await worker.start()
    try:
        yield worker
    finally:
        await worker.stop()


async def until_true(what: Callable[[], bool], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not what():
            await asyncio.sleep(0.02)


def fired(post: Post, case: str) -> list[dict[str, Any]]:
    return [body for body, _ in post.desk.history(case) if body["actor"]["kind"] == "timer"]


def log_of(post: Post) -> list[dict[str, Any]]:
    with post.desk.engine.snapshot() as snap:
        return [body for body, _ in snap.history(LOG)]


def test_it_wakes_at_the_instant_and_never_before(post):
    clock = Running("2022-05-13 07:59")
    case = at_review(post)
    due = min(item.at for item in post.desk.case(case).deadlines.values())
    clock.offset += due - clock() - 700_000  # 0.7 s to go
    post.desk.engine.clock = clock
    post.relay = post.new_relay()

    async def run() -> None:
        async with working(post, SLOW):  # no sweep within this test: only the alarm can wake it
            await asyncio.sleep(0.4)
            assert not fired(post, case)
            await until_true(lambda: bool(fired(post, case)))
            await until_true(lambda: bool(post.mails("F12")))

    asyncio.run(run())
    (event,) = fired(post, case)
    assert instant(event["at"]) == due and due <= instant(event["rec"]) < due + 2 * SECOND


def test_a_commit_rings_the_bell(sqlite_url, tmp_path):
    """A mail owed by a decision leaves at once, not at the next sweep."""
    bell = Bell()
    post = Post(sqlite_url, tmp_path, desk={"on_commit": bell.ring})
    try:

        async def run() -> None:
            async with working(post, SLOW, bell=bell):
                await asyncio.to_thread(post.desk.submitted)
                await until_true(lambda: bool(post.mails("F21")))

        asyncio.run(run())
    finally:
        post.close()


def test_a_deaf_scheduler_is_noticed(post, caplog):
    clock = Running("2022-05-13 07:59")
    case = at_review(post)
    due = min(item.at for item in post.desk.case(case).deadlines.values())
    post.desk.engine.clock = clock

    async def run() -> None:
        async with working(post, QUICK) as worker:
            await until_true(lambda: bool(post.mails("F12")))
            await until_true(lambda: not (worker._ticking.locked() or worker._due.is_set()))
            worker._scheduler._stop_timer()  # what an exception inside APScheduler does: `running` stays true
            clock.offset += due - clock() + 1000
            assert worker._scheduler.running
            await until_true(lambda: bool(fired(post, case)), 5.0)

    asyncio.run(run())
    assert "has not rung" in caplog.text


@pytest.mark.slow
def test_a_clock_set_back_an_hour_stops_nothing(post, caplog):
    machine = Jumping()
    clock = Running("2022-05-13 07:59")
    case = at_review(post)
    due = min(item.at for item in post.desk.case(case).deadlines.values())
    post.desk.engine.clock = clock

    async def run() -> None:
        async with working(post, QUICK, wall=machine.wall):
            await asyncio.sleep(0.2)
            machine.by -= 3600 * SECOND
            clock.offset -= 3600 * SECOND
            await until_true(lambda: "jumped by -3600 s" in caplog.text)
            await asyncio.sleep(0.3)
            assert not fired(post, case), "late, never early"
            clock.offset += due - clock() + 1000
            await until_true(lambda: bool(fired(post, case)))

    caplog.set_level(logging.WARNING)
    asyncio.run(run())
    (stepped,) = [body for body in log_of(post) if body["type"] == "clock.stepped"]
    assert instant(stepped["from"]) - instant(stepped["to"]) == pytest.approx(3600 * SECOND, abs=SECOND)
    assert len(fired(post, case)) == 1


def approved(post: Post) -> str:
    """A case that departs on 06/6 by the clock, and one that is reminded on the way."""
    from tests.support.delegation import LETTER

    case = at_review(post)
    post.desk.act(case, "F12", "give_opinion", "2022-05-12", columns=agreed())
    post.desk.act(case, "F13", "send_up", "2022-05-18 09:00")
    post.desk.act(case, "F21", "approve", "2022-05-18 10:00", values={"letter": LETTER})
    return case


def test_a_jump_ahead_holds_moves_but_not_reminders(post):
    case = approved(post)
    second = post.desk.submitted(at="2022-05-18 11:00", plan_item="OUT-04")
    machine, steady = Jumping(), [0.0]
    post.desk.clock.to("2022-05-18 12:00")
    worker = Worker(post.desk.engine, None, node="n", timing=SLOW, wall=machine.wall, monotonic=lambda: steady[0])
    worker.guard = ClockGuard(post.desk.engine.database, lambda: post.desk.clock.now, lambda: steady[0])
    post.desk.clock.to("2022-06-06 09:00")
    jump = worker.guard.look()
    assert jump is not None and jump.seconds > 3600 and worker.guard.holding
    asyncio.run(worker.kick())
    assert post.desk.case(case).state == "APPROVED", "the departure waits"
    assert fired(post, second) and all(body["type"] == "deadline.fired" for body in fired(post, second))
    assert post.desk.case(second).state == "SCREENING", "and so does the lapse"
    for seconds in (30, 31):
        steady[0] += seconds
        post.desk.clock.now += seconds * SECOND
        assert worker.guard.look() is None
        asyncio.run(worker.kick())
    assert not worker.guard.holding
    asyncio.run(worker.kick())
    assert post.desk.case(case).state == "IN_PROGRESS" and post.desk.case(second).state == "LAPSED"


def test_a_date_far_from_everything_known_stays_held(post):
    approved(post)
    steady = [0.0]
    guard = ClockGuard(post.desk.engine.database, lambda: post.desk.clock.now, lambda: steady[0])
    post.desk.clock.to("2023-05-18 12:00")
    guard.look()
    for _ in range(5):
        steady[0] += 61
        post.desk.clock.now += 61 * SECOND
        guard.look()
        assert guard.sweep()
    guard = ClockGuard(post.desk.engine.database, lambda: post.desk.clock.now, lambda: steady[0])
    assert not guard.sweep(), "a start believes the clock it finds"


@pytest.mark.postgres
def test_the_database_servers_clock_is_the_second_opinion(postgres_url, tmp_path):
    post, machine, steady = Post(postgres_url, tmp_path), Jumping(), [0.0]
    guard = ClockGuard(post.desk.engine.database, machine.wall, lambda: steady[0])
    machine.by = 7200 * SECOND
    guard.look()
    for _ in range(3):
        steady[0] += 61
        assert guard.sweep(), "the server says otherwise"
    machine.by = 0
    assert guard.sweep()
    steady[0] += 61
    assert not guard.sweep()
    post.close()


@pytest.mark.slow
def test_an_outage_is_told_once_and_moves_nothing(post):
    case = approved(post)

    async def turn() -> None:
        async with working(post, SLOW):
            await until_true(lambda: heartbeat(post) == post.desk.clock.now)

    def heartbeat(post: Post) -> int | None:
        with views.reading(post.desk.engine.database) as conn:
            return heartbeats.last(conn)

    asyncio.run(turn())
    left = post.desk.clock.now
    post.wait(minutes=14)
    asyncio.run(turn())
    assert not [b for b in log_of(post) if b["type"] == "system.outage"]
    post.desk.clock.to("2022-06-09 10:00")
    asyncio.run(turn())
    (told,) = [b for b in log_of(post) if b["type"] == "system.outage"]
    assert instant(told["from"]) == left + 14 * 60 * SECOND and instant(told["to"]) == moment("2022-06-09 10:00")
    departed = next(b for b, _ in post.desk.history(case) if b.get("trigger") == "depart")
    assert instant(departed["at"]) == moment("2022-06-06 00:00")


@pytest.mark.slow
def test_stopping_waits_for_the_mail_in_hand(post):
    at_review(post)
    began, ended = asyncio.Event(), []
    real = post.relay.run_once

    async def slow():
        began.set()
        await asyncio.sleep(0.5)
        ended.append(await real())
        return ended[-1]

    post.relay.run_once = slow

    async def run() -> None:
        worker = Worker(post.desk.engine, post.relay, timing=QUICK)
        await worker.start()
        await began.wait()
        await worker.stop()

    asyncio.run(run())
    assert ended and ended[0].sent and not [r for r in post.rows(state="due") if r.claim]


@pytest.mark.slow
def test_a_slow_mail_server_delays_no_deadline(post):
    clock = Running("2022-05-13 07:59")
    case = at_review(post)
    due = min(item.at for item in post.desk.case(case).deadlines.values())
    clock.offset += due - clock() - 300_000
    post.desk.engine.clock = clock

    async def stuck():
        await asyncio.sleep(3600)

    post.relay.run_once = stuck

    async def run() -> None:
        worker = Worker(post.desk.engine, post.relay, timing=Timing(0.5, 0.0, 0.1, 1.0, 0.2, 0.0))
        await worker.start()
        await until_true(lambda: bool(fired(post, case)), 3.0)
        await worker.stop()

    asyncio.run(run())


@pytest.mark.slow
def test_a_round_that_fails_is_tried_again(post, caplog):
    clock = Running("2022-05-13 08:01")
    case = at_review(post, clock)
    real, calls = post.desk.engine.tick, []

    def tick(*args):
        calls.append(1)
        if len(calls) < 3:
            raise RuntimeError("the database is away")
        return real(*args)

    post.desk.engine.tick = tick

    async def run() -> None:
        async with working(post, QUICK):
            await until_true(lambda: bool(fired(post, case)))

    asyncio.run(run())
    assert caplog.text.count("a round of the clock failed") == 2


def test_kick_does_everything_that_is_due_now_also_from_another_thread(post):
    case = at_review(post)
    printed: list[int] = []

    def render(limit: int) -> int:
        printed.append(limit)
        return 0

    async def run() -> None:
        async with working(post, SLOW, render=render) as worker:
            await until_true(lambda: bool(post.mails("F12")))
            post.desk.clock.to("2022-05-13 08:30")
            done = await asyncio.to_thread(worker.kick_now)
            assert done.fired == 1 and printed and post.mails("F12")[0].text.startswith("Nhắc lần 1")

    asyncio.run(run())
    assert len(fired(post, case)) == 1


@pytest.mark.slow
def test_two_workers_fire_once_each(post):
    clock = Running("2022-05-13 08:01")
    case = at_review(post, clock)

    async def run() -> None:
        async with working(post, QUICK, node="a"), working(post, QUICK, node="b"):
            await asyncio.sleep(1.5)

    asyncio.run(run())
    assert len(fired(post, case)) == 1 and len([m for m in post.mails("F12") if "Nhắc" in m.text]) == 1


@pytest.mark.slow
def test_three_days_down_one_mail_for_the_highest_rung(post):
    post.desk.submitted(at="2022-05-04 09:00")
    post.post()
    post.desk.clock.to("2022-05-13 09:00")

    async def run() -> None:
        async with working(post, QUICK):
            await until_true(lambda: bool(post.mails("F22")))
            await asyncio.sleep(0.3)

    asyncio.run(run())
    assert [m.text.splitlines()[0] for m in post.mails("F22")] == ["Nhắc lần 3"]
    assert not [m for p in ("F02", "F21") for m in post.mails(p) if "Nhắc" in m.text]
