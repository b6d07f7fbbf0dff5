"""What a link opens: the status matrix of a token, read from ledger and case, writing nothing (links-mail-web 1.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from engine.core import atoms
from engine.core.case import Case
from engine.core.permission import Offer, implicit
from engine.core.recording import digest
from engine.service.snapshot import Snapshot
from engine.store import views


@dataclass(frozen=True)
class LinkPage:
    """`status`: live, unknown, decided (by you), decided_by_other, withdrawn, superseded, expired. `seq` and `decided`
    name the event that decided. `content` goes back with the answer: it changes when what is shown changes."""

    status: str
    case: Case | None = None
    person: str = ""
    grant: str = ""
    link: str = ""
    exp: int = 0
    offers: tuple[Offer, ...] = ()
    confirms: bool = False
    atoms: tuple[str, ...] = ()
    commits: dict[str, str] | None = None
    content: str = ""
    seq: int | None = None
    decided: dict[str, Any] | None = None


def content(case: Case, person: str, draft_version: int = 0) -> str:
    """A hash over what a decision page shows of the case."""
    return digest(
        [
            case.id,
            case.entry,
            case.dossier,
            person,
            draft_version,
            sorted([w.key, w.state] for w in case.waivers.values()),
            [f.key for f in case.findings],
            case.pending.action if case.pending else "",
        ]
    )[:32]


def open_link(snap: Snapshot, lookup: bytes, draft_version: int = 0) -> LinkPage:
    """The page behind a token's lookup hash."""
    page = gate(snap, lookup)
    if page.status != "live" or page.case is None:
        return page
    return _live(snap, page.case, page, draft_version)


def gate(snap: Snapshot, lookup: bytes) -> LinkPage:
    """Whether a link is live, and if not, why; what a live one offers is not worked out."""
    row = views.link(snap.conn, lookup)
    if row is None:
        return LinkPage("unknown")
    case = snap.case(row.case_id)
    if case is None:
        return LinkPage("unknown")
    page = LinkPage(
        "live", case, row.person, row.grant, row.link, row.exp, commits=row.commits, atoms=tuple(row.commits)
    )
    spent = views.spend(snap.conn, row.grant)
    if spent is not None:
        return _with(page, "decided", seq=spent, decided=_decided(snap, case, spent))
    closed = _closed(snap, case, page)
    if closed is not None:
        return closed
    if snap.now >= row.exp:
        return _with(page, "expired")
    return page


def _closed(snap: Snapshot, case: Case, page: LinkPage) -> LinkPage | None:
    """Why a right that was not used is gone."""
    grant = case.grants.get(page.grant)
    if grant is not None:
        if grant.state == "live":
            return None
        seq = grant.closed_seq
    elif page.grant == implicit(case, page.person) and not case.final and not case.discarded:
        return None
    else:
        entry = int(page.grant.split(".")[1])
        seq = next((step.seq for step in case.history if step.seq > entry), case.seq)
    decided = _decided(snap, case, seq)
    if decided.get("action") == "withdraw" or case.discarded:
        return _with(page, "withdrawn", seq=seq, decided=decided)
    moved_on = decided.get("from") and decided.get("from") != decided.get(
        "to"
    )  # else the step begins anew, with new links
    if grant is not None and decided.get("kind") == "person" and moved_on and not decided.get("submits"):
        return _with(page, "decided_by_other", seq=seq, decided=decided)
    return _with(page, "superseded", seq=seq, decided=decided)


def _decided(snap: Snapshot, case: Case, seq: int) -> dict[str, Any]:
    event = views.event(snap.conn, case.id, seq)
    if event is None:
        return {}
    body = event.parsed()
    return {
        "action": _chosen(body),
        "by": body["actor"].get("id", ""),
        "kind": body["actor"].get("kind", ""),
        "at": event.at,
        "from": body.get("from", ""),
        "to": body.get("to", ""),
        "submits": "dossier" in body,
        "hash": event.hash.hex(),
    }


def _chosen(body: dict[str, Any]) -> str:
    """What the event's person chose: an act, a vote, an act that waits to be confirmed, or not to confirm one."""
    for part in (body, body.get("vote") or {}, body.get("pending") or {}):
        if found := part.get("trigger") or part.get("action"):
            return str(found)
    declined = body["type"] == "vote.cast" and "pending" in body
    return "decline" if declined else ""


def _live(snap: Snapshot, case: Case, page: LinkPage, draft_version: int) -> LinkPage:
    commits = page.commits or {}
    confirms = atoms.CONFIRM[0] in commits
    found = () if confirms else tuple(o for o in snap.offers(case, page.person) if _covered(o, page))
    if not found and not confirms:
        return _with(page, "superseded")
    return _with(page, "live", offers=found, confirms=confirms, content=content(case, page.person, draft_version))


def _covered(offer: Offer, page: LinkPage) -> bool:
    return offer.transition.action in (page.commits or {}) and offer.grant == page.grant


def _with(page: LinkPage, status: str, **changes: Any) -> LinkPage:
    return LinkPage(**{**page.__dict__, "status": status, **changes})
