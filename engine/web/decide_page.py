"""The page of a link whose question is open: everything it shows, and the same page again with what was wrong."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from fastapi import Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from engine.core.act_fields import act_fields
from engine.core.blockers import Blocker
from engine.core.case import Case
from engine.core.model import Transition
from engine.service import LinkPage, Snapshot
from engine.web.consequences import Consequences, Leads
from engine.web.dossier_view import DossierView, file_info, you
from engine.web.forms_in import texts
from engine.web.questions import Asking, anchor
from engine.web.rendering import language, render
from engine.web.running import running
from engine.words import formats
from engine.words.language import words

CONFIRM_WORDS = {"confirm": "Confirm", "decline": "Decline"}


@dataclass(frozen=True, slots=True)
class Choice:
    action: str
    label: str
    leads: Leads
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class Waiver:
    """An exception as it is asked: its finding, source, grounds, and what was said about it before."""

    key: str
    rule: str
    sentence: str
    source: str
    grounds: list[Any]
    opinion: str
    questions: tuple[Any, ...]


class LivePage:
    """Everything the page of an open question shows. Built anew for each answer; `asked` also reads its form."""

    def __init__(self, request: Request, snap: Snapshot, page: LinkPage, token: str):
        assert page.case is not None
        self.request, self.snap, self.page, self.token = request, snap, page, token
        self.case: Case = page.case
        self.lang, self.say = language(request), words(language(request))
        self.definition = snap.definition(self.case)
        self.transitions: tuple[Transition, ...] = tuple(o.transition for o in page.offers)
        self.draft = running(request).engine.draft(self.case.id, page.person)
        self.kept = self._kept()
        submits = any(t.submits for t in self.transitions)
        facts = {**self.case.facts, **self.kept} if submits else None
        self.view = DossierView(
            snap, self.case, self.lang, f"/d/{token}", facts=facts, file=file_info(snap, self.case.id)
        )
        self.asked = self._asking().asked(self.transitions)

    def _kept(self) -> dict[str, Any]:
        """Edits saved on the page of the case that an act from here would take along."""
        sections = self.definition.states[self.case.state].edit
        allowed = {name for section in sections for name in self.definition.sections.get(section, ())}
        allowed |= {ask.path for t in self.transitions for ask in t.asks}
        allowed |= {name for t in self.transitions for name in act_fields(self.definition, t)}
        return {n: v for n, v in self.draft.values.items() if n in allowed}

    def _asking(self) -> Asking:
        asking = Asking(self.definition, self.case, self.lang, kept=self.kept)
        directory = self.snap.directory
        asking.people = tuple((p.id, f"{p.name}, {p.post}") for p in directory.people.values() if p.active)
        asking.bodies = tuple((b.slug, b.en if self.lang == "en" and b.en else b.vi) for b in directory.bodies.values())
        asking.countries = formats.countries(self.lang)
        return asking

    def choices(self) -> list[Choice]:
        if self.page.confirms:
            return [Choice(a, self.say(CONFIRM_WORDS[a]), Leads(self._confirm_hint(a))) for a in CONFIRM_WORDS]
        leads = Consequences(self.snap, self.case, self.lang)
        return [
            Choice(
                t.action, self.definition.actions[t.action][self.lang], leads.of(t), t.action in self.asked.elsewhere
            )
            for t in sorted(self.transitions, key=leads.rank)
        ]

    def _confirm_hint(self, action: str) -> str:
        pending = self.case.pending
        if pending is None:
            return ""
        label = self.view.printer.action(pending.action)
        if action == "confirm":
            return self.say("«%(action)s» takes effect.", action=label)
        return self.say("«%(action)s» does not take effect.", action=label)

    def pending(self) -> dict[str, Any] | None:
        """What waits to be confirmed: who asks, the action, the values."""
        item = self.case.pending
        if item is None or not self.page.confirms:
            return None
        values = item.values.get("values") or {}
        fields = self.definition.fields
        entries = [self.view.printer.entry(fields[n], v) for n, v in values.items() if n in fields]
        return {
            "who": self.view.printer.person(item.by),
            "action": self.view.printer.action(item.action),
            "entries": entries,
            "words": item.values.get("reason") or item.values.get("note") or "",
        }

    def waivers(self) -> list[Waiver]:
        grouped: dict[str, list[Any]] = {}
        for question in self.asked.waivers:
            grouped.setdefault(question.label, []).append(question)
        listed = []
        for key, questions in grouped.items():
            found = next((f for f in self.case.findings if key in (f.key, f.rule)), None)
            sentence = (found.en if self.lang == "en" else found.vi) if found else key
            listed.append(
                Waiver(
                    key,
                    self.case.waivers[key].rule,
                    sentence,
                    found.source if found else "",
                    self.view.grounds(key),
                    self.view.opinion(key),
                    tuple(questions),
                )
            )
        return listed

    def rows(self) -> list[dict[str, Any]]:
        """Questions a row: the row's person or first value as its name."""
        listed = []
        for label, questions in self.asked.rows:
            name = questions[0].path.split("/")[0]
            entry = self.view.printer.entry(self.definition.fields[name], self.case.facts.get(name) or [])
            titles = [
                (row[0], [c.text for c in row[1:] if c.text != "–" and c.kind not in ("file", "letter")])
                for row in entry.rows
            ]
            listed.append(
                {
                    "label": label,
                    "list": entry.label,
                    "questions": list(zip(questions, titles, strict=False)),
                    "first": questions[0],
                    "name": name,
                }
            )
        return listed

    def decides(self) -> bool:
        """Whether this is the decider's page and not a reviewer's: the exceptions are decided here."""
        return any(ask.path == "waivers.decision" for t in self.transitions for ask in t.asks)

    def summary(self, waivers: list[Waiver], rows: list[dict[str, Any]]) -> list[tuple[str, str]]:
        """(anchor, what is asked) in page order."""
        listed = [
            (anchor(f"waivers/{w.key}"), f"{self.say('Exception %(rule)s', rule=w.rule)}: {w.sentence}")
            for w in waivers
        ]
        listed += [(f"rows-{row['name']}", f"{row['label']}: {len(row['questions'])}") for row in rows]
        return [*listed, ("action", self.say("Your decision") if self.decides() else self.say("What you choose"))]

    def context(self) -> dict[str, Any]:
        waivers, rows, choices = self.waivers(), self.rows(), self.choices()
        first, more = self.view.facts()
        anchors = {w.key: anchor(f"waivers/{w.key}") for w in waivers}
        labels = {c.action: c.label for c in choices}
        found = self.view.found()
        return {
            "page": self.page,
            "case": self.case,
            "token": self.token,
            "view": self.view,
            "decides": self.decides(),
            "choices": choices,
            "labels": labels,
            "asked": self.asked,
            "prepared": [self.view.printer.entry(self.definition.fields[n], self.kept[n]) for n in self.asked.prepared],
            "waivers": waivers,
            "rows": rows,
            "pending": self.pending(),
            "facts": first,
            "more": more,
            "tables": self.view.tables(),
            "findings": self.view.findings(anchors),
            "blocked": any(f.kind == "block" for f in found),
            "judged": bool(self.case.dossier) or self.view.fresh,
            "said": self.view.said(),
            "documents": self.view.documents(),
            "strip": self.view.deadline(),
            "state": self.definition.states[self.case.state],
            "you": you(self.snap, self.page.person, self.lang),
            "capacity": next((o.holder.capacity for o in self.page.offers if o.holder.capacity), ""),
            "summary": self.summary(waivers, rows),
            "rounds": max(0, self.case.dossier),
        }

    def answer(
        self, status: int = 200, form: FormData | None = None, errors: list[tuple[str, str]] | None = None
    ) -> Response:
        """The page; with `form` what was typed is kept."""
        errors = errors or []
        by_id: dict[str, str] = {}
        for place, sentence in errors:
            by_id.setdefault(place, sentence)
        return render(
            self.request,
            "decision.html",
            status,
            given=texts(form) if form else {},
            errors=errors,
            wrong=by_id,
            **self.context(),
        )

    def errors(self, blockers: tuple[Blocker, ...], action: str) -> list[tuple[str, str]]:
        """(anchor, sentence) in the order of the page; what has no place stands at the choice."""
        ids = self._places()
        listed = []
        for item in blockers:
            place = anchor(item.path) if item.path else "action"
            sentence = self.sentence(item, action)
            listed.append((place if place in ids else "action", sentence))
        listed.sort(key=lambda pair: ids.index(pair[0]) if pair[0] in ids else 0)
        return list(dict.fromkeys(listed))

    def _places(self) -> list[str]:
        ids = [q.id for q in self.asked.waivers] + [q.id for _, rows in self.asked.rows for q in rows]
        ids += [i for q in self.asked.fields for i in (q.id, *(p.id for p in q.parts))]
        return [*ids, "action", "comment"]

    def sentence(self, item: Blocker, action: str) -> str:
        if item.code == "reason":
            return self.say("Give the reason for «%(action)s»", action=self.view.printer.action(action))
        return self.say.blocker(item)
