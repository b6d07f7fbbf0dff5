"""One transition taken by a person, in the order it is judged.

May this person, is it offered, are the answers well formed and complete, what do they make of facts and findings,
does every need hold, where does it lead, what follows. Every reason to refuse is told at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import msgspec

from engine.core import dossier, joint, permission, recording, waivers
from engine.core.actors import Holder
from engine.core.answers import clean_text
from engine.core.blockers import Blocker, Refused, blocker
from engine.core.case import Case, Finding
from engine.core.commands import Act
from engine.core.consequence import Consequence
from engine.core.events import Draft, Private
from engine.core.expressions import CannotTell, Scope
from engine.core.facts import Facts, empty, scope, waiver_list
from engine.core.form import Form
from engine.core.machine import leads
from engine.core.model import Definition, Transition
from engine.core.needs import ASK_RULES, judged, unmet
from engine.core.papers import reference
from engine.core.plan import NumberOrder, Plan
from engine.core.times import moment
from engine.core.world import World


@dataclass
class Step:
    """The fields beyond the arguments fill as the plan is made."""

    definition: Definition
    case: Case
    command: Act
    world: World
    active: Definition | None = None
    confirmed: bool = False

    def plan(self) -> Plan:
        """Raises Refused."""
        self.transition = self._transition()
        self.holder = self._holder()
        self._in_time()
        self._adopt()
        self.form = Form(self.definition, self.case, self.command, self.transition, self.world)
        self.form.answer()
        self.form.complete()
        self.problems = self.form.problems
        if any(item.code not in ("required", "reason") for item in self.problems):
            raise Refused(self.problems)
        draft, judged_on = self._heart()
        self._hold_needs(judged_on)
        self._stop()
        if self.transition.confirm and not self.confirmed:
            return joint.ask_confirmation(self)
        return self._finish(draft)

    # -- may this person, now

    def _transition(self) -> Transition:
        case = self.case
        found = self.definition.transitions.get(case.state, {}).get(self.command.action)
        if case.discarded:
            raise Refused([blocker("discarded")])
        if found is None:
            state = self.definition.states[case.state].label if case.state in self.definition.states else case.state
            raise Refused([blocker("not_in_state", state=state)])
        if permission.clock_only(found):
            raise Refused([blocker("not_offered")])
        if case.pending and found.confirm and not self.confirmed:
            raise Refused([blocker("pending")])
        return found

    def _holder(self) -> Holder:
        person = self.command.actor.id
        view = scope(Facts(self.definition, self.case, self.world, self.case.facts), actor=person)
        found = permission.holder(
            self.definition, self.transition, permission.actors(self.definition, self.case, self.world, view), person
        )
        if isinstance(found, Blocker):
            raise Refused([found])
        if not permission.is_offered(self.transition, view):
            raise Refused([blocker("not_offered")])
        self._right(person)
        return found

    def _right(self, person: str) -> None:
        """The grant is live and this person's; the implicit right belongs to the present entry."""
        grant = self.case.grants.get(self.command.grant)
        if self.confirmed:
            return
        if grant is not None:
            if grant.state != "live":
                raise Refused([blocker("grant_closed")])
            if grant.person != person or grant.kind != "step":
                raise Refused([blocker("no_authority")])
        elif self.transition.by is None:
            raise Refused([blocker("grant_closed" if self.command.grant else "no_authority")])
        elif self.command.grant != permission.implicit(self.case, person):
            raise Refused([blocker("grant_closed")])

    def _in_time(self) -> None:
        if self.transition.before is None:
            return
        view = scope(Facts(self.definition, self.case, self.world, self.case.facts))
        made = moment(self.transition.before, lambda name: _moment(view, name), self.world.calendar)
        if made and self.command.at >= made[0]:
            at = self.world.calendar.local(made[0]).strftime("%d/%m/%Y %H:%M")
            raise Refused([blocker("too_late", at=at)])

    def _adopt(self) -> None:
        """A submission moves the case to the definition in force, which must know its state and fields (OQ-38)."""
        new = self.active
        if not self.transition.adopts or new is None or new.sha256 == self.definition.sha256:
            return
        lost = [
            name for name in (self.case.state, self.transition.to) if name not in new.states and name not in new.routes
        ]
        lost += [name for name, value in self.case.facts.items() if name not in new.fields and not empty(value)]
        if lost:
            raise Refused([blocker("not_adoptable", reason=", ".join(lost))])
        self.definition = new
        self.transition = new.transitions.get(self.case.state, {}).get(self.transition.action, self.transition)

    # -- what was answered
    # -- what it makes of the case

    def _heart(self) -> tuple[Draft, Case]:
        """The event without its consequence, and the case its rules are judged on."""
        case, transition, command = self.case, self.transition, self.command
        submits = transition.submits
        names = self.form.changed | (self.form.editable() if submits else set())
        public, private = dossier.split(self.definition, self.form.facts, names)
        body: dict[str, Any] = {"from": case.state, "trigger": transition.action, "to": case.state}
        if public:
            body["facts"] = public
        if submits:
            body["dossier"] = case.dossier + 1
            if self.definition.sha256 != case.definition.sha256:
                body["definition"] = recording.pin(self.definition)
        self._people(body, private, submits)
        self.note_files(body, private, names)
        comment = {n: clean_text(v) for n, v in (("reason", command.reason), ("note", command.note)) if clean_text(v)}
        if comment:
            private["comment"] = Private(comment, command.actor.id)
        private.update(recording.client(command.actor.client))
        if command.grant in case.grants:
            body["grant"] = command.grant
        if command.spent is not None:
            body["spent"] = command.spent
        by = recording.by(command.actor, self.holder.seat, self.holder)
        draft = Draft("step.taken", case.id, command.at, by, command.command, body, private)
        if submits:
            judged_on = msgspec.structs.replace(
                Consequence(self.definition, case, self.world, draft).after(), held=case.held
            )
            self._author_stands(judged_on)
        else:
            people = {
                **case.people,
                **{k.removeprefix("people/"): p.value for k, p in private.items() if k[:7] == "people/"},
            }
            judged_on = msgspec.structs.replace(case, facts=self.form.facts, people=people)
        return draft, judged_on

    def _people(self, body: dict[str, Any], private: dict[str, Private], submits: bool) -> None:
        named = dict.fromkeys([self.case.author, *dossier.persons(self.definition, self.form.facts)])
        wanted = [p for p in named if submits or p not in self.case.people]
        known, records = dossier.snapshot(wanted, self.world)
        if known:
            body["people"] = known
            private.update(records)
        if submits:
            picked, records = dossier.picked(self.definition, self.form.facts, self.world)
            if picked:
                body["picked"] = picked
                private.update(records)

    def note_files(self, body: dict[str, Any], private: dict[str, Private], names: set[str]) -> None:
        """Uploads stand in the event with the hash of their bytes; an id that is no upload of this case is refused."""
        if self.command.files is None:
            return
        held = dossier.handed_in(self.definition, self.form.facts, names)
        known = {row["id"] for row in self.command.files}
        self.problems += [blocker("unknown_file", path) for path, one in held.items() if one not in known]
        items, records = recording.files(list(held.values()), self.command.files)
        if items:
            body["files"] = items
            private.update(records)

    def _author_stands(self, case: Case) -> None:
        """Who may start a case must hold that seat in the body named by the dossier, too."""
        listed = self.definition.start.by
        found = permission.actors(self.definition, case, self.world)
        if listed and all(item.person != case.author for path in listed for item in found.named(path)):
            self.problems.append(blocker("no_authority"))

    # -- do the needs hold

    def _hold_needs(self, case: Case) -> None:
        """Findings, waivers and needs on the case as answered; what fails is added to the problems."""
        transition, command = self.transition, self.command
        words = {"reason": clean_text(command.reason), "note": clean_text(command.note), "state": self.case.state}
        self.words = {name: words[name] for name in ("reason", "note")}
        facts = Facts(self.definition, case, self.world, case.facts)
        asks_rules = any(need.kind in ASK_RULES for need in transition.needs)
        evaluation = transition.submits or transition.judges or asks_rules
        view = scope(facts, actor=command.actor.id, extra=words)
        findings = judged(self.definition, facts, view, self.problems) if evaluation else self.case.findings
        held = self._waivers(case, findings)
        view = scope(facts, actor=command.actor.id, extra={**words, "waivers": waiver_list(held.values())})
        self.problems += unmet(self.definition, transition, facts, view, findings, held, self.problems)
        self.findings, self.waivers_after, self.evaluated = findings, held, evaluation

    def _waivers(self, case: Case, findings: tuple[Finding, ...]) -> waivers.Waivers:
        command, asks = self.command, self.form.asks()
        held = dict(self.case.waivers)
        if self.transition.submits:
            held = waivers.filed(self.definition, self.case, findings, command.grounds, self.form.cleaner)
        elif command.grounds:
            waivers.refuse_unwaivable(
                self.definition, waivers.needed(self.definition, findings), command.grounds, self.problems
            )
        if "waivers.opinion" in asks:
            held = waivers.with_opinions(held, command.opinions, not asks["waivers.opinion"], self.problems)
        if "waivers.decision" in asks:
            held = waivers.with_decisions(held, command.decisions, not asks["waivers.decision"], self.problems)
        return held

    def _stop(self) -> None:
        if self.problems:
            seen: dict[tuple[str, str, str, str], Blocker] = {}
            for item in self.problems:
                seen.setdefault((item.code, item.path, item.rule, item.english()), item)
            raise Refused(list(seen.values()))

    # -- what follows

    def _finish(self, draft: Draft) -> Plan:
        case, transition, body = self.case, self.transition, dict(draft.body)
        private = dict(draft.private)
        if self.evaluated:
            body["findings"], records = recording.recorded(self.findings)
            private.update(records)
        items, records = waivers.changed(case.waivers, self.waivers_after)
        if items:
            body["waivers"] = items
            private.update(records)
        made = Consequence(self.definition, case, self.world, replace(draft, body=body, private=private), self.words)
        if transition.submits or self._urgent(made.after()) != case.urgent:
            made.body["urgent"] = self._urgent(made.after())
        carried = joint.counted(self, made)
        if not carried:
            joint.only_vote(self, made)
            return self.done(made, [])
        if carried != self.command.action:
            return joint.casting(self, made, carried)
        made.body["to"] = self._target(made)
        self._lead(made)
        orders = list(made.orders)
        if transition.submits and not case.reference:
            order = reference(self.definition, self.world, self.command.at)
            orders += [order] if order else []
        return self.done(made, orders)

    def _urgent(self, after: Case) -> bool:
        if not self.transition.submits or not self.definition.urgent:
            return self.case.urgent
        try:
            return scope(Facts(self.definition, after, self.world, after.facts)).true(self.definition.urgent)
        except CannotTell:
            return False

    def _target(self, made: Consequence) -> str:
        """The state the transition leads to; a route is decided anew at each passage."""
        name = self.transition.to
        if name not in self.definition.routes:
            return name
        after = made.after()
        view = made.scope(after)
        for row in self.definition.routes[name]:
            try:
                if view.true(row.when):
                    made.body["routes"] = {name: row.id}
                    return row.to
            except CannotTell as error:
                raise Refused([blocker("cannot_tell", register=name, reason=", ".join(error.names))]) from None
        raise Refused([blocker("nobody", state=name)])

    def _lead(self, made: Consequence) -> None:
        transition, source = self.transition, self.case.state
        made.enter()
        target = made.body["to"]
        if not leads(self.definition, source, transition.action, target):
            raise Refused([blocker("not_in_state", state=target)])
        made.oblige(transition.opens)
        made.issue(transition.issue, source)
        made.times()
        made.notify(transition, source)
        made.publish()

    def done(self, made: Consequence, orders: list[NumberOrder]) -> Plan:
        return Plan(
            before=self.case,
            draft=made.finish(),
            digest=recording.act_digest(self.command),
            reads=self.world.reads,
            directory=self.world.directory.version,
            numbers=tuple(orders),
        )


def _moment(view: Scope, name: str) -> Any:
    try:
        return view.value(name)
    except CannotTell:
        return None
