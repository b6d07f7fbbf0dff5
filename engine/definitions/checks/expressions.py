"""Every expression of a file, each with the names it may use there."""

from __future__ import annotations

import re

from engine.definitions import expression as x
from engine.definitions import grammar
from engine.definitions import kinds as k
from engine.definitions import schema as s
from engine.definitions.checks.desk import RULES, Desk
from engine.definitions.checks.typing import FUNCTIONS, Env, Spot, Typer
from engine.definitions.grammar import Unreadable
from engine.definitions.kinds import ANY, Kind
from engine.definitions.positions import Path
from engine.definitions.problems import did_you_mean

BUILT_IN: Env = {
    "today": k.DATE,
    "now": k.DATE,
    "urgent": k.BOOL,
    "findings": k.listed(k.FINDING),
    "waivers": k.listed(k.WAIVER),
    "note": k.TEXT,
    "reason": k.TEXT,
    "due": k.DATE,
    "case": k.CASE,
}
_NOT_YET = "cannot be read in expressions by this release"
_PLACE = re.compile(r"\{([^{}]*)\}")


def check(desk: Desk) -> Typer:
    """All expressions. The typer knows afterwards which names were read."""
    slugs = tuple(desk.site.directory.bodies) if desk.site else ()
    kinds = k.Kinds(desk.definition, desk.site.site if desk.site else None, slugs)
    typer = Typer(desk, _names(desk, kinds), kinds)
    typer.hidden = {"holder": _NOT_YET, "parent": _NOT_YET}
    _functions(desk, typer)
    _lets(desk, typer)
    _Walk(desk, typer).all()
    return typer


def _names(desk: Desk, kinds: k.Kinds) -> Env:
    """Root names. Fields, parameters and the like; lets are added one by one, so that each sees those above it."""
    definition = desk.definition
    state = Kind("text", "state", options=tuple(desk.names("state")))
    names: Env = {**BUILT_IN, "state": state, "author": kinds.person, "actor": kinds.person}
    names |= {name: k.listed(state) for name in desk.names("group")}
    names |= {name: Kind("route", name) for name in desk.names("route")}
    names |= {name: k.listed(ANY) for name in desk.names("children")}
    names |= dict.fromkeys(desk.names("parameter"), ANY)
    names |= {name: kinds.of_value(value) for name, value in definition.parameters.items()}
    names |= dict.fromkeys(desk.fields, ANY)
    names |= {name: kinds.of_field(field.type) for name, field in definition.fields.items()}
    return names


def _functions(desk: Desk, typer: Typer) -> None:
    """Read the bodies of let functions; say which ones call each other in a circle."""
    for name, (parameters, source) in desk.definition.functions.items():
        try:
            typer.terms[name] = (parameters, x.read(source))
        except x.NotCel:
            continue  # said when the let is read
    for name in list(typer.terms):
        circle = _circle(typer, name, [name])
        if circle:
            key = next(key for key in desk.names("let") if key.startswith(f"{name}("))
            message = f"function '{name}' calls itself: {' → '.join(circle)}"
            desk.say("E312", message, ("let", key), key=True)
    for name in [n for n in typer.terms if _circle(typer, n, [n])]:
        del typer.terms[name]


def _circle(typer: Typer, name: str, way: list[str]) -> list[str]:
    for called in sorted(x.calls(typer.terms[name][1])):
        if called == way[0]:
            return [*way, called]
        if called in typer.terms and called not in way:
            found = _circle(typer, called, [*way, called])
            if found:
                return found
    return []


