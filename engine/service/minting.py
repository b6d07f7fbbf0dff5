"""Links: minted in an event signed by the engine, spent by revealing the keys of the chosen answers (decisions.md 2)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from engine.core import atoms, links, permission
from engine.core.blockers import Refused, blocker
from engine.core.case import Case, Grant
from engine.core.commands import Act
from engine.core.events import Draft, iso
from engine.core.model import Definition
from engine.core.plan import LinkRow, Plan
from engine.core.recording import digest
from engine.service.link_page import LinkPage
from engine.service.snapshot import Snapshot
from engine.service.values import Answers, Minted
from engine.store import views

if TYPE_CHECKING:
    from engine.service.engine import Engine

DAY = 86_400_000_000
SHORTEST, LONGEST = 7 * DAY, 30 * DAY  # decisions.md 5: due + 3 working days, at least 7, at most 30 days


def mint(engine: Engine, case_id: str, person: str, *, via: str, grant: str, action: str) -> Minted:
    """Append `link.issued` and hand out the token, which exists nowhere else."""
    now = engine.clock()
    secret = engine.random_bytes(links.LENGTH)
    minted: dict[str, Any] = {}

    def plan(snap: Snapshot) -> Plan:
        case = snap.case(case_id)
        if case is None:
            raise Refused([blocker("no_authority")])
        right, offered = _right(snap, case, person, grant, action)
        link = f"{right}.{views.links_of(snap.conn, right) + 1}"
        exp = expiry(snap, case, now)
        commits = links.commits(secret, link, offered)
        lookup = links.lookup(secret)
        minted.update(link=link, exp=exp, grant=right)
        body = {
            "id": link,
            "grant": right,
            "to": person,
            "via": via,
            "exp": iso(exp),
            "lookup": lookup.hex(),
            "commit": commits,
        }
        draft = Draft(
            "link.issued",
            case.id,
            max(now, case.at),
            {"kind": "service", "id": "engine", "auth": "service"},
            f"link.{lookup.hex()[:32]}",
            body,
        )
        row = LinkRow(lookup, link, right, person, exp, commits)
        return Plan(case, draft, digest([link, lookup.hex()]), (), snap.directory.version, links=(row,), sign=True)

    engine.commit(plan, now, case_id)
    token = links.token(secret)
    return Minted(token, minted["link"], minted["exp"], f"{engine.base_url}/d/{token}", minted["grant"])


def _right(snap: Snapshot, case: Case, person: str, grant_id: str, action: str) -> tuple[str, tuple[str, ...]]:
    """The right a link is for, and every atom it commits to."""
    definition = snap.definition(case)
    if grant_id in case.grants:
        grant = case.grants[grant_id]
        if grant.state != "live" or grant.person != person:
            raise Refused([blocker("grant_closed")])
        return grant.id, grant.atoms
    if grant_id:
        raise Refused([blocker("grant_closed")])
    if action in atoms.CONFIRM:
        held = permission.task(case, person, "confirm")
        if held is None:
            raise Refused([blocker("no_authority")])
        return held.id, held.atoms
    offered = snap.offers(case, person)
    wanted = [offer for offer in offered if offer.transition.action == action]
    if not wanted:
        raise Refused(_why_not(snap, case, definition, person, action))
    right = wanted[0].grant
    if right in case.grants:
        return right, case.grants[right].atoms
    return right, atoms.offered(definition, case, [o.transition for o in offered if o.grant == right])


def _why_not(snap: Snapshot, case: Case, definition: Definition, person: str, action: str) -> list[Any]:
    transition = definition.transitions.get(case.state, {}).get(action)
    if transition is None:
        state = definition.states[case.state].label if case.state in definition.states else case.state
        return [blocker("not_in_state", state=state)]
    world = snap.world(case.id)
    found = permission.holder(definition, transition, permission.actors(definition, case, world), person)
    if not isinstance(found, permission.Holder):
        return [found]
    return [blocker("pending" if case.pending and transition.confirm else "not_offered")]


def expiry(snap: Snapshot, case: Case, now: int) -> int:
    """µs UTC after which a link minted now is dead."""
    calendar = snap.calendar
    late = now
    if case.due:
        day = calendar.working_days(calendar.day(case.due.at), 3)
        late = calendar.at(day, calendar.day_ends)
    return min(max(late, now + SHORTEST), now + LONGEST)


def revealed(definition: Definition, case: Case, act: Act, page: LinkPage, secret: bytes) -> Act:
    """`act` with the keys of its atoms, which must be among those the link commits to. Raises Refused."""
    transition = definition.transitions.get(case.state, {}).get(act.action)
    chosen = atoms.chosen(definition, transition, act)
    commits = page.commits or {}
    if any(atom not in commits for atom in chosen):
        raise Refused([blocker("not_offered")])
    keys = links.reveal(secret, page.link, chosen)
    if not links.proves(commits, keys):
        raise Refused([blocker("no_authority")])
    return replace(act, spent={"link": page.link, "keys": keys})


def _seat(grant: Grant, person: str) -> str:
    """A seat of a body is used once; who is named by a field (one of many members, say) stands for himself."""
    return grant.seat if grant.body else f"{grant.seat}:{person}"


def spending(plan: Plan, case: Case, page: LinkPage) -> Plan:
    """The plan with the row that makes a second use of the right impossible."""
    grant = case.grants.get(page.grant)
    row = {
        "grant_id": page.grant,
        "case_id": case.id,
        "entry": grant.entry if grant else case.entry,
        "kind": grant.kind if grant else "implicit",
        "seat": _seat(grant, page.person) if grant else "",
        "person": page.person,
        "seq": case.seq + 1,
    }
    return replace(plan, rows=(*plan.rows, ("spends", row)))


def same_choice(snap: Snapshot, page: LinkPage, answers: Answers, keys: dict[str, str]) -> bool:
    """Whether a repeated answer is the one that was recorded: the same atoms."""
    given = {answers.action, *(f"waivers/{k}={v}" for k, v in answers.decisions.items() if v)}
    given |= {f"waivers/{k}.opinion={v}" for k, v in answers.opinions.items() if v}
    given |= {
        f"{name}/{number}.{column}={value}"
        for name, rows in answers.columns.items()
        for number, columns in rows.items()
        for column, value in columns.items()
        if value
    }
    known = {atom for atom in keys if "=" not in atom or atom.startswith("waivers/") or "/" in atom.split("=")[0]}
    return given == known
