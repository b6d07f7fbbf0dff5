"""One expression: its syntax, limits, names, functions, field paths and choice words (E301–E312)."""

from __future__ import annotations

from dataclasses import dataclass

from engine.core.expressions import MAX_LENGTH, BadExpression, compiled, expand
from engine.definitions import expression as x
from engine.definitions import kinds as k
from engine.definitions.checks.desk import Desk
from engine.definitions.kinds import ANY, Kind
from engine.definitions.positions import Path
from engine.definitions.problems import did_you_mean

MAX_DEPTH = 2
# name -> (number of values, kind of the answer); of a register: one value per key column
FUNCTIONS: dict[str, tuple[int, Kind]] = {
    "given": (1, k.BOOL),
    "letters": (1, k.NUMBER),
    "days": (1, k.SPAN),
    "working_days": (2, k.DATE),
    "days_after": (2, k.NUMBER),
    "date": (1, k.DATE),
    "year": (1, k.NUMBER),
    "month": (1, k.NUMBER),
    "periods": (3, k.listed(ANY)),
    "took": (1, k.BOOL),
    "took_ever": (1, k.BOOL),
    "first_at": (1, k.DATE),
    "last_at": (1, k.DATE),
    "region": (1, k.TEXT),
    "bodies": (1, k.listed(k.TEXT)),
}
METHODS = {"size": 0, "distinct": 0, "trim": 0, "last": 1, "contains": 1, "startsWith": 1, "endsWith": 1, "matches": 1}
_ACTIONS = ("took", "took_ever", "first_at", "last_at")
_FORBIDDEN = {
    "has": "use given(x): has(x) is true for an empty field",
    "size": "write x.size()",
    "timestamp": "use date('2022-05-15')",
    "duration": "use days(n)",
}
Env = dict[str, Kind]


@dataclass(frozen=True)
class Spot:
    """Where an expression stands: `offset` characters into the text at `path`."""

    path: Path
    offset: int = 0


