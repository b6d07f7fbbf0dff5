"""What became of a link: decided by its person, by others, superseded, withdrawn, expired; and what was not recorded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi import Request
from fastapi.responses import Response

from engine.core.case import Case
from engine.service import LinkPage, Snapshot
from engine.web.dossier_view import DossierView, file_info, you
from engine.web.questions import DECISION_WORDS
from engine.web.rendering import language, render


def gone(request: Request, snap: Snapshot, page: LinkPage, token: str, status: int, told: str = "") -> Response:
    """What became of a link that is not open: decided, decided by others, superseded, withdrawn, expired."""
    lang = language(request)
    case, decided = page.case, page.decided or {}
    assert case is not None
    view = DossierView(snap, case, lang, f"/d/{token}", file=file_info(snap, case.id))
    person = snap.directory.people.get(page.person)
    if person is None or not person.active:
        page = replace(page, status="withdrawn")
    secret = page.status == "withdrawn" and status == 410
    context: dict[str, Any] = {
        "page": page,
        "case": case,
        "token": token,
        "view": view,
        "told": told,
        "you": you(snap, page.person, lang),
        "private": secret,
        "decided": decided,
        "action": view.printer.action(str(decided.get("action", ""))),
        "who": "",
        "state": view.printer.state(case.state),
        "entered": view.printer.state(str(decided.get("to") or "")),
        "answers": [],
        "comment": "",
        "auth": "",
        "issued": [],
        "waiting": waiting(snap, case, page.person),
    }
    if page.seq is not None:
        context.update(recorded(snap, view, case, page.seq))
    return render(request, "result.html", status, **context)


def waiting(snap: Snapshot, case: Case, person: str) -> bool:
    """Whether the person holds a live task in this case: then a new link makes sense."""
    return any(g.person == person for g in case.live_grants())


def recorded(snap: Snapshot, view: DossierView, case: Case, seq: int) -> dict[str, Any]:
    """The event of a decision in words: who, each answer, the comment, papers issued."""
    found = next(((b, p) for b, p in snap.history(case.id) if b["seq"] == seq), None)
    if found is None:
        return {}
    body, private = found
    comment = private.get("comment") or {}
    printer, say = view.printer, view.say
    answers = []
    for item in body.get("waivers", []):
        if item.get("decision") and item["state"] in DECISION_WORDS:  # else one that an earlier act decided
            answers.append(
                (
                    say("Exception %(rule)s", rule=item["key"]),
                    say(DECISION_WORDS[item["state"]]),
                )
            )
        elif item.get("opinion") and item["state"] == "OPINION_GIVEN":
            answers.append((say("Exception %(rule)s", rule=item["key"]), view.opinion(item["key"])))
    for item in sorted(
        k for k in (body.get("spent") or {}).get("keys", {}) if "/" in k and not k.startswith("waivers/")
    ):
        answers.append(row_answer(view, case, item))
    issued = [d for d in case.documents if d.seq == seq]
    titles = [
        (view.definition.documents[d.id].title[view.lang] if d.id in view.definition.documents else d.id)
        + (f", {d.number}" if d.number else "")
        for d in issued
    ]
    return {
        "who": view.actor(body["actor"]),
        "answers": answers,
        "comment": "\n".join(str(comment[k]) for k in ("reason", "note") if comment.get(k)),
        "auth": body["actor"].get("auth", ""),
        "issued": titles,
        "state_then": printer.state(str(body.get("to") or "")),
    }


def row_answer(view: DossierView, case: Case, atom: str) -> tuple[str, str]:
    """`members/3.opinion=AGREE` as (name of the row, word)."""
    place, _, value = atom.partition("=")
    name, _, rest = place.partition("/")
    number, _, column = rest.partition(".")
    spec = view.definition.fields.get(name)
    rows = case.facts.get(name) or []
    if spec is None or not number.isdigit() or int(number) > len(rows):
        return place, value
    columns = view.definition.records[spec.type.name]
    person = next((c for c in columns.values() if c.type.kind == "person"), None)
    row = rows[int(number) - 1]
    label = (
        view.printer.person(str(row.get(person.name)))
        if person and row.get(person.name)
        else f"{spec.label[view.lang]} {number}"
    )
    kind = columns[column].type
    word = view.printer.choice(kind.name, value) if kind.kind == "choice" else value
    return label, word
