"""One link, one question: GET shows it and changes nothing, POST /d takes the answer (links-mail-web A, 1.1)."""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from engine.core import links
from engine.core.blockers import Refused
from engine.service import Answers, Conflict, LinkPage
from engine.store.writer import Busy
from engine.web import again
from engine.web.decide_page import LivePage
from engine.web.forms_in import Posted, one
from engine.web.limits import POSTS, RESEND, UNKNOWN, Limiter, client
from engine.web.outcome_page import gone
from engine.web.questions import read_answers
from engine.web.refusal import Refusal
from engine.web.rendering import render, see
from engine.web.running import running
from engine.words.language import LANGS

router = APIRouter(include_in_schema=False)

GONE = {"decided": 200, "decided_by_other": 200, "superseded": 410, "withdrawn": 410, "expired": 410}
# refusals that no other answer on the same page would mend
CLOSED = frozenset(
    {"no_authority", "own_trip", "grant_closed", "not_in_state", "discarded", "already_voted", "pending"}
)


def _limiter(request: Request) -> Limiter:
    found = request.app.state.limiter
    assert isinstance(found, Limiter)
    return found


def _open(request: Request, token: str) -> LinkPage:
    """What the token opens. Raises Refusal 404, or 429 after too many that open nothing."""
    page = running(request).engine.look(token)
    if page.status == "unknown" or page.case is None:
        here = client(request)
        if not _limiter(request).hit(UNKNOWN, "unknown", here):
            raise _limiter(request).refuse(UNKNOWN, "unknown", here)
        raise Refusal(404, "link")
    _speak(request, page, token)
    return page


def _speak(request: Request, page: LinkPage, token: str, form_lang: str = "") -> None:
    """Token pages keep no cookie: the language is the address's, the form's, or the person's own."""
    request.state.token_path = f"/d/{token.lower()}"
    wanted = request.query_params.get("lang") or form_lang
    directory = running(request).engine
    if wanted in LANGS:
        request.state.lang = wanted
        return
    with directory.snapshot() as snap:
        person = snap.directory.people.get(page.person)
    request.state.lang = person.lang if person else LANGS[0]


def _show(request: Request, page: LinkPage, token: str, status: int = 0, told: str = "") -> Response:
    with running(request).engine.snapshot() as snap:
        if page.status == "live":
            return LivePage(request, snap, page, token).answer(status or 200)
        return gone(request, snap, page, token, status or GONE[page.status], told)


@router.get("/d/{token}")
def show(request: Request, token: str) -> Response:
    """The page of a link; every status of the matrix."""
    return _show(request, _open(request, token), token.lower())


@router.post("/d")
def answer(request: Request, form: Posted) -> Response:
    """Take what was chosen. 303 to the same page, or a page that says what was not recorded and why."""
    token = one(form, "token").strip().lower()
    if links.secret(token) is None:
        raise Refusal(404, "link")
    page = _open(request, token)
    _speak(request, page, token, one(form, "lang"))
    if not _limiter(request).room(POSTS, "post", page.grant):
        raise _limiter(request).refuse(POSTS, "post", page.grant)
    response = _answered(request, page, token, form)
    if response.status_code != 303:
        _limiter(request).hit(POSTS, "post", page.grant)
    return response


def _answered(request: Request, page: LinkPage, token: str, form: FormData) -> Response:
    engine = running(request).engine
    if page.status == "live":
        with engine.snapshot() as snap:
            live = LivePage(request, snap, page, token)
            answers, errors = _read(live, form)
        if errors:
            return _again(request, page, token, form, errors)
    else:
        answers = _reread(request, page, token, form)
    if not answers.action or not one(form, "v"):
        return _show(request, page, token, 409 if GONE.get(page.status) == 200 else 0, "nothing")
    try:
        engine.decide(token, answers, content=one(form, "v"), client=_client(request))
    except Refused as refused:
        if any(code in CLOSED for code in refused.codes):
            return _conflict(request, engine.look(token), token)
        with engine.snapshot() as snap:
            errors = LivePage(request, snap, page, token).errors(refused.blockers, answers.action)
        return _again(request, page, token, form, errors)
    except Conflict as conflict:
        return _conflict(request, conflict.page or engine.look(token), token)
    except Busy:
        raise Refusal(503, "busy", {"Retry-After": "5"}) from None
    return see(_back(request, page, token))


