"""A shaped file becomes a `Definition`: groups expanded, grammars read, transitions set on each state in source order.

What a grammar does not read is a problem at its place; the definition is built of the rest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from engine.core import model as m
from engine.definitions import grammar
from engine.definitions import schema as s
from engine.definitions.grammar import Unreadable
from engine.definitions.positions import Path
from engine.definitions.problems import Problem
from engine.definitions.tree import Node, at, members

T = TypeVar("T")
U = TypeVar("U")
KINDS = ("block", "exception", "warning", "guard", "lift")


class Parser:
    """Builds one definition. `registers` are the site's, None where the site is not known."""

    def __init__(self, root: Node, file: s.WorkflowFile, registers: frozenset[str] | None):
        self.root, self.file, self.registers = root, file, registers
        self.problems: list[Problem] = []
        self.own_lines = {0: 0}

    def definition(self) -> m.Definition:
        file = self.file
        fields, sections, grounds = self._fields()
        return m.Definition(
            name=file.workflow,
            title=_text(file),
            start=self._start(file.start),
            states={name: self._state(name, part) for name, part in file.states.items()},
            transitions=self._transitions(),
            fields=fields,
            label=file.label,
            basis=file.basis,
            effective=file.effective.isoformat() if file.effective else "",
            running=file.running,
            urgent=file.urgent,
            conflict=file.conflict,
            groups={name: tuple(members(self.root, name)) for name in file.groups},
            always=tuple(self._always(part) for part in file.always),
            parameters=dict(file.parameters),
            sections=sections,
            grounds=grounds,
            records={
                name: {c: self._field(("record", name, c), c, part) for c, part in columns.items()}
                for name, columns in file.record.items()
            },
            choices={
                name: {value: m.Text(*words) for value, words in options.items()}
                for name, options in file.choices.items()
            },
            lets=self._lets(),
            functions=self._functions(),
            actions={name: _text(part) for name, part in file.actions.items()},
            rules=self._rules(),
            routes={
                name: tuple(m.RouteRow(row.id, row.to, row.if_, dict(row.model_extra or {})) for row in rows)
                for name, rows in file.route.items()
            },
            limits={name: self._limit(name, part) for name, part in file.limits.items()},
            ladders={name: self._ladder(name, part) for name, part in file.ladder.items()},
            waiver=m.WaiverPolicy(**file.waiver.model_dump()) if file.waiver else None,
            publish={name: self._publish(name, part) for name, part in file.publish.items()},
            obligations={name: self._obligation(name, part) for name, part in file.obligation.items()},
            documents={name: self._document(name, part) for name, part in file.documents.items()},
            notices={name: self._notice(name, part) for name, part in file.notices.items()},
        )

    # -- reading with a place

    def _read(self, path: Path, reader: Callable[[str], T], text: str, code: str, otherwise: U) -> T | U:
        try:
            return reader(text)
        except Unreadable as error:
            self.problems.append(at(self.root, path)[0].problem(code, str(error)))
            return otherwise

    def _items(self, path: Path, listed: Iterable[str]) -> tuple[m.Conditional, ...]:
        return tuple(
            self._read((*path, n), grammar.conditional, text, "E231", m.Conditional(text))
            for n, text in enumerate(listed)
        )

    def _document(self, name: str, part: s.DocumentPart) -> m.Document:
        issuers = self._items(("documents", name, "issuer"), part.issuer)
        last = issuers[-1].name if issuers else ""
        return m.Document(name, _text(part), part.kind, last, part.annex, part.uploaded, issuers)

    def _time(self, path: Path, text: str) -> m.Time | None:
        return self._read(path, grammar.time, text, "E231", None) if text else None

    def _duration(self, path: Path, text: str) -> m.Duration | None:
        return self._read(path, grammar.duration, text, "E231", None) if text else None

    def _needs(self, path: Path, listed: list[str]) -> tuple[m.Need, ...]:
        read = (self._read((*path, n), grammar.need, text, "E261", None) for n, text in enumerate(listed))
        return tuple(need for need in read if need is not None)

    def _loops(self, path: Path, listed: list[str]) -> tuple[tuple[str, str], ...]:
        read = (self._read((*path, n), grammar.loop, text, "E306", None) for n, text in enumerate(listed))
        return tuple(loop for loop in read if loop is not None)

    # -- data

    def _fields(self) -> tuple[dict[str, m.Field], dict[str, tuple[str, ...]], dict[str, m.Field]]:
        fields: dict[str, m.Field] = {}
        sections: dict[str, tuple[str, ...]] = {}
        grounds: dict[str, m.Field] = {}
        for section, listed in self.file.fields.items():
            made = {n: self._field(("fields", section, n), n, part, section) for n, part in listed.items()}
            if section == "waiver":
                grounds = made
                continue
            for name, item in made.items():
                if name in fields:
                    first = at(self.root, ("fields", fields[name].section, name))[0]
                    node = at(self.root, ("fields", section, name))[0]
                    line = first.source.place(first.path, key=True).line
                    message = (
                        f"field '{name}' is declared twice, first in section '{fields[name].section}' on line {line}"
                    )
                    self.problems.append(node.problem("E311", message, key=True))
                fields.setdefault(name, item)
            sections[section] = tuple(made)
        return fields, sections, grounds

    def _field(self, path: Path, name: str, part: s.FieldPart, section: str = "") -> m.Field:
        kind = self._read((*path, "type"), self._type, part.type, "E261", m.FieldType("text"))
        return m.Field(name, kind, _text(part), section, part.value, part.file)

    def _type(self, text: str) -> m.FieldType:
        name, many, optional, workflow = grammar.type_of(text)
        if name == "case":
            return m.FieldType("case", workflow, many, optional)
        if name in grammar.SCALARS:
            return m.FieldType(name, "", many, optional)
        for kind, known in (("record", self.file.record), ("choice", self.file.choices)):
            if name in known:
                return m.FieldType(kind, name, many, optional)
        # unknown types are named by the check of names; without the site, a register is what is left
        return m.FieldType("register", name, many, optional)

    def _lets(self) -> dict[str, str]:
        return {name: source for (name, parameters), source in self._let_items() if parameters is None}

    def _functions(self) -> dict[str, tuple[tuple[str, ...], str]]:
        return {
            name: (parameters, source) for (name, parameters), source in self._let_items() if parameters is not None
        }

    def _let_items(self) -> list[tuple[tuple[str, tuple[str, ...] | None], str]]:
        return [(grammar.let(key), source) for key, source in self.file.let.items()]

    # -- states and transitions

    def _start(self, part: s.StartPart) -> m.Start:
        path = ("start",)
        return m.Start(
            state=part.state,
            by=tuple(part.by),
            needs=self._needs((*path, "needs"), part.needs),
            issue=self._items((*path, "issue"), part.issue),
            notify=self._items((*path, "notify"), part.notify),
            schedule=tuple({"on": item.on, "with": dict(item.with_)} for item in part.schedule),
        )

    def _state(self, name: str, part: s.StatePart) -> m.State:
        path = ("states", name)
        return m.State(
            name=name,
            label=_text(part),
            who=tuple(part.who),
            vote=part.vote,
            chair=part.chair,
            assurance=part.assurance,
            mail=self._items((*path, "mail"), part.mail),
            edit=tuple(part.edit),
            limit=self._items((*path, "limit"), part.limit),
            ladder=tuple(part.ladder),
            external=part.external,
            early=part.early,
            fallback=part.fallback,
            final=part.final,
        )

    def _transitions(self) -> dict[str, dict[str, m.Transition]]:
        """Each state's actions in source order; an action on the state itself wins over one on a group."""
        found: dict[str, list[m.Transition]] = {name: [] for name in self.file.states}
        for owner, actions in self.file.on.items():
            for state in [owner] if owner in self.file.states else members(self.root, owner):
                for action, part in actions.items():
                    if state not in found:
                        continue
                    if owner != state and action in self.file.on.get(state, {}):
                        continue
                    found[state].append(self._transition(owner, state, action, part))
        return {
            state: {t.action: t for t in sorted(listed, key=lambda t: t.line)}
            for state, listed in found.items()
            if listed
        }

    def _transition(self, owner: str, state: str, action: str, part: s.TransitionPart) -> m.Transition:
        path: Path = ("on", owner, action)
        node = at(self.root, path)[0]
        refused = part.refused
        return m.Transition(
            state=state,
            action=action,
            to=part.to,
            by=tuple(part.by) if part.by is not None else None,
            at=self._time((*path, "at"), part.at),
            before=self._time((*path, "before"), part.before),
            when=part.if_,
            needs=self._needs((*path, "needs"), part.needs),
            asks=tuple(grammar.ask(text) for text in part.asks),
            submits=part.submits,
            adopts=part.adopts,
            judges=part.judges,
            confirm=part.confirm,
            confirm_mail=part.confirm_mail,
            issue=self._items((*path, "issue"), part.issue),
            notify=self._items((*path, "notify"), part.notify),
            quiet=part.quiet,
            refused=m.Refused(refused.hold, self._items((*path, "refused", "notify"), refused.notify))
            if refused
            else None,
            opens=tuple(part.opens),
            tells=tuple(part.tells),
            line=self.line(node),
        )

    def line(self, node: Node) -> int:
        """The line in this file; lines of included files come before it and count downwards from 0."""
        rank, line, _ = node.order
        return line - self.own_lines.get(rank, 0)

    def _always(self, part: s.AlwaysPart) -> m.Always:
        def opened(listed: list[str]) -> tuple[str, ...]:
            return tuple(dict.fromkeys(state for name in listed for state in members(self.root, name)))

        return m.Always(part.rule, opened(part.from_), opened(part.to), opened(part.passes), tuple(part.rows))

    # -- rules

    def _rules(self) -> dict[str, m.Rule]:
        found: list[tuple[tuple[int, int, int], m.Rule]] = []
        for kind in KINDS:
            for name, part in getattr(self.file, kind).items():
                node = at(self.root, (kind, name))[0]
                found.append((node.order, self._rule(kind, name, part)))
        rules: dict[str, m.Rule] = {}
        for _, rule in sorted(found, key=lambda item: item[0]):
            if rule.id in rules:
                first = at(self.root, (rules[rule.id].kind, rule.id))[0]
                line = first.source.place(first.path, key=True).line
                message = f"rule '{rule.id}' is declared twice, first as '{rules[rule.id].kind}' on line {line}"
                self.problems.append(at(self.root, (rule.kind, rule.id))[0].problem("E311", message, key=True))
            rules.setdefault(rule.id, rule)
        return rules

    def _rule(self, kind: str, name: str, part: s.RulePart) -> m.Rule:
        return m.Rule(
            id=name,
            kind=kind,
            check=part.check,
            sentence=_text(part),
            source=part.source,
            when=part.if_,
            each=self._loops((kind, name, "each"), part.each),
            grounds=tuple(part.grounds),
            waive_each=part.waive == "each",
            lifted_by=part.lifted_by,
        )

    # -- times, registers, papers

    def _limit(self, name: str, part: s.LimitPart) -> m.Limit:
        path = ("limits", name)
        return m.Limit(
            name,
            self._duration((*path, "normal"), part.normal),
            self._duration((*path, "urgent"), part.urgent),
            self._duration((*path, "every"), part.every),
            tuple(part.chase),
            part.ladder,
        )

    def _ladder(self, name: str, part: s.LadderPart) -> m.Ladder:
        rungs = []
        for number, rung in enumerate(part.rungs):
            path = ("ladder", name, "rungs", number)
            made = self._time((*path, "at"), rung.at)
            if made is None:
                continue
            rungs.append(
                m.Rung(
                    at=made,
                    to=self._items((*path, "to"), rung.to),
                    cc=self._items((*path, "cc"), rung.cc),
                    send=rung.send,
                    issue=self._items((*path, "issue"), rung.issue),
                    publish=rung.publish,
                    within=tuple(members(self.root, rung.in_)) if rung.in_ else (),
                    every=self._duration((*path, "every"), rung.every),
                )
            )
        # rungs count whole days from the due date, so `end of D` and D have the same ones
        return m.Ladder(name, tuple(rungs), part.due.removeprefix("end of "), part.if_)

    def _publish(self, name: str, part: s.PublishPart) -> m.Publish:
        states = dict.fromkeys(state for item in part.while_ for state in members(self.root, item))
        return m.Publish(name, dict(part.row), tuple(states), self._loop(("publish", name, "each"), part.each))

    def _loop(self, path: Path, text: str) -> tuple[str, str] | None:
        return self._read(path, grammar.loop, text, "E306", None) if text else None

    def _obligation(self, name: str, part: s.ObligationPart) -> m.Obligation:
        each = self._loop(("obligation", name, "each"), part.each)
        return m.Obligation(name, _text(part), part.owner, part.due, each, part.ladder, part.blocks_end)

    def _notice(self, name: str, part: s.NoticePart) -> m.Notice:
        path = ("notices", name)
        to, cc = self._items((*path, "to"), part.to), self._items((*path, "cc"), part.cc)
        return m.Notice(name, part.kind, _text(part), to, cc, tuple(part.attach))


def _text(part: s.Labelled) -> m.Text:
    return m.Text(part.vi, part.en)
