"""A fresh mail with a fresh link, for a task that still waits: an outbox row, so it survives a stop of the server."""

from __future__ import annotations

from typing import Any

from engine.core.case import Case
from engine.service import LinkPage
from engine.store import outbox
from engine.web.running import Running

MOST = 90  # further mails of one row; three an hour for the 30 days of a link are more than anybody asks for


def owe(site: Running, page: LinkPage) -> bool:
    """Owe the person of an old link the mail of the task they hold now. False when they hold none."""
    if page.case is None:
        return False
    with site.engine.snapshot() as snap:
        case = snap.case(page.case.id)
        row = _task_mail(snap.conn, case, page.person) if case else None
    if row is None:
        return False
    now = site.engine.clock()
    made = site.engine.writer.chore(lambda conn: _add(conn, row, now)).result()
    if site.worker is not None:
        site.worker.ring()
    return bool(made)


def _task_mail(conn: Any, case: Case, person: str) -> outbox.OutboxRow | None:
    """The newest mail that went to the person with the task they hold."""
    held = {grant.id for grant in case.live_grants() if grant.person == person}
    rows = outbox.listed(conn, case_id=case.id, person=person)
    return next((row for row in rows if row.grant in held and not row.copy), None)


def _add(conn: Any, row: outbox.OutboxRow, now: int) -> str | None:
    first = row.id.partition(".")[0]
    original = outbox.read(conn, first) or row
    for n in range(1, MOST):
        made = outbox.again(conn, original, now, n)
        if made is not None:
            return made
    return None
