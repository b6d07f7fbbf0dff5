"""Commands -> plans, or a refusal with every reason. Pure: the same case, command and world give the same plan.

`act` in the order it is written: may this person, is it offered, are the answers well formed and complete, what do
they make of facts and findings, does every need hold, where does it lead, what follows.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from engine.core import atoms, dossier, permission, waivers
from engine.core.actors import Holder
from engine.core.answers import Cleaner, clean_text, missing
from engine.core.blockers import Blocker, Refused, blocker
from engine.core.case import Case, Finding
from engine.core.commands import Act, Open
from engine.core.consequence import Consequence
from engine.core.events import Draft, Private, canonical
from engine.core.expressions import CannotTell, Scope
from engine.core.facts import Facts, empty, scope, waiver_list
from engine.core.machine import leads
from engine.core.model import Definition, Transition
from engine.core.needs import ASK_RULES, judged, unmet
from engine.core.papers import reference
from engine.core.plan import NumberOrder, Plan
from engine.core.times import moment
from engine.core.voting import carried
from engine.core.world import World


def open_case(definition: Definition, command: Open, world: World) -> Plan:
    """A new case in its start state; its dossier is a draft until an action submits it. Raises Refused."""
    person = world.directory.people.get(command.actor.id)
    if person is None or not person.active or not _may_start(definition, command.actor.id, world):
        raise Refused([blocker("no_authority")])
    body = {
        "definition": _pin(definition),
        "author": command.actor.id,
        "from": "",
        "trigger": "open",
        "to": definition.start.state,
        "people": [person.id],
    }
    private = {f"people/{person.id}": Private(person.snapshot(), person.id), **_client(command.actor.client)}
    draft = Draft("case.opened", command.case, command.at, _by(command.actor, "author"), command.command, body, private)
    made = Consequence(definition, None, world, draft)
    made.enter()
    made.times()
    made.notify(None, definition.start.state, definition.start.notify)
    return Plan(None, made.finish(), digest([command.actor.id, definition.name]), world.reads, world.directory.version)


def _may_start(definition: Definition, person: str, world: World) -> bool:
    """A path through a field cannot be resolved before there is a dossier: any body's such seat will do until then."""
    for path in definition.start.by:
        root, _, seat = path.partition(".")
        if root in definition.fields:
            if any(s.person == person and s.right == (seat or "decide") for s in world.directory.seats):
                return True
        elif root in world.directory.bodies:
            if any(s.person == person for s in world.directory.holders(root, seat or "decide")):
                return True
        elif any(s.person == person and s.body in world.directory.lists.get(path, ()) for s in world.directory.seats):
            return True
    return not definition.start.by


def _pin(definition: Definition) -> dict[str, Any]:
    return {"name": definition.name, "version": definition.version, "sha256": definition.sha256}


def _by(actor: Any, seat: str, holder: Holder | None = None) -> dict[str, Any]:
    found = {"kind": actor.kind, "id": actor.id, "auth": actor.auth, "seat": seat}
    if holder and holder.body:
        found["body"] = holder.body
    if holder and holder.capacity:
        found["capacity"] = holder.capacity
    return found


def _client(client: dict[str, str]) -> dict[str, Private]:
    return {"client": Private(dict(client))} if client else {}


def digest(parts: Any) -> str:
    """What was asked, as one word: a repeat of the command must match it."""
    return hashlib.sha256(canonical(parts)).hexdigest()


def act_digest(act: Act) -> str:
    columns = {n: {str(i): row for i, row in rows.items()} for n, rows in act.columns.items()}
    return digest(
        [
            act.actor.id,
            act.grant,
            act.action,
            act.values,
            columns,
            act.opinions,
            act.decisions,
            act.grounds,
            act.reason,
            act.note,
        ]
    )


def act(definition: Definition, case: Case, command: Act, world: World, active: Definition | None = None) -> Plan:
    """One person's step. `active` is the definition in force, which a submission adopts. Raises Refused."""
    if command.action in atoms.CONFIRM:
        return _confirm(definition, case, command, world)
    return _Step(definition, case, command, world, active).plan()


