"""The page of a case: where it stands, who has it and until when, what the rules say, who travels, and what I may do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from engine.core.act_fields import act_fields, needs_form
from engine.core.blockers import Refused
from engine.core.case import Case
from engine.core.directory import Person
from engine.core.model import Transition
from engine.service import Conflict, Snapshot
from engine.store import views
from engine.web import draft_documents
from engine.web.ahead import Ahead, ahead, mail_notes
from engine.web.decide_page import file_info
from engine.web.dossier_view import DossierView
from engine.web.edit import filling
from engine.web.forms_in import Posted
from engine.web.refusal import Refusal
from engine.web.rendering import language, render, see
from engine.web.running import running
from engine.web.seeing import may_see
from engine.web.sessions import SignedIn
from engine.web.timeline import history
from engine.web.track import Stop, track
from engine.words import formats
from engine.words.language import Words, words

router = APIRouter(include_in_schema=False)
RECENT = 5  # records shown on the page of the case
WAIVER_WORDS = {
    "REQUESTED": ("exc", "Requested"),
    "OPINION_GIVEN": ("exc", "Opinion given"),
    "GRANTED": ("ok", "Granted"),
    "REFUSED": ("stop", "Refused"),
    "DRAFT": ("", "Not yet requested"),
}


@dataclass(frozen=True, slots=True)
class Act:
    """A button: something the person may do. Choices of one task stand behind one button, because they are weighed on one
    page; `form` is prepared first."""

    action: str
    label: str
    form: bool
    task: bool


def acts(snap: Snapshot, case: Case, person: Person, lang: str) -> list[Act]:
    """What this person is offered, their task first."""
    definition, say = snap.definition(case), words(lang)
    offered = [offer.transition for offer in snap.offers(case, person.id)]
    found: list[Act] = []
    task = [t for t in offered if t.by is None]
    plain = [t for t in task if not needs_form(definition, t)]
    if plain:
        label = definition.actions[plain[0].action][lang] if len(plain) == 1 else say("Open the task and choose")
        found.append(Act(plain[0].action, label, False, True))
    groups: dict[tuple[str, ...], list[Transition]] = {}
    for transition in task:
        if transition not in plain:
            groups.setdefault(act_fields(definition, transition), []).append(transition)
    for fields, listed in groups.items():
        label = definition.actions[listed[0].action][lang]
        if len(listed) > 1:
            label = say(
                "Enter, then decide: %(fields)s", fields=", ".join(definition.fields[n].label[lang] for n in fields)
            )
        found.append(Act(listed[0].action, label, True, True))
    if any(grant.kind == "confirm" and grant.person == person.id for grant in case.live_grants()):
        found.insert(0, Act("confirm", say("Confirm or decline"), False, True))
    others = [t for t in offered if t.by is not None]
    return [
        *found,
        *(Act(t.action, definition.actions[t.action][lang], needs_form(definition, t), False) for t in others),
    ]


def optional_form(snap: Snapshot, case: Case, person: Person) -> bool:
    """Whether the holder may also fill something in, though no act needs it."""
    definition = snap.definition(case)
    offers = [o.transition for o in snap.offers(case, person.id)]
    return any(act_fields(definition, t) for t in offers) and not any(needs_form(definition, t) for t in offers)


def stops(snap: Snapshot, case: Case, view: DossierView, lang: str) -> list[dict[str, Any]]:
    """The path of states with the day each was left, or is due."""
    clock = formats.Clock(snap.calendar, lang, snap.now)
    definition = view.definition

    def note(stop: Stop) -> str:
        if stop.kind == "done":
            return clock.day_month(stop.at)
        if stop.kind == "now" and case.due and not case.final:
            return words(lang)("due %(day)s", day=clock.due_day(case.due.at))
        return ""

    return [
        {"label": definition.states[s.state].label[lang], "kind": s.kind, "note": note(s)}
        for s in track(definition, case, snap.view(case))
    ]


def waivers(view: DossierView, say: Words) -> list[dict[str, Any]]:
    """Exceptions with their finding, opinion and decision."""
    listed = []
    for key, waiver in view.case.waivers.items():
        if waiver.state not in WAIVER_WORDS:
            continue
        finding = next((f for f in view.case.findings if key in (f.key, f.rule)), None)
        kind, word = WAIVER_WORDS[waiver.state]
        text = (finding.en if say.lang == "en" else finding.vi) if finding else ""
        listed.append(
            {
                "rule": waiver.rule,
                "kind": kind,
                "word": say(word),
                "text": text,
                "grounds": view.grounds(key),
                "opinion": view.opinion(key),
            }
        )
    return listed


def tag(case: Case, label: str, say: Words) -> dict[str, str]:
    """The state as a word with its meaning."""
    kind = {"good": "ok", "bad": "stop"}.get(case.final, "do")
    if case.held:
        return {"kind": "stop", "word": f"{label}, {say('on hold')}"}
    return {"kind": "" if case.discarded else kind, "word": say("Discarded") if case.discarded else label}


def sees(snap: Snapshot, case_id: str, person: Person) -> Case:
    """Raises Refusal (404) where the case does not exist for this person."""
    case = snap.case(case_id)
    if case is None or not may_see(snap, case, person):
        raise Refusal(404, "missing")
    return case


@router.get("/c/{case_id}")
def show(request: Request, case_id: str, person: SignedIn) -> Response:
    lang, say = language(request), words(language(request))
    with running(request).engine.snapshot() as snap:
        case = sees(snap, case_id, person)
        found = filling(snap, case_id, person) if not case.dossier else None
        draft = {**case.facts, **found.draft.values} if found else None
        view = DossierView(snap, case, lang, "", facts=draft, file=file_info(snap, case_id))
        if found is not None:  # a draft: nothing is judged before it is handed in
            view.fresh = False
        coming: Ahead | None = ahead(
            snap, case, view.printer, mail_notes(views.mails(snap.conn, case_id), case, lang), lang
        )
        names = [n for n in view.definition.fields if n != "title"]
        context: dict[str, Any] = {
            "case": case,
            "view": view,
            "tag": tag(case, view.printer.state(case.state), say),
            "stops": stops(snap, case, view, lang),
            "ahead": coming,
            "acts": acts(snap, case, person, lang) if case.dossier else [],
            "optional_form": case.dossier and optional_form(snap, case, person),
            "draft": found is not None,
            "findings": view.findings({}),
            "waivers": waivers(view, say),
            "tables": view.tables(),
            "facts": view.printer.entries(names, lists=False),
            "documents": view.documents(),
            "to_print": draft_documents.links(snap, case, person, lang),
            "owed": list(case.obligations.values()),
            "recent": [t for t in history(snap, case, lang) if t.kind != "quiet"][:RECENT],
            "oversees": bool(person.roles),
        }
        return render(request, "case.html", **context)


@router.post("/c/{case_id}/act/{action}")
def act(request: Request, case_id: str, action: str, person: SignedIn, form: Posted) -> Response:
    """A button of the page: what needs the form leads there, everything else to the page of the decision."""
    engine = running(request).engine
    with engine.snapshot() as snap:
        case = sees(snap, case_id, person)
        offered = next((o.transition for o in snap.offers(case, person.id) if o.transition.action == action), None)
        if offered is not None and needs_form(snap.definition(case), offered) and not form.get("checked"):
            return see(f"/c/{case_id}/edit?for={offered.action}")
    try:
        return see(f"/d/{engine.mint(case_id, person.id, via='page', action=action).token}")
    except Conflict:
        raise Refusal(503, "busy") from None
    except Refused as refused:
        say = words(language(request))
        reasons = list(dict.fromkeys(say.blocker(b) for b in refused.blockers))
        return render(request, "not_possible.html", 409, case=case, reasons=reasons)