class Typer:
    """Reads expressions. `names` maps every root name to its kind; a let's kind is worked out when it is first read."""

    def __init__(self, desk: Desk, names: Env, kinds: k.Kinds):
        self.desk, self.names, self.kinds = desk, names, kinds
        self.terms: dict[str, tuple[tuple[str, ...], x.Term]] = {}  # functions that could be read
        self.later: set[str] = set()  # lets declared below the one being read
        self.hidden: dict[str, str] = {}  # name -> why it may not stand here
        self.read_names: set[str] = set()
        self.registers: set[str] = set()  # registers read by the last expression, also through lets and functions
        self.reads: dict[str, frozenset[str]] = {}  # let -> registers it reads
        self.last: tuple[x.Term, Spot] | None = None  # what was read last, when it is CEL
        self._open: list[str] = []

    def read(self, text: str, spot: Spot, env: Env | None = None, want: str = "") -> Kind:
        """The kind of an expression; every problem in it is said. `want`: bool, list, or nothing in particular."""
        self.registers, self.last = set(), None
        if len(text) > MAX_LENGTH:
            self.desk.say(
                "E307", f"an expression may have {MAX_LENGTH:,} characters; this one has {len(text):,}", spot.path
            )
            return ANY
        try:
            term = x.read(text)
        except x.NotCel as error:
            self._say("E306", f"this is not CEL: {error}", spot, error.at, error.length)
            return ANY
        self.last = (term, spot)
        before = len(self.desk.problems)
        kind = self.kind(term, spot, env or {})
        self._limits(term, text, spot)
        readable = x.calls(term) <= {*self.terms, *FUNCTIONS} or not x.calls(term) & set(self.desk.definition.functions)
        if len(self.desk.problems) == before and readable:
            self._compiles(text, spot)
        self._wanted(kind, want, term, spot, text)
        return kind

    def _limits(self, term: x.Term, text: str, spot: Spot) -> None:
        found = x.depth(term, self.terms)
        if found > MAX_DEPTH:
            message = (
                f"filter, map, all and exists nest {found} deep once functions are expanded; {MAX_DEPTH} are allowed"
            )
            self._say("E307", message, spot, 0, len(text))

    def _compiles(self, text: str, spot: Spot) -> None:
        """The last word has the library that will evaluate it."""
        try:
            compiled(expand(text, self.desk.definition.functions))
        except (BadExpression, RecursionError) as error:
            self._say("E306", f"this is not CEL: {error}", spot, 0, len(text))

    def _wanted(self, kind: Kind, want: str, term: x.Term, spot: Spot, text: str) -> None:
        if not want or kind.name in ("any", want):
            return
        wanted = {"bool": "yes or no", "list": "a list", "date": "a date"}.get(want, want)
        self._say("E308", f"this must be {wanted}, but it is {kind.title}", spot, 0, len(text))

    def _say(self, code: str, message: str, spot: Spot, at: int, length: int, hint: str = "") -> None:
        self.desk.say(code, message, spot.path, inside=(spot.offset + at, length), hint=hint)

    # -- kinds

    def kind(self, term: x.Term, spot: Spot, env: Env) -> Kind:
        simple = {"number": k.NUMBER, "text": k.TEXT, "bool": k.BOOL, "null": k.NULL}
        if term.kind in simple:
            return simple[term.kind]
        if term.kind == "name":
            return self._name(term, spot, env)
        if term.kind == "field":
            return self._field(term, spot, env)
        if term.kind == "call":
            return self._call(term, spot, env)
        if term.kind == "method":
            return self._macro(term, spot, env) if term.word in x.MACROS else self._method(term, spot, env)
        parts = [self.kind(part, spot, env) for part in term.parts]
        if term.kind == "list":
            return k.listed(parts[0] if parts and all(part == parts[0] for part in parts) else ANY)
        if term.kind == "index":
            return (parts[0].item or ANY) if parts[0].name == "list" else ANY
        if term.kind == "choose":
            return _common(parts[1], parts[2])
        if term.kind == "binary":
            return self._binary(term, parts, spot)
        return {"not": k.BOOL, "minus": k.NUMBER, "map": Kind("map")}.get(term.kind, ANY)

    def _name(self, term: x.Term, spot: Spot, env: Env) -> Kind:
        name = term.word
        if name in env:
            return env[name]
        self.read_names.add(name)
        if name in self.hidden:
            self._say("E302", f"'{name}' {self.hidden[name]}", spot, term.at, term.length)
            return ANY
        if name in self.later:
            self._say("E302", f"'{name}' is declared below; a let sees those above it", spot, term.at, term.length)
            return ANY
        if name in self.names:
            self.registers |= self.reads.get(name, frozenset())
            return self.names[name]
        if name in self.desk.definition.functions:
            self._say("E302", f"'{name}' is a function: write {name}(…)", spot, term.at, term.length)
            return ANY
        if "*" in env:
            return ANY
        hint = did_you_mean(name, [*env, *self.names])
        self._say("E302", f"unknown name '{name}'", spot, term.at, term.length, hint)
        return ANY

    def _field(self, term: x.Term, spot: Spot, env: Env) -> Kind:
        owner = self.kind(term.parts[0], spot, env)
        columns = self.kinds.columns(owner)
        if columns is None or term.word in columns:
            return columns[term.word] if columns else ANY
        record = self.desk.definition.records.get(owner.of, {}) if owner.name == "record" else {}
        if term.word in record:
            message = f"'{term.word}' is computed for the page; write its expression instead"
        elif not columns:
            message = f"'{term.word}' is read from {owner.title}, which has no fields"
        else:
            message = f"{owner.title} has no field '{term.word}'"
        self._say("E304", message, spot, term.at, term.length, did_you_mean(term.word, columns))
        return ANY

    def _macro(self, term: x.Term, spot: Spot, env: Env) -> Kind:
        owner = self.kind(term.parts[0], spot, env)
        if owner.name not in ("list", "any", "map"):
            self._say("E303", f".{term.word}() needs a list, not {owner.title}", spot, term.at, term.length)
        if not term.macro or len(term.parts) > (4 if term.word == "map" else 3):
            self._say(
                "E303",
                f".{term.word}() takes a variable and an expression: .{term.word}(m, …)",
                spot,
                term.at,
                term.length,
            )
            return ANY
        inner = {**env, term.parts[1].word: owner.item or ANY}
        kinds = [self.kind(part, spot, inner) for part in term.parts[2:]]
        if term.word == "map":
            return k.listed(kinds[-1])
        if kinds[0].name not in ("bool", "any"):
            self._say(
                "E308",
                f"the condition of .{term.word}() is {kinds[0].title}, not yes or no",
                spot,
                term.at,
                term.length,
            )
        return owner if term.word == "filter" else k.BOOL

    def _method(self, term: x.Term, spot: Spot, env: Env) -> Kind:
        owner = self.kind(term.parts[0], spot, env)
        for part in term.parts[1:]:
            self.kind(part, spot, env)
        if term.word not in METHODS:
            known = [*METHODS, *x.MACROS]
            self._say(
                "E303", f"unknown method '.{term.word}()'", spot, term.at, term.length, did_you_mean(term.word, known)
            )
            return ANY
        self._number(term, len(term.parts) - 1, METHODS[term.word], spot)
        if term.word == "size":
            if owner.name == "text":
                self._say("E303", ".size() of a text counts bytes; use letters(x)", spot, term.at, term.length)
            return k.NUMBER
        if term.word in ("distinct", "last") and owner.name not in ("list", "any"):
            self._say("E303", f".{term.word}() needs a list, not {owner.title}", spot, term.at, term.length)
        return {"distinct": owner, "last": owner.item or ANY, "trim": k.TEXT}.get(term.word, k.BOOL)

    def _number(self, term: x.Term, given: int, wanted: int, spot: Spot) -> None:
        if given != wanted:
            values = "1 value" if wanted == 1 else f"{wanted} values"
            self._say("E303", f"{term.word}() takes {values}, {given} given", spot, term.at, term.length)

    # -- functions

    def _call(self, term: x.Term, spot: Spot, env: Env) -> Kind:
        given = [self.kind(part, spot, env) for part in term.parts]
        name = term.word
        if name in self.desk.definition.functions:
            return self._own(term, given, spot)
        if name in FUNCTIONS:
            wanted, kind = FUNCTIONS[name]
            self._number(term, len(given), wanted, spot)
            if name in _ACTIONS:
                self._action(term, spot)
            return kind
        register = self._register(name)
        if register is not None:
            self.registers.add(name)
            if register:
                self._number(term, len(given), register, spot)
            return k.listed(Kind("row", name))
        if name in _FORBIDDEN:
            self._say("E303", f"{name}() is not part of the language: {_FORBIDDEN[name]}", spot, term.at, term.length)
            return ANY
        known = [*FUNCTIONS, *self.desk.definition.functions, *(self.kinds.site.registers if self.kinds.site else ())]
        self._say("E303", f"unknown function '{name}'", spot, term.at, term.length, did_you_mean(name, known))
        return ANY

    def _register(self, name: str) -> int | None:
        """Number of key columns; 0 where the site is not known and this may be one; None for no register."""
        if self.kinds.site is not None:
            spec = self.kinds.site.registers.get(name)
            return len(spec.keys) if spec else None
        return 0 if name not in _FORBIDDEN else None

    def _action(self, term: x.Term, spot: Spot) -> None:
        if len(term.parts) != 1 or term.parts[0].kind != "text":
            return
        literal, known = term.parts[0], {a for t in self.desk.definition.transitions.values() for a in t}
        if literal.word not in known and self.desk.whole:
            hint = did_you_mean(literal.word, known)
            self._say(
                "E302",
                f"{term.word}() asks for the unknown action '{literal.word}'",
                spot,
                literal.at,
                literal.length,
                hint,
            )

    def _own(self, term: x.Term, given: list[Kind], spot: Spot) -> Kind:
        """A let function: read with the kinds it is called with, problems at its own place."""
        name = term.word
        parameters = self.desk.definition.functions[name][0]
        self.read_names.add(name)
        if len(parameters) != len(given):
            self._number(term, len(given), len(parameters), spot)
            return ANY
        if name not in self.terms or name in self._open:
            return ANY
        body = self.terms[name][1]
        taken = set().union(*(x.free(part) for part in term.parts)) & x.bound(body) if term.parts else set()
        for other in sorted(taken):
            message = f"'{other}' is bound inside {name}(); call it with another name"
            self._say("E311", message, spot, term.at, term.length)
        self._open.append(name)
        kind = self.kind(body, let_spot(self.desk, name), dict(zip(parameters, given, strict=True)))
        self._open.pop()
        return kind

    def literals(self, term: x.Term, spot: Spot, depth: int = 0) -> list[tuple[x.Term, Spot]] | None:
        """The texts an expression can only be, each with its place; None where it can be something else."""
        if term.kind == "text":
            return [(term, spot)]
        if term.kind == "choose":
            yes, no = self.literals(term.parts[1], spot, depth), self.literals(term.parts[2], spot, depth)
            return None if yes is None or no is None else yes + no
        if term.kind == "call" and term.word in self.terms and depth < 8:
            return self.literals(self.terms[term.word][1], let_spot(self.desk, term.word), depth + 1)
        return None

    # -- operators

    def _binary(self, term: x.Term, parts: list[Kind], spot: Spot) -> Kind:
        left, right = term.parts
        if term.word in ("==", "!="):
            self._words(right, parts[0], spot)
            self._words(left, parts[1], spot)
            self._comparable(term, parts, spot)
        elif term.word == "in":
            self._member_words(term, parts, spot)
        elif term.word in ("<", "<=", ">", ">="):
            self._comparable(term, parts, spot)
        elif term.word in ("+", "-"):
            return _sum(term.word, parts)
        elif term.word in ("*", "/", "%"):
            return k.NUMBER
        return k.BOOL

    def _words(self, literal: x.Term, kind: Kind, spot: Spot) -> None:
        """A literal beside a choice is one of its words."""
        if literal.kind != "text" or not kind.options or literal.word in ("", *kind.options):
            return
        code, message = "E305", f"'{literal.word}' is not a value of '{kind.of}'"
        if kind.of == "body":
            code, message = "E241", f"unknown body '{literal.word}'"
        self._say(code, message, spot, literal.at, literal.length, did_you_mean(literal.word, kind.options))

    def _member_words(self, term: x.Term, parts: list[Kind], spot: Spot) -> None:
        left, right = term.parts
        if parts[1].name not in ("list", "any", "map"):
            self._say("E308", f"'in' needs a list, not {parts[1].title}", spot, term.at, term.length)
        if right.kind == "list":
            for part in right.parts:
                self._words(part, parts[0], spot)
        elif parts[1].item is not None:
            self._words(left, parts[1].item, spot)
        values = self.desk.definition.parameters.get(right.word) if right.kind == "name" else None
        if isinstance(values, list) and parts[0].options:
            for number, value in enumerate(values):
                if value not in parts[0].options:
                    code = "E241" if parts[0].of == "body" else "E305"
                    what = (
                        f"unknown body '{value}'"
                        if parts[0].of == "body"
                        else f"'{value}' is not a value of '{parts[0].of}'"
                    )
                    hint = did_you_mean(str(value), parts[0].options)
                    self.desk.say(code, what, ("parameters", right.word, number), hint=hint)

    def _comparable(self, term: x.Term, parts: list[Kind], spot: Spot) -> None:
        left, right = parts
        if left.name in k.PLAIN and right.name in k.PLAIN and left.name != right.name:
            self._say("E308", f"{left.title} is compared with {right.title}", spot, term.at, term.length)


def let_spot(desk: Desk, name: str) -> Spot:
    """Where a let or a function is written."""
    for key in desk.names("let"):
        if key == name or key.startswith(f"{name}("):
            return Spot(("let", key))
    return Spot(("let",))


def _common(one: Kind, other: Kind) -> Kind:
    if one == other:
        return one
    if "null" in (one.name, other.name):
        return other if one.name == "null" else one
    if one.name == other.name == "list" and k.ANY in (one.item, other.item):  # one of them is []
        return other if one.item == k.ANY else one
    return Kind(one.name) if one.name == other.name and one.name in k.PLAIN else ANY


def _sum(sign: str, parts: list[Kind]) -> Kind:
    names = (parts[0].name, parts[1].name)
    if "any" in names:
        return ANY
    if names == ("date", "date"):
        return k.SPAN
    if "date" in names:
        return k.DATE
    if names[0] == "list":
        return parts[0] if parts[0] == parts[1] else k.listed(ANY)
    return Kind(names[0])
