"""Events as people read them: what happened, who did it and by what right, what was said, what followed.

Pure: bodies and private values in, words out. A value that was erased is simply not there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import msgspec

from engine.core.case import Derivation
from engine.core.directory import Directory
from engine.core.events import instant
from engine.core.model import Definition
from engine.web.strip import strip
from engine.words.formats import Clock
from engine.words.language import Words

HOW = {"mail": "by the link in a mail", "page": "signed in", "cli": "on the command line"}
QUIET = ("link.issued", "document.rendered", "grant.revoked", "deadline.moved")  # what the machine notes for itself
REASONS = {
    "no_authority": "does not hold this task",
    "own_trip": "travels with the delegation",
    "grant_closed": "the task was closed",
    "too_late": "too late",
    "not_offered": "not offered",
    "not_in_state": "not possible in this state",
    "rule": "a rule stops it",
    "cannot_judge": "a rule could not be judged",
    "not_waivable": "cannot be waived",
    "no_request": "an exception is not requested",
    "not_granted": "an exception is not granted",
    "no_block": "there is no finding that blocks",
    "does_not_fire": "the rule has no finding",
}


@dataclass(frozen=True, slots=True)
class Paper:
    title: str
    number: str
    document: str
    seq: int
    file: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """One line of the history. `kind`: key (a person's act), clock, quiet, refused. `at` µs UTC; `mails`: (what the
    notice is about, names); `due`: when the step should be done and how that was counted."""

    seq: int
    at: int
    kind: str
    title: str
    who: str = ""
    how: str = ""
    moved: str = ""
    words: tuple[tuple[str, str], ...] = ()
    lines: tuple[str, ...] = ()
    papers: tuple[Paper, ...] = ()
    mails: tuple[tuple[str, str], ...] = ()
    due: str = ""
    counted: str = ""
    hash: str = ""


@dataclass
class Teller:
    """`definition(name, version)` gives the workflow an event was made under; names are those of the directory now, or of
    the case's own snapshots."""

    definition: Callable[[str, int], Definition]
    directory: Directory
    clock: Clock
    say: Words
    people: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def lang(self) -> str:
        return self.say.lang

    def tell(self, history: Iterable[tuple[dict[str, Any], dict[str, Any], str]]) -> list[Told]:
        """Every event of a case, oldest first. Items: body, private values, hash (hex)."""
        told: list[Told] = []
        via: dict[str, str] = {}
        self._now: Definition | None = None
        for body, private, digest in history:
            pin = body.get("definition")
            if pin:
                self._now = self.definition(pin["name"], pin["version"])
            if body["type"] == "link.issued":
                via[body["id"]] = body.get("via", "")
            told.append(self._one(body, private, digest, via))
        return told

    def _one(self, body: dict[str, Any], private: dict[str, Any], digest: str, via: dict[str, str]) -> Told:
        kind = "quiet" if body["type"] in QUIET else "key" if body["actor"].get("kind") == "person" else "clock"
        due = body.get("due")
        due_at, counted = self._due(due) if due else ("", "")
        return Told(
            seq=body["seq"],
            at=instant(body["at"]),
            kind=kind,
            title=self._title(body, private),
            who=self._who(body["actor"]),
            how=self._how(body, via),
            moved=self._moved(body),
            words=self._words(private),
            lines=tuple(self._lines(body, private)),
            papers=tuple(self._papers(body)),
            mails=tuple(self._mails(body)),
            due=due_at,
            counted=counted,
            hash=digest,
        )

    # -- what

    def _title(self, body: dict[str, Any], private: dict[str, Any]) -> str:
        made = getattr(self, f"_title_{body['type'].replace('.', '_')}", None)
        return made(body) if made else self.say(body["type"])

    def _title_case_opened(self, body: dict[str, Any]) -> str:
        return self.say("A proposal was started")

    def _title_step_taken(self, body: dict[str, Any]) -> str:
        action = self._action(body.get("trigger", ""))
        if body["actor"].get("kind") == "person":
            return f"{action}, {self.say('version %(n)s', n=body['dossier'])}" if body.get("dossier", 0) > 1 else action
        return self.say("The time came: «%(state)s»", state=self._state(body["to"]))

    def _title_vote_cast(self, body: dict[str, Any]) -> str:
        pending = body.get("pending", 0)
        if isinstance(pending, dict):
            return self.say("%(action)s: waits to be confirmed", action=self._action(pending["action"]))
        if "pending" in body:
            return (
                self.say("Declined")
                if body.get("reentered")
                else self.say("Confirmed: %(action)s", action=self._action(body.get("trigger", "")))
            )
        return self.say("Vote: %(action)s", action=self._action((body.get("vote") or {}).get("action", "")))

    def _title_deadline_fired(self, body: dict[str, Any]) -> str:
        kinds = {item.get("kind") for item in body.get("notices", []) if not item.get("quiet")}
        if "escalation" in kinds:
            return self.say("Overdue: reported to those above")
        return self.say("Reminder") if kinds else self.say("A deadline was noted")

    def _title_step_held(self, body: dict[str, Any]) -> str:
        return self.say("Held: a rule stops what was to happen by itself")

    def _title_link_issued(self, body: dict[str, Any]) -> str:
        name = self.person(body.get("to", ""))
        if body.get("via") == "mail":
            return self.say("A link was mailed to %(name)s", name=name)
        return self.say("%(name)s opened the page of the decision", name=name)

    def _title_grant_revoked(self, body: dict[str, Any]) -> str:
        return self.say("Tasks were withdrawn or given to others")

    def _title_document_rendered(self, body: dict[str, Any]) -> str:
        return self.say("Document printed: %(title)s", title=self._document(body.get("document", "")))

    def _title_document_voided(self, body: dict[str, Any]) -> str:
        return self.say("Document no longer valid: %(title)s", title=self._document(body.get("document", "")))

    def _title_draft_discarded(self, body: dict[str, Any]) -> str:
        return self.say("The draft was discarded")

    def _title_obligation_closed(self, body: dict[str, Any]) -> str:
        return self.say("A follow-up was closed")

    def _title_deadline_moved(self, body: dict[str, Any]) -> str:
        return self.say("Deadlines were moved")

    # -- who and how

    def person(self, person_id: str) -> str:
        known = self.people.get(person_id, {}).get("name")
        found = self.directory.people.get(person_id)
        return str(known or (found.name if found else person_id))

    def _who(self, actor: dict[str, Any]) -> str:
        if actor.get("kind") != "person":
            return ""
        name = self.person(str(actor.get("id", "")))
        body = self.directory.bodies.get(str(actor.get("body", "")))
        if body is not None:
            name = f"{name}, {body.en if self.lang == 'en' and body.en else body.vi}"
        if actor.get("capacity"):
            name = f"{name} ({self.say(str(actor['capacity']))})"
        return (
            self.say("%(name)s for %(other)s", name=name, other=self.person(actor["for"])) if actor.get("for") else name
        )

    def _how(self, body: dict[str, Any], via: dict[str, str]) -> str:
        if body["actor"].get("kind") != "person":
            return ""
        link = (body.get("spent") or {}).get("link", "")
        found = via.get(link, "") or {"session": "page", "cli": "cli"}.get(body["actor"].get("auth", ""), "")
        return self.say(HOW[found]) if found in HOW else ""

    def _moved(self, body: dict[str, Any]) -> str:
        source, target = body.get("from", ""), body.get("to", "")
        if not source or not target or source == target:
            return ""
        return f"{self._state(source)} → {self._state(target)}"

    # -- what was said, what followed

    def _words(self, private: dict[str, Any]) -> tuple[tuple[str, str], ...]:
        comment = private.get("comment") or {}
        pending = private.get("pending") or {}
        labels = {"reason": self.say("Reason"), "note": self.say("Note")}
        return tuple((labels[k], str(found)) for k in labels if (found := comment.get(k) or pending.get(k)))

    def _lines(self, body: dict[str, Any], private: dict[str, Any]) -> Iterable[str]:
        if body["type"] == "step.held":
            for item in body.get("findings", []):
                words = private.get(f"findings/{item['key']}", {})
                yield str(words.get(self.lang) or item["rule"])
            return
        counted: dict[str, int] = {}
        for item in body.get("findings", []):
            counted[item["kind"]] = counted.get(item["kind"], 0) + 1
        parts = [
            self.say.count("%(n)s block", "%(n)s blocks", counted["block"]) if counted.get("block") else "",
            self.say.count("%(n)s exception", "%(n)s exceptions", counted["exception"])
            if counted.get("exception")
            else "",
            self.say.count("%(n)s note", "%(n)s notes", counted["warning"]) if counted.get("warning") else "",
        ]
        if any(parts):
            yield self.say("Rules: %(found)s", found=", ".join(filter(None, parts)))
        words = {
            "REQUESTED": "requested",
            "OPINION_GIVEN": "opinion given",
            "GRANTED": "granted",
            "REFUSED": "refused",
            "MOOT": "no longer needed",
        }
        for item in body.get("waivers", []):
            if item["state"] in words:
                yield self.say("Exception %(key)s: %(state)s", key=item["key"], state=self.say(words[item["state"]]))
        for owed in body.get("obligations", []):
            text = private.get(f"obligations/{owed['id']}", {})
            if text.get(self.lang):
                yield str(text[self.lang])

    def _papers(self, body: dict[str, Any]) -> Iterable[Paper]:
        for item in body.get("documents", []):
            yield Paper(
                self._document(item["id"]), item.get("number", ""), item["id"], body["seq"], item.get("file", "")
            )

    def _mails(self, body: dict[str, Any]) -> Iterable[tuple[str, str]]:
        for item in body.get("notices", []):
            names = [self.person(p) for p in (*item.get("to", []), *item.get("cc", []))]
            if names and not item.get("quiet"):
                yield self._notice(item["notice"]), ", ".join(names)

    def _due(self, due: dict[str, Any]) -> tuple[str, str]:
        made = strip(msgspec.convert(due["derivation"], Derivation), self.lang) if due.get("derivation") else None
        counted = ". ".join(part.rstrip(".") for part in ((made.sentence, made.skipped) if made else ()) if part)
        return self.clock.due(instant(due["at"])), counted

    # -- names of the workflow

    def _state(self, name: str) -> str:
        found = self._now.states.get(name) if self._now else None
        return found.label[self.lang] if found else name

    def _action(self, name: str) -> str:
        found = self._now.actions.get(name) if self._now else None
        return (
            found[self.lang]
            if found
            else {"confirm": self.say("Confirm"), "decline": self.say("Decline")}.get(name, name)
        )

    def _document(self, name: str) -> str:
        found = self._now.documents.get(name) if self._now else None
        return found.title[self.lang] if found else name

    def _notice(self, name: str) -> str:
        """The subject of a notice without the name of the case: what it is about."""
        found = self._now.notices.get(name) if self._now else None
        return found.subject[self.lang].partition("{")[0].rstrip(" :,") or name if found else name

    # -- refusals: no events, one grey line each

    def refused(self, person: str, at: int, blockers: list[dict[str, str]]) -> Told:
        reasons = []
        for item in blockers:
            word = self.say(REASONS[item["code"]]) if item.get("code") in REASONS else ""
            reasons.append(f"{item['rule']}: {word}" if item.get("rule") and word else word or item.get("rule", ""))
        listed = "; ".join(dict.fromkeys(filter(None, reasons)))
        return Told(
            0,
            at,
            "refused",
            self.say("Refused, nothing recorded"),
            who=self.person(person),
            lines=(listed,) if listed else (),
        )
