"""People, deadlines, findings and what comes next, as sentences of one language."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

from engine.core.case import Case, Derivation
from engine.core.events import instant
from engine.core.model import Definition
from engine.core.permission import actors
from engine.core.rules import fill, show
from engine.mail.contents import Fact, Found, Look, Told, Who
from engine.words.formats import Clock, day_month, day_text, iso_day
from engine.words.language import words

_NUMBERED = re.compile(r"R-\d+[a-z]?")
_WORDS = {"block": "Blocked", "exception": "Exception", "warning": "Note"}


class Wording:
    """Sentences about one case in one language."""

    def __init__(self, look: Look, told: Told, lang: str):
        self.look, self.told, self.case, self.lang = look, told, told.case, lang
        self.definition: Definition = look.definition(told.case)
        self.clock = Clock(look.calendar, lang, look.now)
        self.facts = look.facts(told.case)
        self.view = look.view(told.case)
        self.say = words(lang)

    # -- names

    def body(self, slug: str) -> str:
        known = self.look.directory.bodies.get(slug)
        if known is None:
            return slug
        return known.en if self.lang == "en" and known.en else known.vi

    def who(self, person: str) -> Who:
        """A person as the directory has them now, else as the case froze them."""
        known = self.look.directory.people.get(person)
        frozen = self.case.people.get(person, {})
        name = known.name if known else str(frozen.get("name") or person)
        post = known.post if known else str(frozen.get("post") or "")
        agency = self.body(known.agency if known else str(frozen.get("agency") or ""))
        return Who(name, ", ".join(part for part in (post, agency) if part))

    def named(self, person: str) -> str:
        who = self.who(person)
        return f"{who.name}, {who.post}" if who.post else who.name

    def acting(self) -> str:
        """The body somebody acts for, where it is not the one they work in."""
        grant = self.told.grant
        known = self.look.directory.people.get(self.told.row.person)
        return self.body(grant.body) if grant and grant.body and known and grant.body != known.agency else ""

    def title(self) -> str:
        return str(self.case.facts.get("title") or "") or self.definition.title[self.lang]

    def state(self) -> str:
        found = self.definition.states.get(self.case.state)
        return found.label[self.lang] if found else self.case.state

    def holders(self) -> tuple[Who, ...]:
        """Whose live tasks they are, in the order the state names them."""
        held = {grant.person for grant in self.case.live_grants() if grant.kind == "step"}
        state = self.definition.states.get(self.case.state)
        listed = actors(self.definition, self.case, self.look.world(self.case.id), self.view)
        order = [holder.person for holder in (listed.holders(state) if state else ())]
        return tuple(self.who(person) for person in dict.fromkeys([*(p for p in order if p in held), *sorted(held)]))

    def headline(self, due: int | None) -> str:
        """The notice's subject from the workflow file with its facts."""
        notice = self.definition.notices.get(self.told.row.notice)
        if notice is None:
            return self.title()
        view = self.look.view(self.case, due=self._last_day(due)) if due else self.view
        return fill(notice.subject[self.lang], view, self.facts, self.lang)

    def _last_day(self, due: int) -> datetime:
        """Midnight, which is printed as a day without hours, belongs to the day before."""
        local = self.look.calendar.local(due)
        return local - timedelta(days=1) if local.time() == time() else local

    # -- time

    def due(self) -> tuple[int | None, Derivation | None]:
        """The date this mail is about: that of the rung which fired, else the step's."""
        for key in self.told.body.get("fired", ()):
            name, _, after = key.partition("@")
            if after.count("-") == 2 and name.rpartition(".")[2] == str(self.told.row.n - 1):
                return self._ladder_due(name, after)
        step = self.case.due
        return (step.at, step.derivation) if step else (None, None)

    def _ladder_due(self, name: str, after: str) -> tuple[int | None, Derivation | None]:
        """A ladder with a date of its own: the clock's move on that day if there is one, else the end of the day."""
        day = date.fromisoformat(after[:10])
        for item in self.case.deadlines.values():
            if item.kind == "move" and self.look.calendar.day(item.at) == day:
                return item.at, item.derivation
        step = self.case.due
        if step and self.look.calendar.day(step.at) == day:
            return step.at, step.derivation
        return self.look.calendar.at(day, "23:59:59"), None

    def until(self, at: int) -> str:
        """A deadline in print: the last second of a day stands with its seconds."""
        last = self.clock.local(at).second == 59
        return self.clock.due(at + 1_000_000 if last else at)

    def why(self, made: Derivation | None) -> str:
        """`5 ngày làm việc từ 09/8/2022; không tính 13/8, 14/8 (cuối tuần)`; empty for a fixed date."""
        if made is None or not made.count or made.unit == "seconds":
            return ""
        n, since = abs(made.count), day_text(date.fromisoformat(made.start), self.lang)
        count = {
            "working_days": lambda: self.say.count("%(n)s working day", "%(n)s working days", n),
            "hours": lambda: self.say.count("%(n)s hour", "%(n)s hours", n),
            "months": lambda: self.say.count("%(n)s month", "%(n)s months", n),
        }.get(made.unit, lambda: self.say.count("%(n)s day", "%(n)s days", n))()
        form = "%(count)s before %(day)s" if made.count < 0 else "%(count)s from %(day)s"
        text = self.say(form, count=count, day=since)
        skipped = self._skipped(made)
        return f"{text}; {skipped}" if skipped else text

    def _skipped(self, made: Derivation) -> str:
        groups: dict[str, list[str]] = {}
        for day, reason in made.skipped:
            label = self.say("weekend") if reason == "weekend" else reason
            groups.setdefault(label, []).append(day_month(date.fromisoformat(day), self.lang))
        listed = "; ".join(f"{', '.join(days)} ({reason})" for reason, days in groups.items())
        return self.say("not counted: %(days)s", days=listed) if listed else ""

    # -- what happened

    def happened(self) -> str:
        """Who did what and when; of the clock, where it led."""
        body, at = self.told.body, self.clock.short(instant(self.told.body["at"]))
        if body["type"] in ("deadline.fired", "step.held"):
            return ""
        action = self._action(str(body.get("trigger") or (body.get("vote") or {}).get("action", "")))
        actor = body["actor"]
        if actor.get("kind") == "person" and action:
            who = self.who(actor["id"]).name
            office = self.body(actor["body"]) if actor.get("body") else ""
            by = f"{who} ({office})" if office else who
            before = self.definition.states.get(body.get("from", ""))
            if before is not None and before.external:
                form = "%(who)s recorded the answer of %(body)s: %(action)s, %(at)s."
                return self.say(form, who=by, body=self.body(before.external), action=action, at=at)
            return self.say("%(who)s: %(action)s, %(at)s.", who=by, action=action, at=at)
        if body.get("to"):
            return self.say("The case moved to “%(state)s” at %(at)s by date.", state=self.label(body["to"]), at=at)
        return ""

    def reason(self) -> str:
        """The grounds of a decision, for those who have to act on it and for the proposer."""
        row = self.told.row
        if row.copy or (self.told.grant is None and row.person != self.case.author):
            return ""
        return str((self.told.private.get("comment") or {}).get("reason") or "")

    def held(self) -> tuple[str, tuple[Found, ...]]:
        """The state the clock could not lead to, and why."""
        body = self.told.body
        if body["type"] != "step.held":
            return "", ()
        move = self.definition.transitions.get(self.case.state, {}).get(body.get("trigger", ""))
        found = []
        for item in body.get("findings", ()):
            if item.get("kind") == "block":
                text = self.told.private.get(f"findings/{item['key']}", {})
                word = self._meaning("Blocked", item["rule"])
                found.append(Found("block", word, str(text.get(self.lang) or item["rule"])))
        return self.label(move.to) if move else "", tuple(found)

    def so_far(self) -> tuple[str, ...]:
        """Steps that people took on this version of the dossier, the submission left out."""
        found = []
        for step in self.case.history:
            if step.dossier != self.case.dossier or step.source in ("", self._start()):
                continue
            if step.by not in self.look.directory.people or not self._action(step.action):
                continue  # the clock's own moves
            used = next((g for g in self.case.grants.values() if g.state == "spent" and g.closed_seq == step.seq), None)
            who = self.body(used.body) if used and used.body else self.who(step.by).name
            found.append(f"{who}: {self._action(step.action)}, {self.clock.day_month(step.at)}")
        return tuple(found)

    def _start(self) -> str:
        return self.definition.start.state

    def _action(self, name: str) -> str:
        found = self.definition.actions.get(name)
        if found:
            return found[self.lang]
        return {"confirm": self.say("Confirm"), "decline": self.say("Decline")}.get(name, "")

    def label(self, state: str) -> str:
        found = self.definition.states.get(state)
        return found.label[self.lang] if found else state

    # -- what the rules found

    def exceptions(self) -> tuple[Found, ...]:
        """Exception requests that are open, each with its finding and the opinion given."""
        found = []
        for waiver in self.case.waivers.values():
            if waiver.state not in ("REQUESTED", "OPINION_GIVEN"):
                continue
            finding = next((f for f in self.case.findings if waiver.key in (f.key, f.rule)), None)
            text = (finding.vi if self.lang == "vi" else finding.en) if finding else waiver.rule
            hint = (
                self.say("Opinion: %(opinion)s", opinion=show(waiver.opinion, self.facts, self.lang))
                if waiver.opinion
                else ""
            )
            found.append(Found("exception", self._meaning("Exception", waiver.rule), text, hint))
        return tuple(found)

    def _meaning(self, word: str, rule: str) -> str:
        """`Ngoại lệ R-12`: rules of the requirements are named by their number; the others have names only for the file."""
        return f"{self.say(word)} {rule}" if _NUMBERED.fullmatch(rule) else self.say(word)

    def findings(self) -> tuple[Found, ...]:
        """Blocks and warnings; and exceptions nobody has asked for."""
        asked = {
            name for w in self.case.waivers.values() if w.state not in ("DRAFT", "MOOT") for name in (w.key, w.rule)
        }
        found = []
        for item in self.case.findings:
            if item.kind == "exception" and (item.key in asked or item.rule in asked):
                continue
            text = item.vi if self.lang == "vi" else item.en
            found.append(Found(item.kind, self._meaning(_WORDS.get(item.kind, "Note"), item.rule), text))
        return tuple(found)

    # -- papers and obligations

    def documents(self) -> tuple[str, ...]:
        """Documents of this event with their numbers."""
        found = []
        for item in self.case.documents:
            spec = self.definition.documents.get(item.id)
            if item.seq == self.told.row.seq and not item.voided and spec is not None:
                number = self.say(" no. %(number)s", number=item.number) if item.number else ""
                found.append(f"{spec.title[self.lang]}{number}")
        return tuple(found)

    def owed(self, key: str | None) -> tuple[Fact, ...]:
        """The obligation a reminder is about."""
        found = self.case.obligations.get(key or "")
        if found is None:
            return ()
        return (
            Fact(self.say("To be done"), (found.vi if self.lang == "vi" else found.en,)),
            Fact(self.say("By"), (self.body(found.owner),)),
            Fact(self.say("Due"), (iso_day(found.due, self.lang),)),
        )


def asked(definition: Definition, case: Case) -> str:
    """What the state asks of who holds it: decide, opinion, record, complete or handle."""
    state = definition.states.get(case.state)
    if state is None:
        return "handle"
    listed = [t for t in definition.transitions.get(case.state, {}).values() if t.by is None]
    paths = {ask.path for transition in listed for ask in transition.asks}
    if state.external:
        return "record"
    if state.edit and any(t.submits or any(_fills(a.path) and not a.optional for a in t.asks) for t in listed):
        return "complete"
    if "waivers.decision" in paths or case.state in definition.groups.get("deciding", ()):
        return "decide"
    return "opinion" if "waivers.opinion" in paths else "handle"


def _fills(path: str) -> bool:
    """Whether an ask is a field of the dossier, not a comment or an answer."""
    return path not in ("reason", "note") and "." not in path
