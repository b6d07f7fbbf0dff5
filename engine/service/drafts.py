"""Edits before they are submitted: a mutable row per case and person, uploads, and what an action takes from it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from engine.core.act_fields import act_fields
from engine.core.blockers import Refused, blocker
from engine.core.case import Case
from engine.core.commands import Act, Actor
from engine.core.events import Draft
from engine.core.model import Definition
from engine.core.plan import Plan
from engine.core.recording import digest
from engine.service.adopting import form_definition
from engine.service.link_page import LinkPage
from engine.service.values import Answers, Conflict, DraftRow, Receipt
from engine.store import drafts as store
from engine.store import files

if TYPE_CHECKING:
    from engine.service.engine import Engine
    from engine.service.snapshot import Snapshot


def read(conn: Any, case_id: str, person: str) -> DraftRow:
    row = store.read(conn, case_id, person)
    return DraftRow(row.values, row.grounds, row.version, row.at) if row else DraftRow({}, {}, 0)


def version(conn: Any, case_id: str, person: str) -> int:
    return read(conn, case_id, person).version


def editor(snap: Snapshot, case_id: str, person: str) -> tuple[Case, Definition]:
    """The case and its definition, if this person may edit its facts in the present state. Raises Refused."""
    case = snap.case(case_id)
    if case is None or case.final or case.discarded:
        raise Refused([blocker("no_authority")])
    definition = snap.definition(case)
    if not any(act_fields(definition, offer.transition) for offer in snap.offers(case, person)):
        raise Refused([blocker("no_authority")])
    return case, definition


def save(
    engine: Engine, case_id: str, person: str, values: dict[str, Any], grounds: dict[str, dict[str, Any]], version: int
) -> int:
    with engine.snapshot() as snap:
        editor(snap, case_id, person)
    now = engine.clock()
    saved = engine.writer.chore(lambda conn: store.save(conn, case_id, person, values, grounds, version, now)).result()
    if saved is None:
        raise Conflict("version")
    return int(saved)


def attach(engine: Engine, case_id: str, person: str, name: str, data: bytes) -> Any:
    """Keep the file outside the database under its hash; the row names it."""
    with engine.snapshot() as snap:
        case = snap.case(case_id)
        if case is None or not snap.offers(case, person):
            raise Refused([blocker("no_authority")])
    kept = engine.files.keep(data)
    now = engine.clock()
    file_id = "f_" + engine.new_id()[:16]
    return engine.writer.chore(
        lambda conn: engine.files.record(conn, file_id, case_id, person, name, kept, now)
    ).result()


def spent(engine: Engine, definition: Definition, case_id: str, person: str, action: str, state: str) -> None:
    """Throw the edits away that an act has taken: the case holds them now."""
    transition = definition.transitions.get(state, {}).get(action)
    if transition is not None and act_fields(definition, transition):
        engine.writer.chore(lambda conn: store.drop(conn, case_id, person), droppable=True)


def discard(engine: Engine, case_id: str, person: str) -> Receipt:
    now = engine.clock()

    def plan(snap: Snapshot) -> Plan:
        case = snap.case(case_id)
        if case is None or case.author != person:
            raise Refused([blocker("no_authority")])
        if case.dossier or case.discarded:
            raise Refused([blocker("not_offered")])
        gone = {grant.id: "discarded" for grant in case.live_grants()}
        body: dict[str, Any] = {"grants": {"closed": gone}} if gone else {}
        if case.deadlines:
            body["deadlines"] = {"cleared": sorted(case.deadlines)}
        actor = {"kind": "person", "id": person, "auth": "session", "seat": "author"}
        draft = Draft("draft.discarded", case.id, now, actor, f"discard.{case.id}", body)
        return Plan(case, draft, digest([person, case_id]), (), snap.directory.version)

    done = engine.commit(plan, now, case_id)
    engine.writer.chore(lambda conn: store.drop(conn, case_id, person), droppable=True)
    return engine.receipt(done, "discard")


def filled(
    snap: Snapshot,
    definition: Definition,
    case: Case,
    page: LinkPage,
    answers: Answers,
    client: dict[str, str],
    at: int,
    command: str,
) -> Act:
    """The act a person asks for: what was answered, laid over the edits kept for this case."""
    values, grounds = dict(answers.values), dict(answers.grounds)
    transition = definition.transitions.get(case.state, {}).get(answers.action)
    if transition is not None:
        taken = act_fields(*form_definition(snap, case, transition))
        kept = read(snap.conn, case.id, page.person) if taken else DraftRow({}, {}, 0)
        values = {**{name: kept.values[name] for name in taken if name in kept.values}, **values}
        if transition.submits:
            grounds = {**kept.grounds, **grounds}
    return Act(
        case=case.id,
        grant=page.grant,
        action=answers.action,
        actor=Actor("person", page.person, "link", page.link, client),
        at=at,
        command=command,
        values=values,
        columns=answers.columns,
        opinions=answers.opinions,
        decisions=answers.decisions,
        grounds=grounds,
        reason=answers.reason,
        note=answers.note,
        files=_uploads(snap, case.id) if values or transition is None or transition.submits else (),
    )


def _uploads(snap: Snapshot, case_id: str) -> tuple[dict[str, Any], ...]:
    """The uploads of a case as the core records them."""
    rows = files.of_case(snap.conn, case_id)
    return tuple({"id": r.id, "sha256": r.sha256, "media_type": r.media_type, "size": r.size} for r in rows)
