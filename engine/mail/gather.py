"""One outbox row becomes the contents of one mail."""

from __future__ import annotations

from engine.core.case import Grant
from engine.core.model import Definition
from engine.mail.ahead import ahead
from engine.mail.brief import main_facts
from engine.mail.contents import ACTS, Contents, Given, Look, Office, Told, obligation
from engine.mail.message import one_line
from engine.mail.wording import Wording, asked
from engine.store import views

_JUDGES = ("no_block", "some_block", "exceptions_requested", "exceptions_granted", "fires", "requested")


def gather(
    look: Look, told: Told, office: Office, lang: str, link: Given | None, attached: str = "", missing: bool = False
) -> Contents:
    """`attached`: the name of the document that goes with the mail; `missing`: it was promised and is not there."""
    of = Wording(look, told, lang)
    row, case, clock = told.row, told.case, of.clock
    due, made = of.due()
    owed = obligation(case, told.body, row.n)
    ask = _ask(of.definition, told)
    judged = _judged(of.definition, told)
    stopped, problems = of.held()
    reason = of.reason()
    holders = () if case.final else of.holders()
    return Contents(
        kind=row.kind,
        lang=lang,
        site=office.name[lang],
        subject=subject(of, bool(ask)),
        headline=one_line(of.headline(due)),
        title=one_line(of.title()),
        reference=case.reference,
        who=of.who(row.person),
        acting=of.acting(),
        urgent=row.urgent,
        copy=row.copy,
        n=row.n,
        ask=ask,
        external=of.body(of.definition.states[case.state].external) if ask == "record" else "",
        due=of.until(due) if due and owed is None else "",
        why=of.why(made) if row.kind in ACTS and owed is None else "",
        gone=clock.gone(due) if due else "",
        overdue=bool(due and due <= look.now and row.kind in ACTS and owed is None),
        link=link.url if link else "",
        expires=clock.long(link.exp) if link else "",
        page="" if row.copy or link else f"{office.base_url}/c/{case.id}",
        exceptions=of.exceptions() if judged else (),
        findings=problems or (of.findings() if judged else ()),
        stopped=stopped,
        facts=main_facts(of),
        so_far=of.so_far() if judged or row.kind == "info" else (),
        happened=of.happened() if row.kind not in ACTS or reason else "",
        reason=reason,
        state=of.state(),
        holders=holders,
        since=clock.day(case.entered),
        ahead=ahead(of) if row.kind == "escalation" and owed is None else (),
        dates=ahead(of, moves_only=True) if row.kind == "info" and not case.final else (),
        owed=of.owed(owed),
        documents=of.documents() if row.kind not in ACTS else (),
        attached=attached,
        missing=missing,
        receipt=f"{case.reference or case.id}#{row.seq}",
        code=_code(look, told),
        contact=office.contact,
        demo=office.demo,
    )


def subject(of: Wording, asks: bool) -> str:
    """The same for every mail of a case that asks for an act, so that reminders stand with their task; news has its own."""
    row, case = of.told.row, of.case
    if row.kind == "alert":
        what = of.say("needs attention")
    else:
        acts = of.told.acts and (asks or row.kind != "task")
        what = of.say("for action") if acts else of.say("for information")
    mark = f"{of.say('URGENT')} " if row.urgent else ""
    return one_line(f"[{case.reference or case.id}] {mark}{clipped(one_line(of.title()))}: {what}")


def clipped(title: str, most: int = 120) -> str:
    """A title that a list of mails can show; cut at a word."""
    if len(title) <= most:
        return title
    return title[:most].rsplit(" ", 1)[0].rstrip(",;:–- ") + "…"


def _ask(definition: Definition, told: Told) -> str:
    """What the addressee is asked: only who holds the task is asked anything."""
    row, case = told.row, told.case
    if row.copy or row.kind not in ACTS or case.final:
        return ""
    grant = told.grant or _held(told)
    if grant is None:
        return ""
    return "handle" if grant.kind == "confirm" else asked(definition, case)


def _held(told: Told) -> Grant | None:
    """The task of an escalation's addressee, who gets no link."""
    return next((g for g in told.case.live_grants() if g.person == told.row.person), None)


def _judged(definition: Definition, told: Told) -> bool:
    """Whether the dossier's findings matter in this state: something here is judged by them, or submits it anew."""
    if told.row.kind not in ACTS or told.row.copy:
        return False
    listed = definition.transitions.get(told.case.state, {}).values()
    return any(
        t.submits or any(n.kind in _JUDGES for n in t.needs) or any(a.path.startswith("waivers.") for a in t.asks)
        for t in listed
    )


def _code(look: Look, told: Told) -> str:
    """The first letters of the event's hash, in groups of four: a copy of the ledger that outlives it in this mail."""
    event = views.event(look.conn, told.case.id, told.row.seq)
    text = event.hash.hex()[:16] if event else ""
    return " ".join(text[n : n + 4] for n in range(0, len(text), 4))
