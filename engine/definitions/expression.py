"""CEL read into a small tree with places, for checking only: `engine.core.expressions` evaluates it.

The library gives the names an expression uses but neither paths nor places, so this reads the part of CEL that the
language has: literals, names, `.field`, calls, methods, macros, indexes, lists, maps and operators.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MACROS = ("filter", "map", "all", "exists", "exists_one")
_DEEPEST = 48
_WORD = re.compile(
    r"""(?P<space>\s+)
      | (?P<text>'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")
      | (?P<number>\d+(?:\.\d+)?)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<mark>&&|\|\||[=!<>]=|[-+*/%!?:.,()\[\]{}<>])""",
    re.VERBOSE,
)
_LEVELS = (("||",), ("&&",), ("==", "!=", "<=", ">=", "<", ">", "in"), ("+", "-"), ("*", "/", "%"))


class NotCel(ValueError):
    """The text is no expression; `at` is the offset, `length` how much is meant."""

    def __init__(self, message: str, at: int, length: int = 1):
        super().__init__(message)
        self.at, self.length = at, length


@dataclass(frozen=True, slots=True)
class Word:
    kind: str
    text: str
    at: int


@dataclass(slots=True)
class Term:
    """`kind`: number, text, bool, null, list, map, name, field, call, method, index, not, minus, binary, choose.

    `word` is the name, operator or literal (a text without its quotes); `parts` are the operands: of a field or method
    the receiver comes first, then the arguments. `at` and `length` mark the word itself.
    """

    kind: str
    word: str
    at: int
    length: int
    parts: list[Term] = field(default_factory=list)

    def walk(self) -> Iterator[Term]:
        yield self
        for part in self.parts:
            yield from part.walk()

    @property
    def macro(self) -> bool:
        """`xs.filter(x, …)`: the first argument names a variable."""
        return self.kind == "method" and self.word in MACROS and len(self.parts) >= 3 and self.parts[1].kind == "name"


def read(source: str) -> Term:
    """The tree of an expression. Raises NotCel."""
    reader = _Reader(source)
    term = reader.choose()
    rest = reader.peek()
    if rest is not None:
        raise NotCel(f"unexpected '{rest.text}'", rest.at, len(rest.text))
    return term


def words(source: str) -> list[Word]:
    found, at = [], 0
    while at < len(source):
        match = _WORD.match(source, at)
        if match is None:
            if source[at] in "'\"":
                raise NotCel("a text is not closed", at, len(source) - at)
            raise NotCel(f"unexpected '{source[at]}'", at)
        if match.lastgroup != "space":
            found.append(Word(match.lastgroup or "", match.group(), at))
        at = match.end()
    return found


class _Reader:
    def __init__(self, source: str):
        self.source, self.words, self.index, self.depth = source, words(source), 0, 0

    def peek(self) -> Word | None:
        return self.words[self.index] if self.index < len(self.words) else None

    def _is(self, *marks: str) -> bool:
        word = self.peek()
        return word is not None and word.text in marks and word.kind in ("mark", "name")

    def _next(self) -> Word:
        word = self.peek()
        if word is None:
            raise NotCel("the expression ends too early", max(len(self.source) - 1, 0))
        self.index += 1
        return word

    def _take(self, mark: str) -> Word:
        word = self.peek()
        if word is None:
            raise NotCel(f"'{mark}' is missing at the end", max(len(self.source) - 1, 0))
        if word.text != mark or word.kind != "mark":
            raise NotCel(f"'{mark}' expected, not '{word.text}'", word.at, len(word.text))
        self.index += 1
        return word

    def choose(self) -> Term:
        self.depth += 1
        if self.depth > _DEEPEST:
            raise NotCel(f"parentheses and choices nest deeper than {_DEEPEST}", self.peek().at if self.peek() else 0)  # type: ignore[union-attr]
        term = self._binary(0)
        if self._is("?"):
            word = self._next()
            yes = self.choose()
            self._take(":")
            term = Term("choose", "?", word.at, 1, [term, yes, self.choose()])
        self.depth -= 1
        return term

    def _binary(self, level: int) -> Term:
        if level == len(_LEVELS):
            return self._unary()
        term = self._binary(level + 1)
        while self._is(*_LEVELS[level]):
            word = self._next()
            term = Term("binary", word.text, word.at, len(word.text), [term, self._binary(level + 1)])
        return term

    def _unary(self) -> Term:
        signs = []
        while self._is("!", "-"):
            signs.append(self._next())
        if len(signs) > _DEEPEST:
            raise NotCel(f"more than {_DEEPEST} signs in a row", signs[0].at)
        term = self._member()
        for word in reversed(signs):
            term = Term("not" if word.text == "!" else "minus", word.text, word.at, 1, [term])
        return term

    def _member(self) -> Term:
        term, steps = self._primary(), 0
        while self._is(".", "["):
            steps += 1
            if steps > _DEEPEST:
                raise NotCel(f"a path of more than {_DEEPEST} steps", term.at)
            if self._next().text == "[":
                inner = self.choose()
                end = self._take("]")
                term = Term("index", "[]", inner.at, end.at - inner.at, [term, inner])
                continue
            word = self._next()
            if word.kind != "name":
                raise NotCel(f"a field name expected after '.', not '{word.text}'", word.at, len(word.text))
            if self._is("("):
                term = Term("method", word.text, word.at, len(word.text), [term, *self._arguments()])
            else:
                term = Term("field", word.text, word.at, len(word.text), [term])
        return term

    def _arguments(self, close: str = ")") -> list[Term]:
        self._next()
        found: list[Term] = []
        while not self._is(close):
            found.append(self.choose())
            if not self._is(close):
                self._take(",")
        self._next()
        return found

    def _primary(self) -> Term:
        word = self._next()
        size = len(word.text)
        if word.kind == "text":
            return Term("text", word.text[1:-1], word.at, size)
        if word.kind == "number":
            return Term("number", word.text, word.at, size)
        if word.kind == "name" and word.text in ("true", "false"):
            return Term("bool", word.text, word.at, size)
        if word.text == "null" and word.kind == "name":
            return Term("null", word.text, word.at, size)
        if word.kind == "name" and word.text != "in":
            if self._is("("):
                return Term("call", word.text, word.at, size, self._arguments())
            return Term("name", word.text, word.at, size)
        if word.text == "(":
            term = self.choose()
            self._take(")")
            return term
        if word.text == "[":
            self.index -= 1
            return Term("list", "[]", word.at, 1, self._arguments("]"))
        if word.text == "{":
            return self._map(word)
        raise NotCel(f"unexpected '{word.text}'", word.at, size)

    def _map(self, word: Word) -> Term:
        found: list[Term] = []
        while not self._is("}"):
            found.append(self.choose())
            self._take(":")
            found.append(self.choose())
            if not self._is("}"):
                self._take(",")
        self._next()
        return Term("map", "{}", word.at, 1, found)


def bound(term: Term) -> set[str]:
    """Variables its macros bind."""
    return {part.parts[1].word for part in term.walk() if part.macro}


def free(term: Term, held: frozenset[str] = frozenset()) -> set[str]:
    """Names it reads from outside."""
    if term.kind == "name":
        return set() if term.word in held else {term.word}
    if term.macro:
        inner = held | {term.parts[1].word}
        return free(term.parts[0], held).union(*(free(part, inner) for part in term.parts[2:]))
    return set().union(*(free(part, held) for part in term.parts)) if term.parts else set()


def calls(term: Term) -> set[str]:
    return {part.word for part in term.walk() if part.kind == "call"}


def depth(term: Term, functions: dict[str, tuple[tuple[str, ...], Term]], given: dict[str, int] | None = None) -> int:
    """How deep macros nest once functions are expanded. `given`: depth of what stands for each parameter."""
    given = given or {}
    if term.kind == "name":
        return given.get(term.word, 0)
    if term.macro:
        body = max(depth(part, functions, given) for part in term.parts[2:])
        return max(depth(term.parts[0], functions, given), 1 + body)
    inner = [depth(part, functions, given) for part in term.parts]
    if term.kind == "call" and term.word in functions:
        parameters, body_term = functions[term.word]
        inner.append(depth(body_term, functions, dict(zip(parameters, inner, strict=False))))
    return max(inner, default=0)
