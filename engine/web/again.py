"""A fresh mail with a fresh link, for a task that still waits: an outbox row, so it survives a stop of the server."""

from __future__ import annotations

from engine.service import LinkPage
from engine.store import outbox
from engine.web.running import Running


def owe(site: Running, page: LinkPage) -> bool:
    """Owe the person of an old link the mail of the task they hold now. False when they hold none."""
    if page.case is None:
        return False
    case_id, person = page.case.id, page.person
    with site.engine.snapshot() as snap:
        case = snap.case(case_id)
    held = next((g.id for g in case.live_grants() if g.person == person), "") if case else ""
    if not held:
        return False
    now = site.engine.clock()
    owed = site.engine.writer.chore(lambda conn: outbox.again(conn, case_id, person, held, now)).result()
    if owed and site.worker is not None:
        site.worker.ring()
    return bool(owed)
