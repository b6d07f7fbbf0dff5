"""What one mail says, gathered from the case as values; templates only lay it out. Nothing here writes or sends.

News (info, receipt, alert) is told of the case as it was when the event happened, also when it is sent late; what asks
for an act (task, reminder, escalation) of the case as it is now.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from engine.core.calendar import Calendar
from engine.core.case import Case, Grant
from engine.core.directory import Directory
from engine.core.evolve import replay
from engine.core.expressions import Scope
from engine.core.facts import Facts
from engine.core.model import Definition, Text
from engine.core.permission import Offer
from engine.core.world import World
from engine.store.outbox import OutboxRow

ACTS = ("task", "reminder", "escalation")
LINKED = ("task", "reminder")  # kinds that carry a link for whoever holds a live right


class Look(Protocol):
    """The read snapshot of the service, as far as a mail needs it."""

    conn: Any
    now: int
    directory: Directory

    @property
    def calendar(self) -> Calendar: ...

    def case(self, case_id: str) -> Case | None: ...

    def definition(self, case: Case) -> Definition: ...

    def world(self, case_id: str = "", now: int | None = None) -> World: ...

    def facts(self, case: Case) -> Facts: ...

    def view(self, case: Case, **extra: Any) -> Scope: ...

    def offers(self, case: Case, person: str) -> list[Offer]: ...

    def history(self, case_id: str) -> list[tuple[dict[str, Any], dict[str, Any]]]: ...


class Looking(Protocol):
    """Opens a snapshot."""

    def __call__(self) -> AbstractContextManager[Look]: ...


@dataclass(frozen=True, slots=True)
class Office:
    """What all mails of a site share. `contact` is who answers questions; `demo` adds a line that nothing is real."""

    name: Text
    base_url: str
    contact: str = ""
    demo: bool = False


@dataclass(frozen=True, slots=True)
class Who:
    name: str
    post: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    label: str
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A finding or an exception to decide. `word` names its meaning, `hint` an opinion already given."""

    kind: str
    word: str
    text: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Given:
    """A link minted for this mail."""

    url: str
    exp: int


@dataclass(frozen=True, slots=True)
class Contents:
    """One mail's facts. Empty texts are left out by the templates. Times are printed, `ask` says what is asked:
    decide, opinion, record, complete, handle, or nothing."""

    kind: str
    lang: str
    site: str
    subject: str
    headline: str
    title: str
    reference: str
    who: Who
    acting: str = ""
    urgent: bool = False
    copy: bool = False
    n: int = 0
    ask: str = ""
    external: str = ""
    due: str = ""
    why: str = ""  # how the deadline was counted
    gone: str = ""  # how long it has passed; "0" means less than a day
    overdue: bool = False
    link: str = ""
    expires: str = ""
    page: str = ""
    exceptions: tuple[Found, ...] = ()
    findings: tuple[Found, ...] = ()
    stopped: str = ""  # the state that the clock could not lead to
    facts: tuple[Fact, ...] = ()
    so_far: tuple[str, ...] = ()
    happened: str = ""
    reason: str = ""
    state: str = ""
    holders: tuple[Who, ...] = ()
    since: str = ""
    ahead: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()  # moves by date that are ahead
    owed: tuple[Fact, ...] = ()
    documents: tuple[str, ...] = ()
    attached: str = ""
    missing: bool = False  # a document was promised and is not attached
    receipt: str = ""
    code: str = ""
    contact: str = ""
    demo: bool = False


@dataclass(frozen=True, slots=True)
class Told:
    """A row with what it is about: the case it speaks of, its event and private values, the present right."""

    row: OutboxRow
    case: Case
    body: dict[str, Any]
    private: dict[str, Any]
    grant: Grant | None

    @property
    def acts(self) -> bool:
        return self.row.kind in ACTS and not self.row.copy


def told(look: Look, row: OutboxRow) -> Told | None:
    """The row with its case and event; None when either is gone."""
    now = look.case(row.case_id)
    if now is None:
        return None
    history = [item for item in look.history(row.case_id) if item[0]["seq"] <= row.seq]
    if not history or history[-1][0]["seq"] != row.seq:
        return None
    body, private = history[-1]
    case = now if row.kind in ACTS else replay(history)
    return Told(row, case, body, private, right(now, row))


def right(case: Case, row: OutboxRow) -> Grant | None:
    """The live right this mail may carry a link for."""
    if row.copy or row.kind not in LINKED or not row.grant:
        return None
    grant = case.grants.get(row.grant)
    return grant if grant is not None and grant.state == "live" and grant.person == row.person else None


def obsolete(case: Case, row: OutboxRow, body: dict[str, Any]) -> str:
    """Why nobody needs this mail any more; empty while somebody does. News is always sent."""
    if case.discarded:
        return "the draft was discarded"
    if row.kind not in ACTS:
        return ""
    owed = obligation(case, body, row.n)
    if owed is not None:
        return "" if case.obligations[owed].state == "OPEN" else "the obligation is closed"
    if case.since > row.seq:
        return "the step is over"
    if row.grant and not row.copy and row.kind in LINKED and right(case, row) is None:
        return "the task is decided"
    return ""


def obligation(case: Case, body: dict[str, Any], n: int) -> str | None:
    """The obligation that a rung reminds of, from the id of the deadline that fired."""
    for key in body.get("fired", ()):
        for owed in case.obligations:
            if key.startswith(f"{owed}."):
                index = key.partition("@")[0].rpartition(".")[2]
                if not n or index == str(n - 1):
                    return owed
    return None