def _back(request: Request, page: LinkPage, token: str) -> str:
    """The result in the language of the form, where that is not the person's own."""
    with running(request).engine.snapshot() as snap:
        person = snap.directory.people.get(page.person)
    lang = request.state.lang
    return f"/d/{token}" + (f"?lang={lang}" if person is not None and person.lang != lang else "")


def _read(live: LivePage, form: FormData) -> tuple[Answers, list[tuple[str, str]]]:
    """The answers of the form and what is wrong with them before the engine is asked."""
    if live.page.confirms:
        action = one(form, "action")
        errors = [] if action in ("confirm", "decline") else [("action", live.say("Choose one of the decisions"))]
        return Answers(action), errors
    answers = read_answers(live.asked, form)
    labels = {c.action: c.label for c in live.choices()}
    errors = []
    if not one(form, "v"):
        errors.append(("action", live.say("Open the page again and send the form from there.")))
    for path in live.asked.problems:
        question = next(q for q in live.asked.fields if q.path == path)
        names = ", ".join(f"«{labels[a]}»" for a in question.actions if a in labels)
        sentence = live.say(
            "«%(field)s» goes with %(actions)s only: choose that, or empty the field",
            field=question.label,
            actions=names,
        )
        errors.append((question.id, sentence))
    if answers.action not in live.asked.actions:
        count = len(live.asked.actions)
        asked = live.say.count("Choose the decision", "Choose one of the %(n)s decisions", count)
        if count == 1:  # Vietnamese has one form for one and for many
            asked = live.say("Choose «%(action)s», or close the page", action=next(iter(labels.values())))
        errors.append(("action", asked))
    return answers, errors


def _reread(request: Request, page: LinkPage, token: str, form: FormData) -> Answers:
    """The answers of a form whose question is closed by now, to tell a repeated click from another choice."""
    action, values = one(form, "action"), {}
    columns: dict[str, dict[int, dict[str, str]]] = {}
    opinions, decisions = {}, {}
    for name in dict.fromkeys(name for name, _ in form.multi_items()):
        value = one(form, name)
        kind, _, rest = name.partition("/")
        if kind == "w" and value:
            decisions[rest] = value
        elif kind == "wo" and value:
            opinions[rest] = value
        elif kind == "c" and rest.count("/") == 2 and value:
            field, number, column = rest.split("/")
            if number.isdigit():
                columns.setdefault(field, {}).setdefault(int(number), {})[column] = value
        elif kind == "f" and "/" not in rest:
            values[rest] = value
    chosen = set(page.atoms)
    answers = Answers(action, values, columns, opinions, decisions)
    return answers if action in chosen else Answers("")


def _again(request: Request, page: LinkPage, token: str, form: FormData, errors: list[tuple[str, str]]) -> Response:
    with running(request).engine.snapshot() as snap:
        return LivePage(request, snap, page, token).answer(422, form, errors)


def _conflict(request: Request, page: LinkPage, token: str) -> Response:
    """The world moved on: nothing was recorded. 410 where the link is dead for good, else 409."""
    if page.status == "unknown":
        raise Refusal(404, "link")
    if page.status == "live":
        with running(request).engine.snapshot() as snap:
            return gone(request, snap, page, token, 409, "changed")
    return _show(request, page, token, 410 if page.status in ("withdrawn", "expired") else 409, "nothing")


def _client(request: Request) -> dict[str, str]:
    return {"address": client(request), "agent": request.headers.get("user-agent", "")[:200]}


@router.post("/d/new")
def send_again(request: Request, form: Posted) -> Response:
    """Mail a fresh link to the registered address of the person this link was for. The answer is always the same."""
    token = one(form, "token").strip().lower()
    page = running(request).engine.look(token)
    if page.status == "unknown" or page.case is None:
        here = client(request)
        if not _limiter(request).hit(UNKNOWN, "unknown", here):
            raise _limiter(request).refuse(UNKNOWN, "unknown", here)
        request.state.lang = one(form, "lang")
    else:
        _speak(request, page, token, one(form, "lang"))
        if not _limiter(request).hit(RESEND, "again", page.grant):
            raise _limiter(request).refuse(RESEND, "again", page.grant)
        again.owe(running(request), page)
    return render(request, "sent.html", lang_href="")
