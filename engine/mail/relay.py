"""The relay: claims what is owed, sends, then marks. At least once; twice only when the crash falls between the server's
answer and our mark, and then with the same Message-ID (links-mail-web.md A3, C1-C5; reliability.md 0.15).

A link is minted after the server took the recipient and before the message goes out, so an outage mints nothing; its
token lives in this process's memory until the message is handed over and is never written or logged.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from engine.core.blockers import Refused
from engine.mail.backoff import CIRCUIT, GIVE_UP, LATE, delay
from engine.mail.contents import obsolete, told
from engine.mail.letters import Letters
from engine.mail.message import BadMessage
from engine.mail.posted import HOUR, Item, Posted
from engine.mail.transport import BAD_ADDRESS, CONNECT, REFUSED, NotSent, Transport
from engine.mail.transport import CIRCUIT as OPEN
from engine.mail.ways import Planned, Sent, Status, Ways
from engine.store import outbox
from engine.store.outbox import OutboxRow

log = logging.getLogger(__name__)
BATCH = 20
RENEW = 15.0  # seconds


class Relay:
    """One at a time per process (`run_once` waits for a run that is under way); any number of processes."""

    def __init__(self, ways: Ways, letters: Letters, transport: Transport, *, node: str):
        self.ways, self.letters, self.transport, self.node = ways, letters, transport, node
        self.status = Status()
        self._posted = Posted()
        letters.alarm = self.alarm
        self._lock = asyncio.Lock()
        self._held: dict[str, str] = {}  # row id -> claim
        self._started = False
        self.ring: Callable[[], None] = lambda: None  # the scheduler's bell: something is to be sent

    # -- from outside

    def sign_in(self, person: Any, url: str, lang: str = "", minutes: int = 10) -> None:
        """Queue a sign-in mail; it is kept in memory only, like its address. May be called from any thread."""
        at = self.ways.clock()
        values = {"url": url, "minutes": minutes}
        self._posted.put(
            Item("sign-in", person.mail, person.name, lang or person.lang, at, minutes * 60_000_000, values)
        )
        self.ring()

    def alarm(self, text: str) -> None:
        """Tell the operator: in the log at once, by mail when mail works again."""
        self.ways.alert(text)
        if self.letters.operator:
            self._posted.alarm(
                Item("operator", self.letters.operator, "", "vi", self.ways.clock(), 24 * HOUR, {"text": text})
            )

    async def run_once(self) -> Sent:
        """Send everything that is due now."""
        async with self._lock:
            counts = Sent()
            await self._start()
            if self.ways.clock() < self.status.paused_until:
                await self._watch()
                return counts
            renewing = asyncio.create_task(self._renew())
            try:
                await self._post()
                while self.ways.clock() >= self.status.paused_until and await self._batch(counts):
                    pass
                if self.ways.clock() >= self.status.paused_until:
                    await self._post()  # what the batch had to tell the operator
            finally:
                renewing.cancel()
                with suppress(asyncio.CancelledError):
                    await renewing
                await self._give_back()
                await self.transport.rest()
            await self._watch()
            return counts

    async def close(self) -> None:
        await self.transport.close()

    # -- a batch

    async def _start(self) -> None:
        """Free what this node held when it died."""
        if not self._started:
            freed = await self._chore(lambda conn: outbox.free(conn, self.node, self.ways.clock()))
            self._started = True
            if freed:
                log.info("mail: %s claims of an earlier run are free again", freed)

    async def _batch(self, counts: Sent) -> bool:
        """Claim and send; False when nothing is left to do now."""
        now = self.ways.clock()
        rows: list[OutboxRow] = await self._chore(lambda conn: outbox.claim(conn, now, self.node, BATCH))
        self._held = {row.id: row.claim for row in rows}
        for row in rows:
            try:
                await self._row(row, counts)
            except NotSent as error:
                if not await self._failed(row, error, counts):
                    return False
            except BadMessage as error:
                await self.transport.drop()
                await self._park(row, f"cannot be written: {error}", "render", counts)
            except Exception as error:  # a template, a definition that is gone: this mail waits, the others go on
                log.exception("mail %s (%s of %s) could not be made", row.id, row.notice, row.case_id)
                await self.transport.drop()
                await self._retry(row, f"{type(error).__name__}: {error}", "render", counts)
        return len(rows) == BATCH

    async def _row(self, row: OutboxRow, counts: Sent) -> None:
        plan = await asyncio.to_thread(self._judge, row)
        if plan.why:
            self._held.pop(row.id, None)
            await self._chore(lambda conn: outbox.cancel(conn, row.id, plan.why))
            counts.cancelled += 1
            return
        if plan.wait:
            self._held.pop(row.id, None)
            await self._chore(lambda conn: outbox.release(conn, row.id, row.claim, plan.wait))
            counts.waiting += 1
            return
        await self.transport.open()
        await self.transport.mail(self.letters.sender(row))
        await self.transport.rcpt(plan.to)
        content = await self._made(row, plan.linked)
        if content is None:
            await self.transport.drop()
            counts.cancelled += 1
            return
        await self.transport.data(content)
        await self._sent(row, counts)

    def _judge(self, row: OutboxRow) -> Planned:
        """Whether the mail is still owed, whether it waits for its document, where it goes. Raises BadMessage."""
        with self.ways.look() as look:
            about, case = told(look, row), look.case(row.case_id)
            if about is None or case is None:
                return Planned(why="its event is not there")
            why = obsolete(case, row, about.body)
            if why:
                return Planned(why=why)
            to = self.letters.to(look, row).address
            return Planned(to=to, linked=self.letters.linked(look, about), wait=self.letters.wait(look, about))

    async def _made(self, row: OutboxRow, linked: bool) -> bytes | None:
        """The message with its fresh link; None when the row is no longer ours or its task was closed meanwhile."""
        now = self.ways.clock()
        if not await self._chore(lambda conn: outbox.renew(conn, [row.id], row.claim, now)):
            self._held.pop(row.id, None)
            return None
        link = None
        if linked:
            try:
                link = await asyncio.to_thread(self.ways.mint, row.case_id, row.person, via="mail", grant=row.grant)
            except Refused:
                self._held.pop(row.id, None)
                await self._chore(lambda conn: outbox.cancel(conn, row.id, "the task is decided"))
                return None
        return await asyncio.to_thread(self._written, row, link)

    def _written(self, row: OutboxRow, link: Any) -> bytes:
        with self.ways.look() as look:
            about = told(look, row)
            assert about is not None, "a history only grows"
            return self.letters.written(look, about, link)

    # -- what came of it

    async def _sent(self, row: OutboxRow, counts: Sent) -> None:
        self._held.pop(row.id, None)
        counts.sent += 1
        sent_as = self.letters.message_id(row)
        now = self.ways.clock()
        if not await self._chore(lambda conn: outbox.mark_sent(conn, row.id, row.claim, sent_as, now)):
            log.warning("mail %s was sent, but the row was taken by another node meanwhile", row.id)

    async def _failed(self, row: OutboxRow, error: NotSent, counts: Sent) -> bool:
        """Deal with one failure; whether the batch goes on."""
        if error.kind == OPEN:
            self._open_circuit(str(error))
            return False
        if error.kind in (BAD_ADDRESS, REFUSED):
            await self._park(row, f"{error.kind}: {error}", error.phase, counts)
            return True
        log.warning("mail %s not sent, %s: %s", row.id, error.kind, error)
        await self._retry(row, f"{error.kind}: {error}", error.phase, counts)
        return error.phase != CONNECT  # no server: the rest of the batch is given back untried

    def _open_circuit(self, text: str) -> None:
        self.status.paused_until = self.ways.clock() + CIRCUIT
        self.status.trouble = text
        self.alarm(f"mail is paused for {CIRCUIT // 60_000_000} minutes: {text}")

    async def _retry(self, row: OutboxRow, error: str, phase: str, counts: Sent) -> None:
        now = self.ways.clock()
        if now - row.created_at >= GIVE_UP:
            await self._park(row, f"given up after {row.attempts + 1} tries: {error}", phase, counts)
            return
        self._held.pop(row.id, None)
        at = now + delay(row.attempts + 1, self.ways.chance)
        sent_as = self.letters.message_id(row) if error.startswith("unknown") else ""
        await self._chore(lambda conn: outbox.mark_retry(conn, row.id, row.claim, at, error, phase, sent_as))
        counts.retried += 1

    async def _park(self, row: OutboxRow, error: str, phase: str, counts: Sent) -> None:
        self._held.pop(row.id, None)
        await self._chore(lambda conn: outbox.park(conn, row.id, row.claim, error, phase))
        counts.parked += 1
        self.alarm(f"mail {row.id} ({row.notice} to {row.person}, case {row.case_id}) will not be sent: {error}")

    async def _give_back(self) -> None:
        """Rows claimed and not tried."""
        held, self._held = self._held, {}
        for row_id, claim in held.items():
            await self._chore(_releasing(row_id, claim))

    async def _renew(self) -> None:
        """Hold the leases of the batch while it is worked on."""
        while True:
            await asyncio.sleep(RENEW)
            now = self.ways.clock()
            for claim in set(self._held.values()):
                ids = [row_id for row_id, held in self._held.items() if held == claim]
                await self._chore(_renewing(ids, claim, now))

    async def _watch(self) -> None:
        """Tell the operator once when a mail that asks for an act has waited too long."""
        now = self.ways.clock()
        self.status.oldest = await asyncio.to_thread(self._oldest)
        late = self.status.oldest is not None and now - self.status.oldest > LATE
        if late and not self.status.late:
            self.ways.alert(
                f"the oldest unsent mail that asks for an act is more than {LATE // 60_000_000} minutes old"
            )
        self.status.late = late
        if now >= self.status.paused_until:
            self.status.trouble = ""

    def _oldest(self) -> int | None:
        with self.ways.look() as look:
            return outbox.oldest_unsent(look.conn)

    # -- mails that no case owes

    async def _post(self) -> None:
        while (item := self._posted.take(self.ways.clock())) is not None:
            try:
                content = self.letters.posted(item, self.ways.clock())
                await self.transport.open()
                await self.transport.mail(self.letters.plain_sender())
                await self.transport.rcpt(item.address)
                await self.transport.data(content)
            except BadMessage as error:
                log.warning("a %s mail could not be written: %s", item.template, error)
            except NotSent as error:
                log.warning("a %s mail was not sent, %s: %s", item.template, error.kind, error)
                if error.kind == OPEN:
                    self._posted.put(item)
                    self._open_circuit(str(error))
                    return
                if error.kind not in (BAD_ADDRESS, REFUSED):
                    self._posted.again(item, self.ways.clock())

    async def _chore(self, fn: Callable[[Any], Any]) -> Any:
        return await asyncio.wrap_future(self.ways.writer.chore(fn))


def _releasing(row_id: str, claim: str) -> Callable[[Any], Any]:
    return lambda conn: outbox.release(conn, row_id, claim)


def _renewing(ids: list[str], claim: str, now: int) -> Callable[[Any], Any]:
    return lambda conn: outbox.renew(conn, ids, claim, now)
