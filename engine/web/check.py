"""Check your answers: everything that was filled in, what the rules say, and the way to the page where it is handed in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from engine.core.act_fields import act_fields
from engine.core.blockers import Blocker
from engine.core.permission import Offer
from engine.web import edit
from engine.web.consequences import Consequences
from engine.web.decide_page import file_info
from engine.web.edit_page import EXCEPTIONS, findings, step_title, stops
from engine.web.filling import Filling
from engine.web.named import Named
from engine.web.printing import Entry, Printer
from engine.web.rendering import language, render, see
from engine.web.running import running
from engine.web.sessions import SignedIn
from engine.web.slips import Slips
from engine.web.steps import step_of
from engine.words.language import Words, words

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True)
class Part:
    """One step as it was filled in."""

    key: str
    title: str
    href: str
    entries: tuple[Entry, ...]
    tables: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Way:
    """One act the form can be handed in with; `stops`: (address, sentence) of what would refuse it."""

    action: str
    label: str
    hint: str
    stops: tuple[tuple[str, str], ...]


@router.get("/c/{case_id}/check")
def show(request: Request, case_id: str, person: SignedIn) -> Response:
    lang, say = language(request), words(language(request))
    with running(request).engine.snapshot() as snap:
        found = edit.filling(snap, case_id, person, request.query_params.get("for", ""))
        if found is None:
            return see(f"/c/{case_id}")
        query = "" if found.transition.submits else f"?for={found.action}"
        marks, _ = findings(found, None, say)
        listed = [way(found, offer, say, query) for offer in found.acts()]
        parts_ = parts(
            found,
            lang,
            query,
            Printer(
                snap, found.case, lang, "", facts={**found.case.facts, **found.values}, file=file_info(snap, case_id)
            ),
        )
        listed, common = shared(listed)
        context: dict[str, Any] = {"found": found, "kick": edit.kick(found, lang), "query": query, "marks": marks}
        context["grounds"] = [(key, f.en if lang == "en" else f.vi) for key, f in found.exceptions.items()]
        return render(
            request,
            "check.html",
            stops=stops(found, "check", say, query),
            parts=parts_,
            title=step_title(found, "check", say),
            ways=listed,
            common=common,
            **context,
        )


def parts(found: Filling, lang: str, query: str, printer: Printer) -> list[Part]:
    """Every step with what it holds, in words."""
    printer.definition = printer.facts.definition = found.definition
    listed = []
    for step in found.steps:
        if step.key == EXCEPTIONS:
            entries = tuple(_grounds(found, printer))
            listed.append(
                Part(
                    step.key,
                    step_title(found, step.key, words(lang)),
                    f"/c/{found.case.id}/edit/{step.key}{query}",
                    entries,
                    (),
                )
            )
            continue
        plain = tuple(printer.entries(step.fields, lists=False))
        tables = tuple(printer.entries(step.fields, lists=True))
        listed.append(
            Part(
                step.key,
                step_title(found, step.key, words(lang)),
                f"/c/{found.case.id}/edit/{step.key}{query}",
                plain,
                tables,
            )
        )
    return listed


def _grounds(found: Filling, printer: Printer) -> list[Entry]:
    listed = []
    for key, finding in found.exceptions.items():
        stated = found.grounds.get(key) or {}
        parts = tuple(
            printer.entry(found.definition.grounds[n], stated[n]) for n in found.asked_grounds(finding) if stated.get(n)
        )
        if parts:
            listed.append(Entry(key, finding.rule, parts=parts))
    return listed


def way(found: Filling, offer: Offer, say: Words, query: str) -> Way:
    transition = offer.transition
    slips = Slips(
        found.definition, Named(found.snap.directory, say.lang), say, {**found.values, "waivers": found.grounds}
    )
    blocked: dict[str, tuple[str, str]] = {}
    for item in [*found.slips, *(b for b in found.refused(offer) if b.code != "type")]:
        blocked.setdefault(slips.summary(item), (_place(found, item, query), slips.summary(item)))
    label = found.definition.actions[transition.action][say.lang]
    hint = Consequences(found.snap, found.case, say.lang).of(transition).hint
    same = [
        o for o in found.offers if o.transition.by is None and act_fields(found.pinned, o.transition) == found.names
    ]
    if not transition.submits and len(same) > 1:
        label, hint = say("to the page of the decision"), ""  # nothing is chosen yet
    return Way(
        transition.action,
        label,
        hint,
        tuple(blocked.values()),
    )


def shared(ways: list[Way]) -> tuple[list[Way], tuple[tuple[str, str], ...]]:
    """(the ways with what stops each alone, what stops all of them)."""
    if len(ways) < 2:
        return [replace(w, stops=()) for w in ways if w.stops] or ways, ways[0].stops if ways else ()
    common = tuple(stop for stop in ways[0].stops if all(stop in w.stops for w in ways))
    return [replace(w, stops=tuple(s for s in w.stops if s not in common)) for w in ways], common


def _place(found: Filling, item: Blocker, query: str) -> str:
    """Where something is put right: the step of its field, of a rule's fields, or nowhere."""
    key = step_of(found.steps, item.path) if item.path else ""
    if key:
        join = "&" if query else "?"
        return f"/c/{found.case.id}/edit/{key}{query}{join}all=1#{item.path}"
    if item.rule in found.definition.rules:
        from engine.web.reads import fields_read

        read = fields_read(found.definition, found.definition.rules[item.rule])
        step = next((s.key for s in reversed(found.steps) if set(s.fields) & read), "")
        return f"/c/{found.case.id}/edit/{step}{query}" if step else ""
    return ""