@dataclass
class _Step:
    """One transition taken by a person; the fields fill as the plan is made."""

    definition: Definition
    case: Case
    command: Act
    world: World
    active: Definition | None = None
    confirmed: bool = False
    facts: dict[str, Any] = field(default_factory=dict)
    problems: list[Blocker] = field(default_factory=list)

    def plan(self) -> Plan:
        self.transition = self._transition()
        self.holder = self._holder()
        self._in_time()
        self._adopt()
        changed = self._answer()
        self._complete(changed)
        if self.problems and any(b.code not in ("required", "reason") for b in self.problems):
            raise Refused(self.problems)
        draft, judged_by = self._heart(changed)
        self._hold_needs(judged_by)
        self._stop()
        if self.transition.confirm and not self.confirmed:
            return self._ask_confirmation()
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

    def asks(self) -> dict[str, bool]:
        """Path asked -> may stay empty. In a state with an external body every act of the holder asks its letter."""
        found = {ask.path: ask.optional for ask in self.transition.asks}
        state = self.definition.states[self.case.state]
        if state.external and self.transition.by is None:
            found["letter"] = False
        return found

    def editable(self) -> set[str]:
        """Fields the act may set beside those asked: the state's sections, where an action submits or none could."""
        actions = self.definition.transitions.get(self.case.state, {}).values()
        if not self.transition.submits and any(t.submits for t in actions):
            return set()
        sections = self.definition.states[self.case.state].edit
        return {name for section in sections for name in self.definition.sections.get(section, ())}

    def _answer(self) -> set[str]:
        """Lay the answers over the facts; the names of fields that were given."""
        cleaner = Cleaner(self.definition, self.world)
        asks, editable = self.asks(), self.editable()
        self.facts, changed = dict(self.case.facts), set()
        for name, value in self.command.values.items():
            if name not in self.definition.fields or not (name in asks or name in editable):
                cleaner.problems.append(blocker("unknown_field", name, field=name))
                continue
            self.facts[name] = cleaner.value(self.definition.fields[name], value, name)
            changed.add(name)
        for name, rows in self.command.columns.items():
            changed |= self._columns(name, rows, asks, cleaner)
        self.cleaner = cleaner
        self.problems = cleaner.problems
        return changed

    def _columns(self, name: str, rows: dict[int, dict[str, Any]], asks: dict[str, bool], cleaner: Cleaner) -> set[str]:
        listed = [dict(row) for row in self.facts.get(name) or []]
        for number, columns in rows.items():
            for column, value in columns.items():
                path = f"{name}/{number}/{column}"
                if f"{name}.{column}" not in asks or not 1 <= number <= len(listed):
                    cleaner.problems.append(blocker("unknown_field", path, field=path))
                    continue
                spec = self.definition.records[self.definition.fields[name].type.name][column]
                listed[number - 1][column] = cleaner.value(spec, value, path)
        self.facts[name] = listed
        return {name}

    def _complete(self, changed: set[str]) -> None:
        for path, optional in self.asks().items():
            name, _, column = path.partition(".")
            if optional or name == "waivers":
                continue
            if name == "reason" and not clean_text(self.command.reason):
                self.problems.append(blocker("reason", "reason"))
            elif name == "note" and not clean_text(self.command.note):
                self.problems.append(blocker("required", "note", field=_NOTE))
            elif column:
                self._whole_column(name, column)
            elif name in self.definition.fields:
                self._asked_field(name)
        if self.transition.submits:
            names = tuple(n for n in self.definition.fields if n in self.editable())
            self.problems += missing(self.definition, names, self.facts)

    def _asked_field(self, name: str) -> None:
        spec = self.definition.fields[name]
        if spec.type.kind == "yes/no":
            if self.facts.get(name) is None:
                self.problems.append(blocker("required", name, field=spec.label))
        elif empty(self.facts.get(name)):
            self.problems.append(blocker("required", name, field=spec.label))
        else:
            self.problems += missing(self.definition, (name,), self.facts)

    def _whole_column(self, name: str, column: str) -> None:
        spec = self.definition.records[self.definition.fields[name].type.name][column]
        for number, row in enumerate(self.facts.get(name) or [], 1):
            if empty(row.get(column)):
                self.problems.append(blocker("required", f"{name}/{number}/{column}", field=spec.label))

    # -- what it makes of the case

    def _heart(self, changed: set[str]) -> tuple[Draft, Case]:
        """The event without its consequence, and the case its rules are judged on."""
        case, transition, command = self.case, self.transition, self.command
        submits = transition.submits
        names = changed | (self.editable() if submits else set())
        public, private = dossier.split(self.definition, self.facts, names)
        body: dict[str, Any] = {"from": case.state, "trigger": transition.action, "to": case.state}
        if public:
            body["facts"] = public
        if submits:
            body["dossier"] = case.dossier + 1
            if self.definition.sha256 != case.definition.sha256:
                body["definition"] = _pin(self.definition)
        self._people(body, private, submits)
        comment = {n: clean_text(v) for n, v in (("reason", command.reason), ("note", command.note)) if clean_text(v)}
        if comment:
            private["comment"] = Private(comment, command.actor.id)
        private.update(_client(command.actor.client))
        if command.grant in case.grants:
            body["grant"] = command.grant
        if command.spent is not None:
            body["spent"] = command.spent
        by = _by(command.actor, self.holder.seat, self.holder)
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
            judged_on = msgspec.structs.replace(case, facts=self.facts, people=people)
        return draft, judged_on

    def _people(self, body: dict[str, Any], private: dict[str, Private], submits: bool) -> None:
        named = dict.fromkeys([self.case.author, *dossier.persons(self.definition, self.facts)])
        wanted = [p for p in named if submits or p not in self.case.people]
        known, records = dossier.snapshot(wanted, self.world)
        if known:
            body["people"] = known
            private.update(records)
        if submits:
            picked, records = dossier.picked(self.definition, self.facts, self.world)
            if picked:
                body["picked"] = picked
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
        evaluation = transition.submits or any(need.kind in ASK_RULES for need in transition.needs)
        view = scope(facts, actor=command.actor.id, extra=words)
        findings = judged(self.definition, facts, view, self.problems) if evaluation else self.case.findings
        held = self._waivers(case, findings)
        view = scope(facts, actor=command.actor.id, extra={**words, "waivers": waiver_list(held.values())})
        self.problems += unmet(self.definition, transition, facts, view, findings, held, self.problems)
        self.findings, self.waivers_after, self.evaluated = findings, held, evaluation

    def _waivers(self, case: Case, findings: tuple[Finding, ...]) -> waivers.Waivers:
        command, asks = self.command, self.asks()
        held = dict(self.case.waivers)
        if self.transition.submits:
            held = waivers.filed(self.definition, self.case, findings, command.grounds, self.cleaner)
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
            body["findings"], records = recorded(self.findings)
            private.update(records)
        items, records = waivers.changed(case.waivers, self.waivers_after)
        if items:
            body["waivers"] = items
            private.update(records)
        made = Consequence(self.definition, case, self.world, replace(draft, body=body, private=private), self.words)
        if transition.submits or self._urgent(made.after()) != case.urgent:
            made.body["urgent"] = self._urgent(made.after())
        if not self._vote(made):
            return self._done(made, [])
        made.body["to"] = self._target(made)
        self._lead(made)
        orders = list(made.orders)
        if transition.submits and not case.reference:
            order = reference(self.definition, self.world, self.command.at)
            orders += [order] if order else []
        return self._done(made, orders)

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

    def _vote(self, made: Consequence) -> bool:
        """Record a vote where a state asks for more than one; whether the action is carried."""
        state = self.definition.states[self.case.state]
        if self.transition.by is not None or state.vote == "any" or self.confirmed:
            return True
        person = self.command.actor.id
        if any(v.person == person and v.entry == self.case.entry for v in self.case.votes):
            raise Refused([blocker("already_voted")])
        votes = {v.person: v.action for v in self.case.votes if v.entry == self.case.entry} | {
            person: self.command.action
        }
        made.draft = replace(made.draft, type="vote.cast")
        made.body["vote"] = {
            "grant": self.command.grant,
            "person": person,
            "seat": self.holder.seat,
            "action": self.command.action,
        }
        roster = sum(1 for g in self.case.grants.values() if g.entry == self.case.entry and g.kind == "step")
        won = carried(state.vote, votes, roster, state.chair)
        if won != self.command.action:
            for name in ("from", "trigger", "to"):
                made.body.pop(name, None)
            return False
        return True

    def _ask_confirmation(self) -> Plan:
        """The act waits for somebody else: `confirm` and `decline` go to whom the transition names."""
        case, command = self.case, self.command
        pending = {"action": command.action, "by": command.actor.id, "seq": case.seq + 1, "values": {}}
        words = {
            "values": {n: self.facts.get(n) for n in command.values},
            "reason": command.reason,
            "note": command.note,
        }
        body: dict[str, Any] = {"pending": pending}
        if command.spent is not None:
            body["spent"] = command.spent
        if command.grant in case.grants:
            body["grant"] = command.grant
        private = {"pending": Private(words, command.actor.id), **_client(command.actor.client)}
        by = _by(command.actor, self.holder.seat, self.holder)
        made = Consequence(
            self.definition,
            case,
            self.world,
            Draft("vote.cast", case.id, command.at, by, command.command, body, private),
        )
        found = permission.actors(self.definition, case, self.world).entitled((self.transition.confirm,))
        if not found:
            raise Refused([blocker("nobody", state=self.transition.confirm)])
        state = self.definition.states[case.state]
        made.body["grants"] = {"opened": [{**made.grant(h, state, "confirm"), "entry": case.entry} for h in found]}
        return self._done(made, [])

    def _done(self, made: Consequence, orders: list[NumberOrder]) -> Plan:
        return Plan(
            before=self.case,
            draft=made.finish(),
            digest=act_digest(self.command),
            reads=self.world.reads,
            directory=self.world.directory.version,
            numbers=tuple(orders),
        )


