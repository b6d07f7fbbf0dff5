"""Filling in a case: one page a step, everything kept with each button, wrong values said and never thrown away."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from engine.core.act_fields import act_fields
from engine.core.blockers import Refused
from engine.core.directory import Person
from engine.core.model import Field
from engine.service import Conflict, DraftRow, Snapshot
from engine.store import drafts as draft_rows
from engine.store import files, registers
from engine.web import uploads
from engine.web.edit_page import EditPage, differences, edit_page, grouped
from engine.web.filling import Filling
from engine.web.form_fields import MORE_ROWS, Maker
from engine.web.form_values import Form, Reader, carried, collect, without
from engine.web.forms_in import LateForm
from engine.web.named import Named
from engine.web.printing import FileInfo
from engine.web.refusal import Refusal
from engine.web.rendering import language, render, see
from engine.web.running import running
from engine.web.seeing import may_see
from engine.web.sessions import SignedIn
from engine.web.slips import Slips
from engine.web.steps import EXCEPTIONS, Step, chosen
from engine.words.language import words

router = APIRouter(include_in_schema=False)
MOST_ADDED = 20


def filling(snap: Snapshot, case_id: str, person: Person, wanted: str = "") -> Filling | None:
    """The form of a case for one person; None where they have nothing to fill in. Raises Refusal (404)."""
    case = snap.case(case_id)
    if case is None or not may_see(snap, case, person):
        raise Refusal(404, "missing")
    offers = snap.offers(case, person.id)
    transition = chosen(offers, snap.definition(case), wanted)
    if transition is None:
        return None
    row = draft_rows.read(snap.conn, case_id, person.id)
    draft = DraftRow(row.values, row.grounds, row.version, row.at) if row else DraftRow({}, {}, 0)
    return Filling(snap, case, person.id, offers, transition, draft)


def address(case_id: str, step: str, **query: Any) -> str:
    asked = {key: value for key, value in query.items() if value}
    base = f"/c/{case_id}/check" if step == "check" else f"/c/{case_id}/edit/{step}"
    return f"{base}?{urlencode(asked)}" if asked else base


def maker(found: Filling, lang: str, errors: dict[str, str]) -> Maker:
    """Makes the controls of one form."""
    snap, case = found.snap, found.case

    def file(file_id: str) -> FileInfo | None:
        row = files.row(snap.conn, file_id)
        return FileInfo(row.id, row.name, row.media_type, row.size) if row and row.case_id == case.id else None

    def picks(register: str) -> list[tuple[str, str]]:
        spec = snap.site.registers.get(register)
        rows = registers.listed(snap.conn, register, 400) if spec else []
        return [_picked(row, spec.keys[0] if spec else "id", lang) for row in rows]

    return Maker(found.definition, Named(snap.directory, lang), words(lang), errors, file, picks, found.known_persons)


def _picked(row: dict[str, Any], key: str, lang: str) -> tuple[str, str]:
    title = next((str(row[n]) for n in (lang, "title", "name", "vi") if row.get(n)), "")
    return str(row.get(key, "")), title


@router.get("/c/{case_id}/edit")
def first(request: Request, case_id: str, person: SignedIn) -> Response:
    with running(request).engine.snapshot() as snap:
        wanted = request.query_params.get("for", "")
        found = filling(snap, case_id, person, wanted)
        if found is None:
            return see(f"/c/{case_id}")
        return see(address(case_id, found.steps[0].key, **{"for": wanted}))


@router.get("/c/{case_id}/edit/{key}")
def show(request: Request, case_id: str, key: str, person: SignedIn) -> Response:
    query = request.query_params
    with running(request).engine.snapshot() as snap:
        found = filling(snap, case_id, person, query.get("for", ""))
        if found is None:
            return see(f"/c/{case_id}")
        step = next((s for s in found.steps if s.key == key), None)
        if step is None:
            return see(address(case_id, found.steps[0].key, **{"for": query.get("for")}))
        add = min(int(query["add"]), MOST_ADDED) if query.get("add", "").isdecimal() and len(query["add"]) < 4 else 0
        return draw(request, found, step, add=add, all_of_them="all" in query)


def draw(
    request: Request,
    found: Filling,
    step: Step,
    *,
    add: int = 0,
    all_of_them: bool = False,
    status: int = 200,
    further: dict[str, str] | None = None,
) -> Response:
    """The page of a step; `further` are errors of files, which no draft holds."""
    lang = language(request)
    problems = found.problems_of(step, all_of_them)
    slips = Slips(
        found.definition, Named(found.snap.directory, lang), words(lang), {**found.values, "waivers": found.grounds}
    )
    errors = {b.path: slips.sentence(b) for b in reversed(problems)} | (further or {})
    page: EditPage = edit_page(found, step, maker(found, lang, errors), add)
    summary = [(b.path, slips.summary(b)) for b in problems] + list((further or {}).items())
    saved = request.query_params.get("saved") and not problems
    return render(
        request,
        "edit.html",
        status,
        page=page,
        found=found,
        step=step,
        errors=summary,
        saved=saved,
        kick=kick(found, lang),
        grouped=grouped,
    )


def kick(found: Filling, lang: str) -> str:
    """`Đoàn ra · hồ sơ DR-2022-0012`, or that it is a draft still; the act where it is another than handing in."""
    say, case = words(lang), found.case
    parts = [found.definition.title[lang]]
    parts.append(say("case %(reference)s", reference=case.reference) if case.reference else say("draft"))
    alone = [o for o in found.offers if act_fields(found.pinned, o.transition) == found.names]
    if found.case.dossier and len(alone) == 1:
        parts.append(found.definition.actions[found.action][lang])
    return " · ".join(parts)


@router.post("/c/{case_id}/edit/{key}")
def keep(request: Request, case_id: str, key: str, person: SignedIn, form: LateForm) -> Response:
    """Read the form, keep its files and values, then do what the button says."""
    engine, lang = running(request).engine, language(request)
    wanted = request.query_params.get("for", "")
    pairs = form.multi_items()
    with engine.snapshot() as snap:
        found = filling(snap, case_id, person, wanted)
        step = next((s for s in found.steps if s.key == key), None) if found else None
        if found is None or step is None:
            raise Refusal(404, "missing")
    if not request.state.proven:
        return _sent_late(request, case_id, person, step, collect(pairs))
    try:
        ids, wrong = uploads.take(engine, case_id, person.id, pairs, words(lang))
    except Refused:
        raise Refusal(403, "forbidden") from None
    sent: Form = _with_files(collect(pairs), ids)
    dropped = one(form, "drop")
    sent = without(sent, dropped) if dropped else sent
    with engine.snapshot() as snap:
        found = filling(snap, case_id, person, wanted)
        if found is None:
            raise Refusal(404, "missing")
        values, grounds = read_step(found, step, sent, lang)
    version = _version(form, found.draft)
    try:
        engine.save_draft(
            case_id, person.id, {**found.draft.values, **values}, {**found.draft.grounds, **grounds}, version
        )
    except Conflict:
        return conflict(request, case_id, person, step, values, sent)
    except Refused:
        raise Refusal(403, "forbidden") from None
    return after(request, case_id, step, person, form, dropped, wrong)


def _sent_late(request: Request, case_id: str, person: Person, step: Step, sent: Form) -> Response:
    """A form of a session that is over: nothing is saved, what was typed is shown with a button that saves it."""
    with running(request).engine.snapshot() as snap:
        found = filling(snap, case_id, person, request.query_params.get("for", ""))
        if found is None:
            raise Refusal(404, "missing")
        values, _ = read_step(found, step, sent, language(request))
    return conflict(request, case_id, person, step, values, sent, late=True)


def one(form: FormData, name: str) -> str:
    values = [v for v in form.getlist(name) if isinstance(v, str)]
    return values[0] if values else ""


def _version(form: FormData, draft: DraftRow) -> int:
    text = one(form, "version")
    return int(text) if text.isdecimal() and len(text) < 10 else -1


def _with_files(sent: dict[str, list[str]], ids: dict[str, str]) -> dict[str, list[str]]:
    """The form with files put where they belong and those taken out gone."""
    for name in [n for n in sent if n.endswith(uploads.DROP)]:
        sent[name.removesuffix(uploads.DROP)] = [""]
    return {**sent, **{path: [file_id] for path, file_id in ids.items()}}


def read_step(found: Filling, step: Step, sent: Form, lang: str) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    """(values of the step's fields, grounds) as they stand on the form."""
    reader = Reader(found.definition, Named(found.snap.directory, lang), sent)
    values: dict[str, Any] = {}
    for name in step.fields:
        spec = found.definition.fields[name]
        value = reader.field(spec, name)
        if spec.type.kind == "record" and spec.type.many:
            value = carried(found.definition, spec, value, found.case.facts.get(name))
        values[name] = _own_files(found, spec, value)
    grounds: dict[str, dict[str, Any]] = {}
    if step.key == EXCEPTIONS:
        for waiver, finding in found.exceptions.items():
            asked = found.asked_grounds(finding)
            grounds[waiver] = {n: reader.field(found.definition.grounds[n], f"waivers/{waiver}/{n}") for n in asked}
    return values, grounds


def _own_files(found: Filling, spec: Field, value: Any) -> Any:
    """A form names files of its own case only; any other id is left out."""
    if isinstance(value, list):
        single = Field(spec.name, type(spec.type)(spec.type.kind, spec.type.name), spec.label)
        return [_own_files(found, single, item) for item in value]
    kind = spec.type.kind
    if kind == "record" and isinstance(value, dict):
        columns = found.definition.records[spec.type.name]
        return {n: _own_files(found, columns[n], item) for n, item in value.items()}
    if kind == "letter" and isinstance(value, dict) and value.get("file"):
        return {**value, "file": value["file"] if _own(found, value["file"]) else None}
    return value if kind != "file" or not value or _own(found, value) else None


def _own(found: Filling, file_id: str) -> bool:
    row = files.row(found.snap.conn, file_id)
    return row is not None and row.case_id == found.case.id


def after(
    request: Request, case_id: str, step: Step, person: Person, form: FormData, dropped: str, wrong: dict[str, str]
) -> Response:
    """Where the button leads: further rows, the same page, the next step; wrong values keep the page."""
    wanted, go = request.query_params.get("for", ""), one(form, "go")
    add = MORE_ROWS if go == "more" else 1 if go == "row" else 0
    with running(request).engine.snapshot() as snap:
        found = filling(snap, case_id, person, wanted)
        if found is None:
            raise Refusal(404, "missing")
        same = next((s for s in found.steps if s.key == step.key), found.steps[0])
        if wrong or (go == "next" and found.problems_of(same)):
            return draw(request, found, same, status=422, further=wrong)
        if go != "next" or dropped:
            count = len(found.values.get(step.field) or []) if step.field else 0
            anchor = f"#{step.field}/{count + 1}" if add else f"#{step.field}" if dropped and step.field else ""
            return see(address(case_id, same.key, **{"for": wanted, "add": add, "saved": "" if add else "1"}) + anchor)
        keys = [s.key for s in found.steps]
        place = keys.index(same.key) + 1
        return see(address(case_id, keys[place] if place < len(keys) else "check", **{"for": wanted}))


def conflict(
    request: Request, case_id: str, person: Person, step: Step, values: dict[str, Any], sent: Form, late: bool = False
) -> Response:
    """A save came in between, perhaps from another window: what is kept, what was typed, and a choice. `late`: it was
    the session that ended."""
    lang = language(request)
    with running(request).engine.snapshot() as snap:
        found = filling(snap, case_id, person, request.query_params.get("for", ""))
        if found is None:
            raise Refusal(404, "missing")
        page = edit_page(found, step, maker(found, lang, {}), 0)
        pairs = [(n, v) for n, listed in sent.items() if n not in ("csrf", "version", "go", "drop") for v in listed]
        listed = differences(found, step, values, maker(found, lang, {}))
        return render(
            request,
            "edit_conflict.html",
            409,
            page=page,
            found=found,
            step=step,
            pairs=pairs,
            differences=listed,
            late=late,
            kick=kick(found, lang),
        )
