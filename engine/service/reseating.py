"""Rights follow the directory: whoever loses a seat, is disabled or gets another address loses the live grants of open
cases, and whoever holds the seat now gets one (links-mail-web.md A10). One `grant.revoked` per case.

That a right is gone never waits for this: every decision asks the directory of its moment.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.core import permission
from engine.core.case import Case, Grant
from engine.core.consequence import Consequence
from engine.core.directory import Directory
from engine.core.events import Draft
from engine.core.expressions import CannotTell
from engine.core.facts import Facts, scope
from engine.core.model import Definition, State
from engine.core.plan import Plan
from engine.core.recording import digest
from engine.service.snapshot import Snapshot
from engine.store import people, views

if TYPE_CHECKING:
    from engine.service.engine import Engine

SERVICE = {"kind": "service", "id": "engine", "auth": "service"}


def catch_up(engine: Engine) -> None:
    """Finish what a crash after a change of the directory left."""
    with engine.snapshot() as snap:
        if people.reseated(snap.conn) == snap.directory.version:
            return
    reseat(engine)


def reseat(engine: Engine) -> int:
    """Compare the grants of every case touched by the changes of the directory; how many cases changed."""
    with engine.snapshot() as snap:
        version, before = snap.directory.version, people.directory(snap.conn, people.reseated(snap.conn))
        affected = _affected(snap, before)
    changed = sum(_reseat(engine, case_id, before, version) for case_id in affected)
    engine.writer.chore(lambda conn: people.mark_reseated(conn, version)).result()
    return changed


def _affected(snap: Snapshot, before: Directory) -> list[str]:
    """Open cases in which somebody whose rights changed holds a task, or in which nobody does."""
    now = snap.directory
    persons = {p for p in (*before.people, *now.people) if before.people.get(p) != now.people.get(p)}
    moved = set(before.seats) ^ set(now.seats)
    persons |= {seat.person for seat in moved}
    bodies = {seat.body for seat in moved}
    return views.cases_held(snap.conn, persons, bodies)


def _reseat(engine: Engine, case_id: str, before: Directory, version: int) -> bool:
    now = engine.clock()

    def plan(snap: Snapshot) -> Plan | None:
        case = snap.case(case_id)
        if case is None or case.final or case.discarded:
            return None
        return changed(snap, case, now, f"people.{version}", lambda g: _lost(snap, g, before))

    return engine.commit(plan, now, case_id) is not None


def _lost(snap: Snapshot, grant: Grant, before: Directory) -> str:
    """Why a grant ends although its person may still hold the seat; empty when it does not."""
    now, then = snap.directory.people.get(grant.person), before.people.get(grant.person)
    if now is None or not now.active:
        return "disabled"
    return "mail" if then is not None and then.mail != now.mail else ""


def changed(snap: Snapshot, case: Case, at: int, command: str, lost: Any) -> Plan | None:
    """The plan that ends the grants of those not entitled any more, and of those `lost` names, and opens new ones for who
    is entitled now. None when nothing changes."""
    definition = snap.definition(case)
    state = definition.states.get(case.state)
    if state is None:
        return None
    world = snap.world(case.id, at)
    held = [g for g in case.live_grants() if g.kind == "step"]
    entitled = {h.person: h for h in permission.actors(definition, case, world).entitled(state.who)}
    closed = {g.id: why for g in held if (why := lost(g) or ("" if g.person in entitled else "seat"))}
    closed |= {g.id: why for g in case.live_grants() if g.kind == "confirm" and (why := lost(g)) == "disabled"}
    if not closed and held:
        return None
    kept = {g.person for g in held if g.id not in closed}
    voted = {v.person for v in case.votes if v.entry == case.entry}
    fresh = [
        h for person, h in entitled.items() if person not in kept and person not in voted and _active(snap, person)
    ]
    if not closed and not fresh:
        return None
    draft = Draft("grant.revoked", case.id, max(at, case.at), SERVICE, f"{command}.{case.seq}", {})
    made = Consequence(definition, case, world, draft)
    body: dict[str, Any] = {"grants": {}}
    if closed:
        body["grants"]["closed"] = closed
    if fresh:
        body["grants"]["opened"] = [{**made.grant(h, state), "entry": case.entry} for h in fresh]
        notices = _notices(definition, case, state, snap, [h.person for h in fresh])
        if notices:
            body["notices"] = notices
    made.body.update(body)
    return Plan(case, made.finish(), digest([command]), world.reads, snap.directory.version)


def _active(snap: Snapshot, person: str) -> bool:
    found = snap.directory.people.get(person)
    return found is not None and found.active


def _notices(
    definition: Definition, case: Case, state: State, snap: Snapshot, people: list[str]
) -> list[dict[str, Any]]:
    """The task mails of the state, for the new holders alone."""
    view = scope(Facts(definition, case, snap.world(case.id), case.facts))
    found: list[dict[str, Any]] = []
    for item in state.mail:
        notice = definition.notices[item.name]
        try:
            wanted = notice.kind == "task" and view.true(item.when)
        except CannotTell:
            wanted = False
        if wanted:
            found.append({"notice": notice.id, "kind": notice.kind, "to": people})
            if case.urgent:
                found[-1]["urgent"] = True
    return found


def revoke(engine: Engine, case_id: str, person: str, why: str) -> bool:
    """End the links of a person in a case: the grant is closed and, where the person is still entitled, a new one takes its
    place, with a new mail. Whether there was one."""
    now = engine.clock()
    command = f"revoke.{engine.new_id()}"

    def plan(snap: Snapshot) -> Plan | None:
        case = snap.case(case_id)
        if case is None or not any(g.person == person for g in case.live_grants()):
            return None
        return changed(snap, case, now, command, lambda g: why if g.person == person else "")

    return engine.commit(plan, now, case_id) is not None
