"""The writer: one thread, the only one that changes the database. Group commit: everything queued, at most 64 plans,
goes into one transaction; futures are answered after the commit (architecture.md 4).

Plans are checked under locks (`batch`). Chores are short functions of the writer's connection (leases, sessions,
drafts), run before the plans that wait beside them; they may run twice when their transaction fails, so they must not
depend on having run once.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any

from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from engine.core.plan import Plan
from engine.store.batch import Batch, Outcome
from engine.store.checkpoints import Checkpoints
from engine.store.database import Database
from engine.store.outcomes import Busy, CommandClash, Committed, Spent, Stale, WrongEpoch
from engine.store.retry import causes, conflict, transient, unsafe

__all__ = ["Busy", "CommandClash", "Committed", "Spent", "Stale", "Writer", "WrongEpoch"]

log = logging.getLogger(__name__)
MOST = 64  # plans of one transaction
QUEUE = 2000  # waiting commands before `Busy`
LONG = 200  # waiting commands before droppable chores are dropped
ATTEMPTS = 5  # of one transaction that met a deadlock, a lock timeout or a lost connection
Chore = Callable[[Connection], Any]
Way = Callable[[Connection, Callable[[Connection], Any]], Any]


@dataclass(slots=True)
class Job:
    future: Future[Any]
    plan: Plan | None = None
    chore: Chore | None = None


def _begun(conn: Connection, run: Callable[[Connection], Any]) -> Any:
    """A transaction the library's way."""
    with conn.begin():
        return run(conn)


def _bare(conn: Connection, run: Callable[[Connection], Any]) -> Any:
    """A transaction on the driver's own connection: the hot path runs no statement through the library."""
    driver: Any = conn.connection.dbapi_connection
    if conn.dialect.name == "sqlite":
        driver.execute("BEGIN IMMEDIATE")
    try:
        found = run(conn)
        driver.commit()
        return found
    except BaseException:
        with suppress(Exception):
            driver.rollback()
        raise
    finally:
        if conn.in_transaction():  # a read through the library (an erasure folds anew) began there, too
            conn.rollback()


