"""`Engine`: plan a command on a read snapshot, hand the plan to the writer, plan again when the world moved.

Everything here is synchronous and thread-safe; the writer thread is the only one that changes the database.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from engine.core import clock as core_clock
from engine.core import decide, links
from engine.core.blockers import Blocker, Refused, blocker
from engine.core.case import Case
from engine.core.commands import Actor, Fire, Open
from engine.core.plan import Plan
from engine.service import drafts, minting, reseating
from engine.service.deciding import Decision
from engine.service.library import Library
from engine.service.link_page import LinkPage, content, open_link
from engine.service.snapshot import Snapshot
from engine.service.values import Answers, Conflict, DraftRow, Minted, Receipt
from engine.store import deadlines, outbox, refusals, views
from engine.store.database import Database
from engine.store.writer import Busy, Committed, Stale, Writer

log = logging.getLogger(__name__)


class ReadOnly(Exception):
    """Nothing can be changed through this engine."""


ATTEMPTS = 20  # plans of one command before it is called a race
TURNS = 1024  # locks that commands of one process take turns by, so that those of one case do not chase each other
# refusals by an identified person that are worth a line in the record; slips of the pen are not
TOLD = frozenset(
    {
        "no_authority",
        "own_trip",
        "too_late",
        "not_offered",
        "not_in_state",
        "grant_closed",
        "rule",
        "cannot_judge",
        "not_waivable",
        "no_request",
        "not_granted",
        "no_block",
        "does_not_fire",
    }
)


class Engine:
    """The one door for every change of a case."""

    def __init__(
        self,
        database: Database,
        library: Library,
        *,
        key: Ed25519PrivateKey,
        clock: Callable[[], int],
        base_url: str,
        files: Any = None,
        countries: Callable[[str, str], str] = lambda code, lang: code,
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
        settings: Any = None,
        on_commit: Callable[[list[Committed]], None] | None = None,
    ):
        self.database, self.library, self.clock, self.base_url = database, library, clock, base_url.rstrip("/")
        self.files, self.settings, self.key, self.random_bytes, self._countries = (
            files,
            settings,
            key,
            random_bytes,
            countries,
        )
        self._turns = tuple(threading.Lock() for _ in range(TURNS))
        self.stuck: dict[str, str] = {}  # case -> why the clock cannot act on it
        self.register_types: dict[str, dict[str, Any]] = {}
        self._writer: Writer | None = None
        if database.writes:
            self._writer = Writer(database, clock=clock, random_bytes=random_bytes, sign=key.sign, on_commit=on_commit)

    @property
    def writer(self) -> Writer:
        """Raises ReadOnly where the engine was opened to look only."""
        if self._writer is None:
            raise ReadOnly("this process only reads the site: the server that runs takes commands")
        return self._writer

    # -- reads

    @contextmanager
    def snapshot(self, now: int | None = None) -> Iterator[Snapshot]:
        with views.reading(self.database) as conn:
            yield Snapshot(conn, self.library, self.clock() if now is None else now, self._countries)

    def next_at(self, after: int | None = None) -> int | None:
        """The next deadline of any case, µs UTC; `after` leaves out what is stuck in the past."""
        with views.reading(self.database) as conn:
            return deadlines.next_at(conn, after)

    # -- commands

    def open(
        self, workflow: str, person: str, *, auth: str = "session", at: int | None = None, command: str | None = None
    ) -> Receipt:
        """Start a case. Raises Refused; KeyError for a workflow that is not published. The same `command` again gives the
        same case."""
        command = command or self.new_id()
        case_id = "c_" + links.token(hashlib.sha256(f"{workflow}\0{person}\0{command}".encode()).digest()[:20])[:16]
        asked = Open(case_id, Actor("person", person, auth), self._now(at), command)

        def plan(snap: Snapshot) -> Plan:
            definition = snap.active(workflow)
            if definition is None:
                raise KeyError(workflow)
            return decide.open_case(definition, asked, snap.world(case_id, asked.at))

        return self.receipt(self.commit(plan, asked.at, case_id), "open")

    def mint(self, case: str, person: str, *, via: str, grant: str = "", action: str = "") -> Minted:
        """A fresh link for a task (`grant`) or for what `action` needs. Raises Refused when there is no such right."""
        return minting.mint(self, case, person, via=via, grant=grant, action=action)

    def look(self, token: str) -> LinkPage:
        """What a link opens. Writes nothing."""
        secret = links.secret(token)
        if secret is None:
            return LinkPage("unknown")
        with self.snapshot() as snap:
            row = views.link(snap.conn, links.lookup(secret))
            version = drafts.version(snap.conn, row.case_id, row.person) if row else 0
            return open_link(snap, links.lookup(secret), version)

    def decide(
        self,
        token: str,
        answers: Answers,
        *,
        content: str = "",
        client: dict[str, str] | None = None,
        at: int | None = None,
    ) -> Receipt:
        """Take what a person chose with a link. Raises Refused, Conflict, Busy."""
        secret = links.secret(token)
        if secret is None:
            raise Conflict("unknown", LinkPage("unknown"))
        return Decision(self, secret, answers, content, client or {}, self._now(at)).take()

    def discard(self, case: str, person: str) -> Receipt:
        """Throw away a proposal that was never submitted. Raises Refused."""
        return drafts.discard(self, case, person)

    def revoke(self, case: str, person: str, why: str = "revoked") -> bool:
        """End every link of a person in a case; who is still entitled gets a new right and mail."""
        return reseating.revoke(self, case, person, why)

    def release(self, case: str) -> int:
        """Let go the mails of a case that were held back; how many."""
        now = self.clock()
        return int(self.writer.chore(lambda conn: outbox.release_held(conn, case, now)).result())

    def save_draft(
        self, case: str, person: str, values: dict[str, Any], grounds: dict[str, dict[str, Any]], version: int
    ) -> int:
        """Keep edits; the new version. Raises Conflict when another save came first, Refused without the right."""
        return drafts.save(self, case, person, values, grounds, version)

    def draft(self, case: str, person: str) -> DraftRow:
        with self.snapshot() as snap:
            return drafts.read(snap.conn, case, person)

    def attach(self, case: str, person: str, name: str, data: bytes) -> Any:
        """Store an uploaded file; its id is what a field of type file or letter holds. Raises Refused."""
        return drafts.attach(self, case, person, name, data)

    # -- the clock

    def tick(self, now: int | None = None, limit: int = 200) -> int:
        """Let the clock act on everything due; the number of events written. A case that cannot go on stops no other:
        it stands in `stuck` with the reason until it goes on."""
        now, fired = self._now(now), 0
        stuck: dict[str, str] = {}
        place: tuple[int, str, str] | None = None
        while True:
            with views.reading(self.database) as conn:
                rows = deadlines.due(conn, now, limit, place)
            if not rows:
                self.stuck = stuck
                return fired
            place = (rows[-1].at, rows[-1].case_id, rows[-1].id)
            for case_id in dict.fromkeys(row.case_id for row in rows):
                try:
                    fired += self.fire_due(case_id, now)
                except Busy:
                    raise
                except Exception as error:
                    log.exception("the clock cannot act on case %s", case_id)
                    stuck[case_id] = f"{type(error).__name__}: {error}"

    def fire_due(self, case_id: str, now: int) -> int:
        """All instants of one case due at `now`, in order."""
        fired = 0
        while True:
            with self.snapshot(now) as snap:
                case = snap.case(case_id)
            if case is None or not any(item.at <= now for item in case.deadlines.values()):
                return fired

            def plan(snap: Snapshot) -> Plan | None:
                case = self._case(snap, case_id)
                due = min((item.at for item in case.deadlines.values()), default=now + 1)
                world = snap.world(case_id, due if due <= now else now)
                return core_clock.fire(snap.definition(case), case, Fire(case_id, now), world)

            if self.commit(plan, now, case_id) is None:
                return fired
            fired += 1

    # -- planning and writing

    def commit(self, plan: Callable[[Snapshot], Plan | None], at: int, case_id: str = "") -> Committed | None:
        """Plan, submit, and plan again while the world moves: another node, or a register or directory that changed.
        Commands of one case take turns, so that a crowd of short ones does not outrun a long one."""
        with self._turns[hash(case_id) % TURNS]:
            for _ in range(ATTEMPTS):
                with self.snapshot(at) as snap:
                    made = plan(snap)
                if made is None:
                    return None
                try:
                    return self.writer.submit(made).result()
                except Stale:
                    continue
        raise Conflict("raced")

    def receipt(self, done: Committed | None, action: str) -> Receipt:
        """What whoever asked for `action` gets for the event that was written."""
        assert done is not None
        return Receipt(done.case.id, done.seq, done.hash.hex(), done.rec, action, done.case.state, done.repeated)

    def _case(self, snap: Snapshot, case_id: str) -> Case:
        case = snap.case(case_id)
        if case is None:
            raise Refused([blocker("no_authority")])
        return case

    def note_refusal(self, case: str, person: str, command: str, at: int, blockers: tuple[Blocker, ...]) -> None:
        """One line in the record for a refusal by an identified person (decisions 4.16)."""
        if any(item.code in TOLD for item in blockers):
            listed = [{"code": b.code, "rule": b.rule, "path": b.path} for b in blockers]
            self.writer.chore(lambda conn: refusals.record(conn, case, person, command, at, listed), droppable=True)

    def _now(self, at: int | None) -> int:
        return self.clock() if at is None else at

    def new_id(self) -> str:
        """120 bits of chance as text: the id of a command or a file."""
        return links.token(self.random_bytes(20))[:24]

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
        self.database.close()


__all__ = ["Engine", "content"]