def _lets(desk: Desk, typer: Typer) -> None:
    plain = [name for name in desk.names("let") if "(" not in name]
    typer.later = set(plain)
    circular = set(desk.definition.functions) - set(typer.terms)
    for key, source in desk.file.let.items():
        name, parameters = grammar.let(key)
        spot = Spot(("let", key))
        if parameters is None:
            kind = typer.read(source, spot)
            typer.names[name] = _of_words(typer, name, kind)
            typer.reads[name] = frozenset(typer.registers)
            typer.later.discard(name)
        elif name not in circular or not _reads(source):
            held = typer.later
            typer.later = set()
            typer.read(source, spot, dict.fromkeys(parameters, ANY))
            typer.later = held
    typer.later = set()


def _of_words(typer: Typer, name: str, kind: Kind) -> Kind:
    """A let that can only be one of a few texts is a choice of these."""
    found = typer.literals(*typer.last) if typer.last and kind.name == "text" else None
    return Kind("text", name, options=tuple(dict.fromkeys(term.word for term, _ in found))) if found else kind


def _reads(source: str) -> bool:
    try:
        x.read(source)
    except x.NotCel:
        return False
    return True


class _Walk:
    """Goes through every key that holds an expression."""

    def __init__(self, desk: Desk, typer: Typer):
        self.desk, self.typer, self.file = desk, typer, desk.file

    def all(self) -> None:
        file = self.file
        self.cel(("urgent",), file.urgent, "bool")
        self.cel(("conflict",), file.conflict, "list")
        self._records()
        self._states()
        self._rules()
        self._times()
        self._registers()
        for name, part in file.notices.items():
            path: Path = ("notices", name)
            self.items((*path, "to"), part.to)
            self.items((*path, "cc"), part.cc)
            self.sentences(path, part, {})
        for name, document in file.documents.items():
            self.items(("documents", name, "issuer"), document.issuer)

    def cel(self, path: Path, text: str, want: str = "", env: Env | None = None) -> Kind:
        return self.typer.read(text, Spot(path), env, want) if text else ANY

    def items(self, path: Path, listed: list[str]) -> None:
        """Conditions behind ` if ` of a list's items."""
        for number, text in enumerate(listed):
            _, found, when = text.partition(" if ")
            if found and when.strip():
                offset = text.index(" if ") + 4 + len(when) - len(when.lstrip())
                self.typer.read(when.strip(), Spot((*path, number), offset), None, "bool")

    def sentences(self, path: Path, part: s.Labelled, env: Env) -> None:
        """`{expression}` in both languages."""
        for lang in ("vi", "en"):
            text = getattr(part, lang)
            for match in _PLACE.finditer(text):
                inner = match.group(1)
                if not inner.strip():
                    message = "there is nothing between { and }"
                    self.desk.say("E306", message, (*path, lang), inside=(match.start(), match.end() - match.start()))
                    continue
                self.typer.read(inner, Spot((*path, lang), match.start(1)), env)
            rest = _PLACE.sub(lambda m: " " * len(m.group()), text)
            for mark in "{}":
                if mark in rest:
                    self.desk.say("E306", f"a single '{mark}' in a text", (*path, lang), inside=(rest.index(mark), 1))

    def loops(self, path: Path, listed: list[str]) -> Env:
        """Variables of `each`, one after the other; a name in use is refused."""
        env: Env = {}
        for number, text in enumerate(listed):
            place = (*path, number)
            try:
                name, source = grammar.loop(text)
            except Unreadable:
                env["*"] = ANY  # said by the parser; whatever it was to bind is not missed as well
                continue
            if name in self.typer.names or name in FUNCTIONS or name in env:
                message = f"the variable '{name}' hides {_owner(self.desk, name)}"
                self.desk.say("E311", message, place, inside=(0, len(name)))
            kind = self.typer.read(source, Spot(place, text.index(" in ") + 4), env, "list")
            env[name] = kind.item or ANY if kind.name == "list" else ANY
        return env

    def _records(self) -> None:
        for name, columns in self.file.record.items():
            row = {name[0]: Kind("record", name)}  # the row is its record's first letter: m of member
            for column, part in columns.items():
                self.cel(("record", name, column, "value"), part.value, "", row)
                if part.value:
                    self._chosen(name, column)

    def _chosen(self, record: str, column: str) -> None:
        """A computed choice is one of its values."""
        known = self.desk.definition.records.get(record, {}).get(column)
        found = self.typer.literals(*self.typer.last) if self.typer.last else None
        if known is None or known.type.kind != "choice" or found is None:
            return
        options = list(self.desk.definition.choices[known.type.name])
        for term, spot in found:
            if term.word not in ("", *options):
                message = f"'{term.word}' is not a value of '{known.type.name}'"
                inside = (spot.offset + term.at, term.length)
                self.desk.say("E305", message, spot.path, inside=inside, hint=did_you_mean(term.word, options))

    def _states(self) -> None:
        for name, part in self.file.states.items():
            self.items(("states", name, "mail"), part.mail)
            self.items(("states", name, "limit"), part.limit)
        for owner, actions in self.file.on.items():
            for action, transition in actions.items():
                path: Path = ("on", owner, action)
                self.cel((*path, "if"), transition.if_, "bool")
                self.items((*path, "issue"), transition.issue)
                self.items((*path, "notify"), transition.notify)
                if transition.refused:
                    self.items((*path, "refused", "notify"), transition.refused.notify)
        self.items(("start", "issue"), self.file.start.issue)
        self.items(("start", "notify"), self.file.start.notify)
        for name, rows in self.file.route.items():
            for number, row in enumerate(rows):
                self.cel(("route", name, number, "if"), row.if_, "bool")

    def _rules(self) -> None:
        hidden = dict(self.typer.hidden)
        for kind in RULES:
            if kind != "warning":
                self.typer.hidden = hidden | {"findings": "is known in warnings only, as findings of the rules above"}
            for name, part in getattr(self.file, kind).items():
                env = self.loops((kind, name, "each"), part.each)
                self.cel((kind, name, "if"), part.if_, "bool", env)
                self.cel((kind, name, "check"), part.check, "bool", env)
                self.sentences((kind, name), part, env)
            self.typer.hidden = hidden

    def _times(self) -> None:
        for name, ladder in self.file.ladder.items():
            self.cel(("ladder", name, "if"), ladder.if_, "bool")
            for number, rung in enumerate(ladder.rungs):
                path: Path = ("ladder", name, "rungs", number)
                for key, listed in (("to", rung.to), ("cc", rung.cc), ("issue", rung.issue)):
                    self.items((*path, key), listed)
        for name, owed in self.file.obligation.items():
            env = self.loops(("obligation", name, "each"), [owed.each] if owed.each else [])
            self.cel(("obligation", name, "owner"), owed.owner, "", env)
            self.cel(("obligation", name, "due"), owed.due, "date", env)
            self.sentences(("obligation", name), owed, env)

    def _registers(self) -> None:
        for name, part in self.file.publish.items():
            env = self.loops(("publish", name, "each"), [part.each] if part.each else [])
            if part.each:
                self._own_rows(("publish", name, "each"), self.typer.registers)
            for column, source in part.row.items():
                self.cel(("publish", name, "row", column), source, "", env)
                self._own_rows(("publish", name, "row", column), self.typer.registers)
        for name, child in self.file.children.items():
            env = self.loops(("children", name, "each"), [child.each])
            for field, source in child.with_.items():
                self.cel(("children", name, "with", field), source, "", env)

    def _own_rows(self, path: Path, registers: set[str]) -> None:
        if registers:
            listed = ", ".join(f"'{name}'" for name in sorted(registers))
            self.desk.say(
                "E411", f"a published row reads only its own case, but this reads the register {listed}", path
            )


def _owner(desk: Desk, name: str) -> str:
    for kind in ("group", "route", "children", "parameter", "let"):
        if name in desk.names(kind):
            return f"the {kind} '{name}'"
    return f"the field '{name}'" if name in desk.fields else f"the built-in '{name}'"
