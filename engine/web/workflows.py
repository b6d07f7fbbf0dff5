"""A workflow as it runs: its drawing, its states, who acts on what condition, its rules with their sources."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from engine.core.actors import SEATS
from engine.core.model import Definition, Duration, Need, State, Transition
from engine.service import Snapshot
from engine.store import definitions
from engine.web.refusal import Refusal
from engine.web.rendering import language, render
from engine.web.running import running
from engine.words.language import Words, words

router = APIRouter(include_in_schema=False)
DRAWN = find_spec("engine.definitions.graph") is not None
KINDS = {
    "block": ("stop", "Stops"),
    "exception": ("exc", "Exception"),
    "warning": ("note", "Note"),
    "guard": ("", "Condition"),
    "lift": ("", "Lifts"),
}
NEEDS = {
    "no_block": "no rule stops it",
    "some_block": "a rule stops the case",
    "exceptions_requested": "every exception is requested",
    "exceptions_granted": "every exception is granted",
}
SEAT_WORDS = {"head": "head", "secretary": "secretary", "clerk": "clerk"}


@router.get("/workflows")
def listing(request: Request) -> Response:
    with running(request).engine.snapshot() as snap:
        found = [
            (d, definitions.active(snap.conn, d.name)) for d in (snap.active(name) for name in snap.workflows()) if d
        ]
        return render(request, "workflows.html", workflows=found)


@router.get("/workflows/{name}")
def show(request: Request, name: str) -> Response:
    lang = language(request)
    with running(request).engine.snapshot() as snap:
        definition = _published(snap, name)
        rows = [
            row
            for actions in definition.transitions.values()
            for row in (describe(snap, definition, t, words(lang)) for t in actions.values())
        ]
        rules = [(r, *KINDS[r.kind]) for r in definition.rules.values()]
        states = [
            (s, who(snap, definition, s.who, words(lang)), limits(definition, s, words(lang)))
            for s in definition.states.values()
        ]
        return render(
            request, "workflow.html", definition=definition, transitions=rows, rules=rules, states=states, drawn=DRAWN
        )


@router.get("/workflows/{name}/graph-{lang}.svg")
def drawing(request: Request, name: str, lang: str) -> Response:
    if lang not in ("vi", "en"):
        raise Refusal(404, "missing")
    from engine.definitions import graph

    with running(request).engine.snapshot() as snap:
        text = graph.svg(_published(snap, name), lang, snap.directory)
    return Response(text, media_type="image/svg+xml")


def _published(snap: Snapshot, name: str) -> Definition:
    definition = snap.active(name) if name in snap.workflows() else None
    if definition is None:
        raise Refusal(404, "missing")
    return definition


def who(snap: Snapshot, definition: Definition, paths: tuple[str, ...], say: Words) -> str:
    """Actor paths as people read them: bodies, fields, seats."""
    return ", ".join(dict.fromkeys(_path(snap, definition, path, say) for path in paths))


def _path(snap: Snapshot, definition: Definition, path: str, say: Words) -> str:
    parts = path.split(".")
    seat = parts.pop() if len(parts) > 1 and parts[-1] in SEATS else ""
    office = parts.pop() if len(parts) > 1 and parts[-1] == "office" else ""
    root = parts[0]
    body, spec = snap.directory.bodies.get(root), definition.fields.get(root)
    if body is not None:
        name = body.en if say.lang == "en" and body.en else body.vi
    elif spec is not None:
        name = spec.label[say.lang]
    elif root == "author":
        name = say("who proposes")
    elif root in definition.routes:
        name = say("who decides by competence")
    else:
        name = {"holder": say("who holds the task")}.get(root, path)
    if office:
        name = say("office of %(body)s", body=name)
    return say("%(seat)s of %(body)s", seat=say(SEAT_WORDS[seat]), body=name) if seat else name


def describe(snap: Snapshot, definition: Definition, transition: Transition, say: Words) -> dict[str, Any]:
    """One row of the table of transitions."""
    action = definition.actions.get(transition.action)
    targets = (
        [transition.to]
        if transition.to in definition.states
        else list(dict.fromkeys(r.to for r in definition.routes[transition.to]))
    )
    timed = transition.at is not None and transition.by is None
    paths = transition.by if transition.by is not None else definition.states[transition.state].who
    needs = [_need(definition, need, say) for need in transition.needs]
    if transition.confirm:
        needs.append(say("%(who)s confirms it", who=who(snap, definition, (transition.confirm,), say)))
    if transition.when:
        needs.append(transition.when)
    return {
        "action": action[say.lang] if action else say("by the clock"),
        "from": definition.states[transition.state].label[say.lang],
        "to": " / ".join(definition.states[name].label[say.lang] for name in targets),
        "who": say("the clock, at %(time)s", time=_time(definition, transition, say))
        if timed
        else who(snap, definition, paths, say),
        "needs": [n for n in needs if n],
        "issues": ", ".join(dict.fromkeys(item.name for item in transition.issue)),
    }


def _need(definition: Definition, need: Need, say: Words) -> str:
    if need.kind in NEEDS:
        return say(NEEDS[need.kind])
    rule = definition.rules.get(need.rule)
    shown = f"{need.rule}"
    if need.kind == "fires":
        return say("%(rule)s has a finding", rule=shown)
    if need.kind == "requested":
        return say("%(rule)s is requested as an exception", rule=shown)
    return shown if rule is not None else need.kind


def _time(definition: Definition, transition: Transition, say: Words) -> str:
    """`cuối ngày «Ngày đi» + 10 ngày`."""
    made = transition.at
    assert made is not None
    spec = definition.fields.get(made.anchor)
    text = f"«{spec.label[say.lang]}»" if spec else made.anchor
    if made.count:
        unit = (
            _duration(Duration(abs(made.count), made.unit), say)
            if made.unit in UNITS
            else f"{abs(made.count)} {made.unit}"
        )
        text = f"{text} {'+' if made.count > 0 else '−'} {unit}"
    return say("the end of %(time)s", time=text) if made.end_of else text


def limits(definition: Definition, state: State, say: Words) -> str:
    """`3 ngày làm việc, khẩn 1 ngày làm việc`."""
    listed = []
    for item in state.limit:
        limit = definition.limits[item.name]
        if limit.normal:
            listed.append(_duration(limit.normal, say))
        if limit.urgent:
            listed.append(say("urgent: %(time)s", time=_duration(limit.urgent, say)))
        if limit.every:
            listed.append(say("every %(time)s", time=_duration(limit.every, say)))
    return ", ".join(dict.fromkeys(listed))


UNITS = {
    "days": ("%(n)s day", "%(n)s days"),
    "working_days": ("%(n)s working day", "%(n)s working days"),
    "hours": ("%(n)s hour", "%(n)s hours"),
    "months": ("%(n)s month", "%(n)s months"),
}


def _duration(duration: Duration, say: Words) -> str:
    return say.count(*UNITS[duration.unit], duration.count)
