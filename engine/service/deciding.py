"""One answer given with a link, from the token to the receipt.

All of it is judged on one read snapshot: what the link opens, what the clock has to do first, whether the page still shows
what was answered, and the plan. When the world moved before the writer had the plan, all of it is judged anew.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.core import decide, links
from engine.core.blockers import Refused, blocker
from engine.core.case import Case
from engine.core.model import Definition
from engine.core.plan import Plan
from engine.service import drafts, minting
from engine.service.link_page import LinkPage, gate, open_link
from engine.service.snapshot import Snapshot
from engine.service.values import Answers, Conflict, Receipt
from engine.store import views
from engine.store.writer import CommandClash, Committed, Spent, Stale

if TYPE_CHECKING:
    from engine.service.engine import Engine

# answers that came when the right was gone: they stand in the record, too
LATE = frozenset({"decided_by_other", "withdrawn", "superseded", "expired"})
_MOST = 400  # events of the clock that may lie before one answer


class _ClockFirst(Exception):
    """Something was due before the answer arrived."""


def _due(case: Case, at: int) -> bool:
    return any(item.at <= at for item in case.deadlines.values())


class Decision:
    """`at` µs UTC, the arrival of the complete request. `page` is what the link opened when it was judged last."""

    def __init__(self, engine: Engine, secret: bytes, answers: Answers, content: str, client: dict[str, str], at: int):
        self.engine, self.secret, self.answers = engine, secret, answers
        self.content, self.client, self.at = content, client, at
        self.page = LinkPage("unknown")
        self.definition: Definition | None = None

    def take(self) -> Receipt:
        """Raises Refused, Conflict, Busy."""
        try:
            done = self._commit()
        except Refused as refused:
            self._told(refused)
            raise
        except (Spent, CommandClash):
            return self._conflict(Conflict("decided", self.engine.look(links.token(self.secret))))
        except Conflict as conflict:
            return self._conflict(conflict)
        receipt = self.engine.receipt(done, self.answers.action)
        before = self.page.case
        if before is not None and self.definition is not None:
            page, action = self.page, self.answers.action
            drafts.spent(self.engine, self.definition, before.id, page.person, action, before.state)
        return receipt

    def _commit(self) -> Committed | None:
        """The first plan is made while others make theirs; when it comes too late, this case's commands take turns."""
        turns = False
        for _ in range(_MOST):
            try:
                if turns and self.page.case is not None:
                    return self.engine.commit(self.plan, self.at, self.page.case.id)
                with self.engine.snapshot(self.at) as snap:
                    plan = self.plan(snap)
                return self.engine.writer.submit(plan).result()
            except Stale:
                turns = True
            except _ClockFirst:
                assert self.page.case is not None
                self.engine.fire_due(self.page.case.id, self.at)
        raise Conflict("raced", self.page)

    def plan(self, snap: Snapshot) -> Plan:
        page = self.page = gate(snap, links.lookup(self.secret))
        case = page.case
        if case is not None and page.status in ("live", "expired") and _due(case, self.at):
            raise _ClockFirst
        if page.status != "live" or case is None:
            raise Conflict(page.status, page)
        if self.content:
            self._same_content(snap)
        definition = self.definition = snap.definition(case)
        command = f"grant.{page.grant}"
        act = drafts.filled(snap, definition, case, page, self.answers, self.client, self.at, command)
        act = minting.revealed(definition, case, act, page, self.secret)
        transition = definition.transitions.get(case.state, {}).get(act.action)
        active = snap.active(definition.name) if transition is not None and transition.adopts else None
        made = decide.act(definition, case, act, snap.world(case.id, self.at), active)
        return minting.spending(made, case, page)

    def _same_content(self, snap: Snapshot) -> None:
        """Raises Conflict when the page shows something else than what was answered."""
        assert self.page.case is not None
        version = drafts.version(snap.conn, self.page.case.id, self.page.person)
        shown = open_link(snap, links.lookup(self.secret), version)
        if shown.status != "live":
            raise Conflict(shown.status, shown)
        if shown.content != self.content:
            raise Conflict("changed", shown)

    # -- when it was not taken

    def _told(self, refused: Refused) -> None:
        if self.page.case is not None:
            command = f"grant.{self.page.grant}"
            self.engine.note_refusal(self.page.case.id, self.page.person, command, self.at, refused.blockers)

    def _conflict(self, conflict: Conflict) -> Receipt:
        """The answer to a second click: the same choice gets the same receipt. Raises the conflict for everything else."""
        page: LinkPage = conflict.page
        if conflict.reason == "decided" and page.case is not None and page.seq is not None:
            return self._again(page, page.case.id, page.seq, page.case.state)
        if conflict.reason in LATE:
            self._told(Refused([blocker("grant_closed")]))
        raise conflict

    def _again(self, page: LinkPage, case_id: str, seq: int, state: str) -> Receipt:
        with self.engine.snapshot() as snap:
            event = views.event(snap.conn, case_id, seq)
            spent = (event.parsed().get("spent") or {}).get("keys", {}) if event else {}
            if event is None or not minting.same_choice(snap, page, self.answers, spent):
                raise Conflict("decided", page)
        return Receipt(case_id, seq, event.hash.hex(), event.rec, self.answers.action, state, repeated=True)
