"""A site with a relay: the outgoing delegation of tests.support.delegation, and a post that sends what it owes."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.core.directory import Directory
from engine.mail.maildir import Maildir, Stored
from engine.mail.relay import Relay
from engine.mail.setup import relay_of
from engine.mail.transport import Transport
from engine.mail.ways import Sent
from engine.service.publishing import set_people
from engine.store import outbox, views
from engine.store.outbox import OutboxRow
from tests.support.delegation import Desk, agreed, site, until

__all__ = ["Desk", "Post", "agreed", "site", "until"]


class Post:
    """`desk` acts, `post()` sends what is owed now. Without a transport, mails land in a maildir."""

    def __init__(
        self,
        url: str,
        folder: Path,
        transport: Transport | None = None,
        *,
        fill: bool = True,
        desk: dict[str, Any] | None = None,
        **more: Any,
    ):
        self.alarms: list[str] = []
        self.desk = Desk(url, folder, fill=fill, **(desk or {}))
        self.maildir = Maildir(folder / "maildir")
        self.transport = transport or self.maildir
        self.more = more
        self.relay = self.new_relay()

    def new_relay(self, transport: Transport | None = None, **more: Any) -> Relay:
        """Another process, as it were."""
        given = {"node": "node-1", **self.more, **more}
        return relay_of(
            self.desk.engine,
            self.desk.setup.settings,
            transport=transport or self.transport,
            alert=self.alarms.append,
            **given,
        )

    def post(self) -> Sent:
        async def run() -> Sent:
            try:
                return await self.relay.run_once()
            finally:
                await self.relay.close()

        return asyncio.run(run())

    def rows(self, **where: Any) -> list[OutboxRow]:
        with views.reading(self.desk.engine.database) as conn:
            return outbox.listed(conn, **where)

    def mails(self, person: str) -> list[Stored]:
        """Of one person, the newest first."""
        return self.maildir.list(site().directory.people[person].mail)

    def speaks(self, person: str, lang: str) -> None:
        """Another language for one person."""
        self.change_person(person, lang=lang)

    def change_person(self, person: str, **values: Any) -> None:
        with self.desk.engine.snapshot() as snap:
            known: Directory = snap.directory
        people = {**known.people, person: replace(known.people[person], **values)}
        set_people(self.desk.engine, replace(known, people=people), "test")

    def wait(self, **time: int) -> None:
        """Let minutes, hours or days pass."""
        units = {"minutes": 60, "hours": 3600, "days": 86_400, "seconds": 1}
        self.desk.clock.now += sum(n * units[unit] * 1_000_000 for unit, n in time.items())

    def close(self) -> None:
        self.desk.close()
