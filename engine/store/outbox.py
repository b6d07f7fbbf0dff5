"""Mails owed. The writer adds rows in the transaction of the event that owes them; a relay claims, sends, then marks
(links-mail-web.md C1, C2). Everything that changes a row here runs as a chore of the writer. Instants µs UTC.

A claim is a lease: it ends by itself, and every later step asks for it (`claim = mine`), so a relay that was paused and
overtaken can neither mark nor go on sending.
"""

from __future__ import annotations

import base64
import hashlib
import uuid
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.engine import Connection

from engine.store.tables import outbox

LEASE = 60_000_000
_c = outbox.c


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """`state`: due, sent, cancelled, parked (given up, or held until released)."""

    id: str
    case_id: str
    seq: int
    notice: str
    kind: str
    person: str
    copy: bool
    urgent: bool
    n: int
    at: int
    entry: int
    grant: str
    state: str
    attempts: int
    next_at: int
    lease_until: int
    claim: str
    node: str
    error: str
    phase: str
    message_id: str
    created_at: int
    sent_at: int | None


_COLUMNS = [outbox.c["grant_id" if name == "grant" else name] for name in OutboxRow.__slots__]


def _row(row: Any) -> OutboxRow:
    values = list(row)
    values[6], values[7] = bool(values[6]), bool(values[7])
    return OutboxRow(*values)


def listed(
    conn: Connection, *, case_id: str = "", state: str = "", person: str = "", limit: int = 200
) -> list[OutboxRow]:
    """The newest first."""
    where = [
        column == value for column, value in ((_c.case_id, case_id), (_c.state, state), (_c.person, person)) if value
    ]
    rows = conn.execute(select(*_COLUMNS).where(*where).order_by(_c.created_at.desc(), _c.id).limit(limit))
    return [_row(row) for row in rows]


def read(conn: Connection, row_id: str) -> OutboxRow | None:
    row = conn.execute(select(*_COLUMNS).where(_c.id == row_id)).first()
    return _row(row) if row else None


def claim(conn: Connection, now: int, node: str, limit: int) -> list[OutboxRow]:
    """Take up to `limit` due rows, urgent ones first, for LEASE. Rows that another node holds are passed over."""
    waiting = (
        select(_c.id)
        .where(_c.state == "due", _c.next_at <= now, _c.lease_until <= now)
        .order_by(_c.urgent.desc(), _c.next_at, _c.created_at, _c.id)
        .limit(limit)
    )
    if conn.dialect.name == "postgresql":
        waiting = waiting.with_for_update(skip_locked=True)
    ids = [row[0] for row in conn.execute(waiting)]
    if not ids:
        return []
    mine = uuid.uuid4().hex
    conn.execute(update(outbox).where(_c.id.in_(ids)).values(claim=mine, node=node, lease_until=now + LEASE))
    rows = [_row(row) for row in conn.execute(select(*_COLUMNS).where(_c.id.in_(ids), _c.claim == mine))]
    return sorted(rows, key=lambda row: ids.index(row.id))


def _mine(conn: Connection, row_id: str, mine: str, /, **values: Any) -> bool:
    """Change a row that is still due and ours; whether it was."""
    done = conn.execute(update(outbox).where(_c.id == row_id, _c.claim == mine, _c.state == "due").values(**values))
    return done.rowcount == 1


def renew(conn: Connection, ids: list[str], claim: str, now: int) -> list[str]:
    """Hold leases on; the ids that are still ours. The others were cancelled or taken: nothing may be sent for them."""
    mine = (_c.id.in_(ids)) & (_c.claim == claim) & (_c.state == "due")
    conn.execute(update(outbox).where(mine).values(lease_until=now + LEASE))
    kept = {row[0] for row in conn.execute(select(_c.id).where(mine))}
    return [row_id for row_id in ids if row_id in kept]


def release(conn: Connection, row_id: str, claim: str, next_at: int | None = None) -> bool:
    """Give a row back untried; `next_at` lets it wait."""
    later = {} if next_at is None else {"next_at": next_at}
    return _mine(conn, row_id, claim, claim="", node="", lease_until=0, **later)


def free(conn: Connection, node: str, now: int) -> int:
    """A node that starts frees what it held when it died."""
    done = conn.execute(
        update(outbox)
        .where(_c.node == node, _c.state == "due", _c.claim != "")
        .values(claim="", node="", lease_until=0)
    )
    return done.rowcount


