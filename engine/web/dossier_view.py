"""The case as somebody who decides has to see it: facts, tables, findings, what others said, papers, the deadline."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from engine.core.case import Case, Finding
from engine.core.events import instant
from engine.core.expressions import CannotTell
from engine.core.facts import Facts, scope
from engine.core.model import Definition
from engine.core.rules import evaluate
from engine.service import Snapshot
from engine.store import files as file_store
from engine.web.printing import Entry, FileInfo, Printer
from engine.web.questions import OPINION_WORDS
from engine.web.strip import Strip, strip
from engine.words import formats
from engine.words.language import words

MOST_FACTS = 8
MOST_ROWS = 12  # a longer table of persons stands behind a fold, any other after five
KINDS = {"block": ("stop", "Block"), "exception": ("exc", "Exception"), "warning": ("note", "Note")}


@dataclass(frozen=True, slots=True)
class Table:
    entry: Entry
    total: str = ""

    @property
    def folded(self) -> bool:
        """Persons are read one by one; days and sums are looked up."""
        persons = any(cell.kind == "person" for row in self.entry.rows for cell in row)
        return len(self.entry.rows) > (MOST_ROWS if persons else 5)


@dataclass(frozen=True, slots=True)
class Said:
    """One step taken before: who, in which state, what, when, and the words that went with it."""

    at: int
    who: str
    state: str
    action: str
    words: str = ""
    dossier: int = 0


class DossierView:
    """`base` is where files are fetched: "" for signed-in pages, /d/{token} for a link. `facts` replaces those of the
    case while edits are being submitted."""

    def __init__(
        self,
        snap: Snapshot,
        case: Case,
        lang: str,
        base: str,
        *,
        facts: dict[str, Any] | None = None,
        file: Callable[[str], FileInfo | None] = lambda file_id: None,
    ):
        self.snap, self.case, self.lang, self.base = snap, case, lang, base
        self.definition: Definition = snap.definition(case)
        self.say = words(lang)
        self.printer = Printer(snap, case, lang, base, facts=facts, file=file)
        self.fresh = facts is not None

    @property
    def title(self) -> str:
        return self.printer.title()

    @property
    def kick(self) -> str:
        if not self.case.reference:
            return self.say("New proposal, %(workflow)s", workflow=self.definition.title[self.lang])
        return self.say("Case %(reference)s, version %(n)s", reference=self.case.reference, n=max(1, self.case.dossier))

    # -- facts

    def facts(self) -> tuple[list[Entry], list[Entry]]:
        """The first facts, and the rest for behind the fold."""
        names = [n for n in self.definition.fields if n != "title"]
        listed = sorted(self.printer.entries(names, lists=False), key=lambda entry: bool(entry.parts))
        return listed[:MOST_FACTS], listed[MOST_FACTS:]

    def tables(self) -> list[Table]:
        return [
            Table(entry, self._total(entry.name)) for entry in self.printer.entries(self.definition.fields, lists=True)
        ]

    def _total(self, name: str) -> str:
        """The sum of a table's only column of money."""
        columns = self.definition.records[self.definition.fields[name].type.name].values()
        money = [c.name for c in columns if c.type.kind == "money"]
        amounts = [row.get(money[0]) for row in self.printer.values.get(name) or []] if len(money) == 1 else []
        known = [a for a in amounts if isinstance(a, int)]
        return formats.money(sum(known), self.lang) if known else ""

    # -- rules

    def found(self) -> tuple[Finding, ...]:
        """Findings recorded with the case; judged anew where edits are about to be submitted."""
        if not self.fresh:
            return self.case.findings
        facts = Facts(self.definition, self.case, self.snap.world(self.case.id), self.printer.values, fresh=True)
        try:
            return evaluate(self.definition, facts, scope(facts))
        except CannotTell:
            return ()

    def findings(self, anchors: dict[str, str]) -> list[dict[str, Any]]:
        """Rows for `ui.findings`; `anchors`: finding key or rule -> place on this page where it is decided."""
        found = self.found()
        listed: list[dict[str, Any]] = []
        for kind in KINDS:
            for item in (f for f in found if f.kind == kind):
                mark, word = KINDS[kind]
                text = item.en if self.lang == "en" else item.vi
                place = anchors.get(item.key) or anchors.get(item.rule, "")
                row = {"kind": mark, "word": self.say(word), "rule": shown_rule(item.rule), "text": text}
                about = self.say("Source: %(source)s", source=item.source) if item.source else ""
                listed.append({**row, "about": about, "link": place and f"#{place}", "label": self.say("Decide below")})
        return [*listed, *self._passed(found)]

    def _passed(self, found: tuple[Finding, ...]) -> list[dict[str, Any]]:
        if not self.case.dossier and not self.fresh:
            return []
        open_rules = {f.rule for f in found}
        met = [r.id for r in self.definition.rules.values() if r.kind in KINDS and r.id not in open_rules]
        if not met:
            return []
        word = self.say.count("%(n)s rule met", "%(n)s rules met", len(met))
        return [
            {
                "kind": "ok",
                "word": word,
                "text": "",
                "link": "",
                "more": " · ".join(met),
                "more_label": self.say("Show the rules that are met"),
            }
        ]

    # -- what happened before

    def said(self) -> list[Said]:
        """Steps that persons took, oldest first, with their reasons and notes."""
        listed: list[Said] = []
        for body, private in self.snap.history(self.case.id):
            if body["type"] not in ("step.taken", "vote.cast") or body["actor"].get("kind") != "person":
                continue
            action = body.get("trigger") or (body.get("vote") or {}).get("action", "")
            if not action:
                continue
            comment = private.get("comment") or {}
            text = "\n".join(str(comment[key]) for key in ("reason", "note") if comment.get(key))
            state = body.get("from") or (self.case.state if not listed else "")
            listed.append(
                Said(
                    instant(body["at"]),
                    self.actor(body["actor"]),
                    self.printer.state(state),
                    self.printer.action(action),
                    text,
                    body.get("dossier", 0),
                )
            )
        return listed

    def actor(self, actor: dict[str, Any]) -> str:
        """`Sở Ngoại vụ (Chu Văn Thử)`, or the person alone."""
        name = self.printer.person(str(actor.get("id", "")))
        return f"{self.printer.body(str(actor['body']))} ({name})" if actor.get("body") else name

    def grounds(self, key: str) -> list[Entry]:
        waiver = self.case.waivers[key]
        specs = self.definition.grounds
        return [self.printer.entry(specs[name], value) for name, value in waiver.grounds.items() if name in specs]

    def opinion(self, key: str) -> str:
        given = self.case.waivers[key].opinion
        return self.say(OPINION_WORDS.get(given, given)) if given else ""

    # -- papers and time

    def documents(self) -> list[dict[str, str]]:
        """Papers issued so far, newest first."""
        listed = []
        for item in reversed(self.case.documents):
            spec = self.definition.documents.get(item.id)
            title = spec.title[self.lang] if spec else item.id
            about = [item.number, formats.day_text(self.snap.calendar.local(item.at).date(), self.lang)]
            if item.voided:
                about.append(self.say("no longer valid"))
            ready = bool(item.file or item.sha256)
            if not ready:
                about.append(self.say("being prepared"))
            href = f"{self.base}/f/{item.file}" if item.file else self.paper(item.id, item.seq)
            listed.append({"href": href if ready else "", "title": title, "about": " · ".join(a for a in about if a)})
        return listed

    def paper(self, document: str, seq: int) -> str:
        start = self.base or f"/c/{self.case.id}"
        return f"{start}/documents/{document}-{seq}.pdf"

    def deadline(self) -> Strip | None:
        return strip(self.case.due.derivation, self.lang) if self.case.due else None


def shown_rule(rule: str) -> str:
    """`R-12` stands before its sentence; a rule that has only a name is its sentence."""
    return rule if rule[:1].isupper() and any(c.isdigit() for c in rule) else ""


def you(snap: Snapshot, person_id: str, lang: str) -> dict[str, str]:
    person = snap.directory.people.get(person_id)
    if person is None:
        return {"name": person_id, "post": ""}
    body = snap.directory.bodies.get(person.agency)
    agency = (body.en if lang == "en" and body.en else body.vi) if body else ""
    return {"name": person.name, "post": ", ".join(p for p in (person.post, agency) if p)}


def file_info(snap: Snapshot, case_id: str) -> Any:
    known = {
        row.id: FileInfo(row.id, row.name, row.media_type, row.size) for row in file_store.of_case(snap.conn, case_id)
    }
    return known.get