def _confirm(definition: Definition, case: Case, command: Act, world: World) -> Plan:
    """Confirm or decline what waits; the confirming event carries the transition."""
    grant = case.grants.get(command.grant)
    if grant is None or grant.kind != "confirm" or grant.state != "live" or case.pending is None:
        raise Refused([blocker("grant_closed")])
    if grant.person != command.actor.id:
        raise Refused([blocker("no_authority")])
    waiting = case.pending
    others = {g.id: "confirmed" for g in case.live_grants() if g.kind == "confirm" and g.id != grant.id}
    holder = Holder(grant.person, grant.seat, grant.body, grant.capacity)
    if command.action == "decline":
        body: dict[str, Any] = {"pending": None, "grant": grant.id}
        if others:
            body["grants"] = {"closed": others}
        if command.spent is not None:
            body["spent"] = command.spent
        draft = Draft(
            "vote.cast",
            case.id,
            command.at,
            _by(command.actor, grant.seat, holder),
            command.command,
            body,
            _client(command.actor.client),
        )
        return Plan(case, draft, act_digest(command), world.reads, world.directory.version)
    values = waiting.values
    act_again = replace(
        command,
        action=waiting.action,
        grant="",
        values=dict(values.get("values") or {}),
        reason=values.get("reason") or "",
        note=values.get("note") or "",
        actor=replace(command.actor, id=waiting.by),
    )
    step = _Step(definition, case, act_again, world, confirmed=True)
    plan = step.plan()
    body = {**plan.draft.body, "pending": None, "grant": grant.id}
    body["grants"] = {**body.get("grants", {}), "closed": {**body.get("grants", {}).get("closed", {}), **others}}
    body["grants"]["closed"].pop(grant.id, None)
    draft = replace(
        plan.draft, type="vote.cast", actor=_by(command.actor, grant.seat, holder) | {"for": waiting.by}, body=body
    )
    return replace(plan, draft=draft, digest=act_digest(command))


def _moment(view: Scope, name: str) -> Any:
    try:
        return view.value(name)
    except CannotTell:
        return None


def recorded(findings: tuple[Finding, ...]) -> tuple[list[dict[str, Any]], dict[str, Private]]:
    """Findings for the event: their sentences may name persons, so they stand beside it."""
    items, private = [], {}
    for finding in findings:
        item = {"key": finding.key, "rule": finding.rule, "kind": finding.kind}
        for name in ("subject", "lifted_by", "source"):
            if getattr(finding, name):
                item[name] = getattr(finding, name)
        items.append(item)
        private[f"findings/{finding.key}"] = Private({"vi": finding.vi, "en": finding.en}, finding.subject)
    return items, private


_NOTE = "note"