def mark_sent(conn: Connection, row_id: str, claim: str, message_id: str, now: int) -> bool:
    """The server took it. A row cancelled meanwhile was sent all the same and says so."""
    done = conn.execute(
        update(outbox)
        .where(_c.id == row_id, _c.claim == claim, _c.state.in_(("due", "cancelled")))
        .values(
            state="sent",
            message_id=message_id,
            sent_at=now,
            attempts=_c.attempts + 1,
            error="",
            phase="",
            claim="",
            lease_until=0,
        )
    )
    return done.rowcount == 1


def mark_retry(
    conn: Connection,
    row_id: str,
    claim: str,
    next_at: int,
    error: str,
    phase: str,
    message_id: str = "",
    count: bool = True,
) -> bool:
    """Not sent: try again at `next_at`. `count`: whether this was an attempt (a closed circuit is none)."""
    more: dict[str, Any] = {"message_id": message_id} if message_id else {}
    return _mine(
        conn,
        row_id,
        claim,
        next_at=next_at,
        error=error[:500],
        phase=phase,
        attempts=_c.attempts + int(count),
        claim="",
        lease_until=0,
        **more,
    )


def park(conn: Connection, row_id: str, claim: str, error: str, phase: str = "") -> bool:
    """Given up: an operator has to look."""
    return _mine(conn, row_id, claim, state="parked", error=error[:500], phase=phase, claim="", lease_until=0)


def unpark(conn: Connection, row_id: str, now: int) -> bool:
    done = conn.execute(
        update(outbox).where(_c.id == row_id, _c.state == "parked").values(state="due", next_at=now, error="", phase="")
    )
    return done.rowcount == 1


def release_held(conn: Connection, case_id: str, now: int) -> int:
    """Rows that their event held back become due."""
    held = (_c.case_id == case_id) & (_c.state == "parked") & (_c.phase == "held")
    return conn.execute(update(outbox).where(held).values(state="due", phase="", next_at=now)).rowcount


def cancel(conn: Connection, row_id: str, why: str = "") -> bool:
    """Nobody needs it any more."""
    done = conn.execute(
        update(outbox)
        .where(_c.id == row_id, _c.state.in_(("due", "parked")))
        .values(state="cancelled", error=why[:500])
    )
    return done.rowcount == 1


def again(conn: Connection, case_id: str, person: str, grant: str, now: int) -> bool:
    """Mail a right once more ("send me a new link"): the newest task or reminder of this person in the case, with a link
    for `grant`. False when there is none to repeat, or one is waiting to be sent already."""
    mine = (_c.case_id == case_id) & (_c.person == person) & (_c.copy == 0)
    acting = _c.kind.in_(("task", "reminder", "escalation"))
    if conn.execute(select(func.count()).where(mine, acting, _c.state == "due")).scalar():
        return False
    last = conn.execute(
        select(outbox).where(mine, acting).order_by(_c.seq.desc(), _c.created_at.desc()).limit(1)
    ).first()
    if last is None:
        return False
    count = conn.execute(select(func.count()).where(_c.dedup.like(f"{_base(last.dedup)}+%"))).scalar() or 0
    dedup = f"{_base(last.dedup)}+{count + 1}"
    values = dict(last._mapping) | {
        "id": row_id(dedup),
        "dedup": dedup,
        "grant_id": grant,
        "state": "due",
        "attempts": 0,
        "next_at": now,
        "lease_until": 0,
        "claim": "",
        "node": "",
        "error": "",
        "phase": "",
        "message_id": "",
        "created_at": now,
        "sent_at": None,
    }
    conn.execute(outbox.insert().values(**values))
    return True


def _base(dedup: str) -> str:
    return dedup.partition("+")[0]


def row_id(dedup: str) -> str:
    """Derived, so that a row has the same Message-ID wherever it is made."""
    return "m_" + base64.b32encode(hashlib.sha256(dedup.encode()).digest()).decode().lower()[:24]


def oldest_unsent(conn: Connection, kinds: tuple[str, ...] = ("task", "reminder", "escalation")) -> int | None:
    """When the oldest mail that asks somebody to act was owed."""
    found = select(func.min(_c.created_at)).where(_c.state == "due", _c.kind.in_(kinds))
    return conn.execute(found).scalar()


def next_try(conn: Connection) -> int | None:
    """When a relay has something to do again."""
    return conn.execute(select(func.min(_c.next_at)).where(_c.state == "due")).scalar()


def first_message_id(conn: Connection, case_id: str, person: str) -> str:
    """What later mails of a case to a person answer to; empty before the first was sent."""
    found = (
        select(_c.message_id)
        .where(_c.case_id == case_id, _c.person == person, _c.message_id != "")
        .order_by(_c.created_at, _c.id)
        .limit(1)
    )
    return conn.execute(found).scalar() or ""