class Writer:
    """`on_commit` is called in the writer's thread with everything a transaction committed; it must not raise."""

    def __init__(
        self,
        database: Database,
        *,
        clock: Callable[[], int],
        random_bytes: Callable[[int], bytes],
        sign: Callable[[bytes], bytes],
        on_commit: Callable[[list[Committed]], None] | None = None,
    ):
        assert database.writer is not None, "the database is open for reading only"
        self.database, self._engine = database, database.writer
        self._clock, self._random, self._sign, self._told = clock, random_bytes, sign, on_commit
        self._queue: SimpleQueue[Job | None] = SimpleQueue()
        self._conn: Connection | None = None
        self._checkpoints = Checkpoints(database)
        self.broken = ""  # why nothing more may be written: what the disk holds is not known
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._thread.start()

    def submit(self, plan: Plan) -> Future[Committed]:
        """Its future gives Committed, or raises Stale, Spent, CommandClash. Raises Busy when too much waits."""
        return self._put(Job(Future(), plan=plan))

    def chore(self, fn: Chore, droppable: bool = False) -> Future[Any]:
        """Run `fn(conn)` in a transaction. A droppable one is left out when the queue is long: its future gives None."""
        job = Job(Future(), chore=fn)
        if droppable and self._queue.qsize() > LONG:
            job.future.set_result(None)
            return job.future
        return self._put(job)

    def _put(self, job: Job) -> Future[Any]:
        if self.broken:
            raise Busy(self.broken)
        if self._closed.is_set():
            raise Busy("the writer is closed")
        if self._queue.qsize() >= QUEUE:
            raise Busy(f"{QUEUE} commands are waiting")
        self._queue.put(job)
        return job.future

    def close(self) -> None:
        """Write what is queued, checkpoint, stop."""
        if not self._closed.is_set():
            self._closed.set()
            self._queue.put(None)
        self._thread.join()

    # -- the thread

    def _work(self) -> None:
        open_ = True
        while open_:
            try:
                first = self._queue.get(timeout=self._checkpoints.idle())
            except Empty:
                self._quietly(lambda: self._checkpoints.rest(self._connection()))
                continue
            jobs, open_ = self._more(first)
            self._whole(jobs)
        self._drain()
        self._quietly(lambda: self._checkpoints.rest(self._connection()))
        self._disconnect()

    def _more(self, first: Job | None) -> tuple[list[Job], bool]:
        jobs: list[Job] = []
        job = first
        while job is not None:
            jobs.append(job)
            if len(jobs) >= MOST:
                return jobs, True
            try:
                job = self._queue.get_nowait()
            except Empty:
                return jobs, True
        return jobs, False

    def _drain(self) -> None:
        """Jobs that slipped in beside `close`."""
        while True:
            try:
                job = self._queue.get_nowait()
            except Empty:
                return
            if job is not None:
                self._whole([job])

    def _whole(self, jobs: list[Job]) -> None:
        """Every future is answered and the thread lives on, whatever goes wrong."""
        try:
            self._serve(jobs)
        except Exception as error:
            log.exception("the writer failed")
            for job in jobs:
                if not job.future.done():
                    job.future.set_exception(error)

    def _serve(self, jobs: list[Job]) -> None:
        chores = [job for job in jobs if job.chore is not None and job.future.set_running_or_notify_cancel()]
        plans = [job for job in jobs if job.plan is not None and job.future.set_running_or_notify_cancel()]
        # A link makes the plans of its case stale without changing what they were judged by: it waits behind them.
        plans.sort(key=lambda job: job.plan is not None and job.plan.sign)
        if chores:
            self._chores(chores)
        if plans:
            self._plans(plans)
        self._quietly(lambda: self._checkpoints.after(self._connection(), len(jobs)))

    def _chores(self, jobs: list[Job]) -> None:
        def run(conn: Connection) -> list[Any]:
            return [job.chore(conn) for job in jobs if job.chore]

        try:
            results = self._transaction(run)
        except Exception as error:
            if len(jobs) == 1:
                jobs[0].future.set_exception(error)
            else:
                for job in jobs:
                    self._chores([job])
            return
        for job, result in zip(jobs, results, strict=True):
            job.future.set_result(result)

    def _plans(self, jobs: list[Job]) -> None:
        def run(conn: Connection) -> list[Outcome]:
            batch = Batch(conn, self._clock, self._random, self._sign)
            return batch.run([job.plan for job in jobs if job.plan])

        try:
            outcomes = self._transaction(run, _bare)
        except Exception as error:
            if len(jobs) == 1:
                jobs[0].future.set_exception(conflict(error))
            else:  # one of them may be the cause: each by itself
                for job in jobs:
                    self._plans([job])
            return
        self._tell([done for done in outcomes if isinstance(done, Committed) and not done.repeated])
        for job, outcome in zip(jobs, outcomes, strict=True):
            if isinstance(outcome, Committed):
                job.future.set_result(outcome)
            else:
                job.future.set_exception(outcome)

    def _tell(self, done: list[Committed]) -> None:
        if self._told is not None and done:
            told = self._told
            self._quietly(lambda: told(done))

    def _transaction(self, run: Callable[[Connection], Any], way: Way = _begun) -> Any:
        """Run and commit. After a lost connection or a deadlock the whole is run again: commands carry their own key,
        so one that had been committed is answered as a repeat."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return way(self._connection(), run)
            except Exception as error:
                lost = isinstance(error, DBAPIError) and error.connection_invalidated
                if lost or causes(error):
                    self._disconnect()
                if unsafe(error):
                    self.broken = (
                        f"the disk failed ({error}); stop the server and check the disk before it starts again"
                    )
                    log.critical(self.broken)
                if attempt == ATTEMPTS or not transient(error):
                    raise
                log.warning("writing again after %s", error)
        raise AssertionError("not reached")

    def _connection(self) -> Connection:
        if self._conn is None or self._conn.closed:
            self._conn = self._engine.connect()
        return self._conn

    def _disconnect(self) -> None:
        if self._conn is not None:
            conn, self._conn = self._conn, None
            self._quietly(conn.close)

    def _quietly(self, run: Callable[[], Any]) -> None:
        try:
            run()
        except Exception:
            log.exception("beside a commit")
