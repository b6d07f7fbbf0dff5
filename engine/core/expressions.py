"""CEL: compiling, expanding and evaluating. The only file that imports `cel`.

- A `let` function is expanded as text where it is called (a Python callback costs sixty times as much).
- One `Scope` per dossier: values are converted once, `let` values computed once, on first use.
- A check passes only when it `is True`. An error or null is `CannotTell`: never a pass, never a plain failure.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

import cel

from engine.core.model import Definition

TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<text>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")
      | (?P<number>\d+(?:\.\d+)?)
      | (?P<name>[A-Za-z_][A-Za-z0-9_]*)
      | (?P<mark>&&|\|\||[=!<>]=|.)""",
    re.VERBOSE | re.DOTALL,
)
MAX_LENGTH = 2000
_DEEPEST = 16


class CannotTell(Exception):
    """An expression has no answer: a fact is missing or of another kind. `names` are the roots it reads."""

    def __init__(self, source: str, names: tuple[str, ...], reason: str):
        super().__init__(f"{source}: {reason}")
        self.source, self.names, self.reason = source, names, reason


class BadExpression(ValueError):
    """The source is not CEL, or a function is called wrongly."""


def tokens(source: str) -> list[tuple[str, str]]:
    """(kind, text) of each token: space, text, number, name, mark."""
    return [(match.lastgroup or "mark", match.group()) for match in TOKEN.finditer(source)]


def expand(source: str, functions: dict[str, tuple[tuple[str, ...], str]], depth: int = 0) -> str:
    """`source` with every call of a let function replaced by its body, arguments in parentheses.

    Raises BadExpression on a wrong number of arguments or on recursion.
    """
    if not any(name in source for name in functions):
        return source
    if depth > _DEEPEST:
        raise BadExpression("functions call each other without end")
    parts = tokens(source)
    out: list[str] = []
    index = 0
    while index < len(parts):
        kind, text = parts[index]
        called = kind == "name" and text in functions and index + 1 < len(parts) and parts[index + 1][1] == "("
        if called and not (out and out[-1] == "."):
            arguments, index = _arguments(parts, index + 2)
            names, body = functions[text]
            if len(arguments) != len(names):
                raise BadExpression(f"{text}() takes {len(names)} values, {len(arguments)} given")
            given = {n: expand(a, functions, depth + 1) for n, a in zip(names, arguments, strict=True)}
            out.append("(" + expand(_substitute(body, given), functions, depth + 1) + ")")
        else:
            out.append(text)
            index += 1
    return "".join(out)


def _arguments(parts: list[tuple[str, str]], index: int) -> tuple[list[str], int]:
    depth, current, found = 0, [], []  # type: ignore[var-annotated]
    while index < len(parts):
        text = parts[index][1]
        if text in "([{" and parts[index][0] == "mark":
            depth += 1
        elif text in ")]}" and parts[index][0] == "mark":
            if depth == 0:
                if "".join(current).strip():
                    found.append("".join(current).strip())
                return found, index + 1
            depth -= 1
        if text == "," and depth == 0 and parts[index][0] == "mark":
            found.append("".join(current).strip())
            current = []
        else:
            current.append(text)
        index += 1
    raise BadExpression("a parenthesis is not closed")


def _substitute(body: str, given: dict[str, str]) -> str:
    out: list[str] = []
    for kind, text in tokens(body):
        if kind == "name" and text in given and not (out and out[-1] == "."):
            value = given[text]
            out.append(value if re.fullmatch(r"\w+(\.\w+)*", value) else f"({value})")
        else:
            out.append(text)
    return "".join(out)


@functools.lru_cache(maxsize=8192)
def compiled(source: str) -> tuple[Any, tuple[str, ...]]:
    """(program, names it reads) of expanded CEL. Raises BadExpression."""
    if len(source) > MAX_LENGTH * 8:
        raise BadExpression(f"expression of {len(source)} characters after expansion")
    try:
        program = cel.compile(source)
    except Exception as error:
        raise BadExpression(str(error).splitlines()[0]) from None
    return program, tuple(program.variables())


@functools.lru_cache(maxsize=8192)
def _called(source: str) -> tuple[str, ...]:
    """Names of the functions an expression calls."""
    return tuple(compiled(source)[0].functions())


Roots = tuple[dict[str, Any], dict[str, Callable[..., Any]], dict[str, Callable[[], Any]]]


def reads(definition: Definition, source: str) -> frozenset[str]:
    """Names an expression reads, through named values too. Loop variables are names as well, so the answer may hold more
    than is read from outside, never less."""
    cache: dict[str, frozenset[str]] | None = getattr(definition, "_reads", None)
    if cache is None:
        cache = {}
        object.__setattr__(definition, "_reads", cache)
    if source not in cache:
        found: set[str] = set()
        sources = [source]
        for text in sources:
            for name in compiled(_expanded(definition, text))[1]:
                if name in definition.lets and name not in found:
                    sources.append(definition.lets[name])
                found.add(name)
        called = {name for text in sources for name in compiled(_expanded(definition, text))[0].functions()}
        cache[source] = frozenset(
            (found - definition.lets.keys()) | {f"{name}()" for name in called if name.isidentifier()}
        )
    return cache[source]


class Scope:
    """What one dossier's expressions see. `make` gives root values, functions, and thunks of further values; it is asked
    when the first expression is evaluated, because most scopes of a step never evaluate one.

    Bind a row with `bound(...)`; `lets` resolve through the same scope, once.
    """

    def __init__(self, definition: Definition, make: Callable[[], Roots]):
        self.definition, self._make = definition, make
        self._known: set[str] = set()
        self._able: set[str] = set()
        self._failed: dict[str, str] = {}
        self._bound: set[str] = set()

    @functools.cached_property
    def _context(self) -> Any:
        return cel.Context()

    @functools.cached_property
    def _roots(self) -> Roots:
        return self._make()

    @property
    def _values(self) -> dict[str, Any]:
        return self._roots[0]

    def value(self, source: str) -> Any:
        """The value of an expression. Raises CannotTell."""
        expanded = _expanded(self.definition, source)
        program, names = compiled(expanded)
        for name in names:
            if name not in self._known and name not in self._bound:
                self._bind(name)
        for name in _called(expanded):
            if name not in self._able:
                self._function(name)
        try:
            return program.execute(self._context)
        except Exception as error:  # cel raises KeyError, TypeError, RuntimeError, ValueError
            missing = tuple(n for n in names if n in self._failed or self._values.get(n, 0) is None)
            raise CannotTell(source, missing or names, f"{type(error).__name__}: {error}") from None

    def true(self, source: str) -> bool:
        """Whether a condition holds. Raises CannotTell unless the answer is a truth value."""
        if not source:
            return True
        answer = self.value(source)
        if answer is True or answer is False:
            return answer
        raise CannotTell(source, compiled(_expanded(self.definition, source))[1], f"answer {answer!r} is not yes or no")

    def bind(self, name: str, value: Any) -> None:
        """Give a loop variable its row."""
        self._bound.add(name)
        self._context.add_variable(name, value)

    def put(self, name: str, value: Any) -> None:
        """Change a root value (findings known so far, the chosen route). Lets that were computed stay."""
        self._values[name] = value
        self._known.add(name)
        self._context.add_variable(name, value)

    def has(self, name: str) -> bool:
        return name in self._values or name in self._roots[2] or name in self.definition.lets

    def _function(self, name: str) -> None:
        self._able.add(name)
        function = self._roots[1].get(name)
        if function is not None:
            self._context.add_function(name, function)

    def _bind(self, name: str) -> None:
        self._known.add(name)
        if name in self._values:
            self._context.add_variable(name, self._values[name])
        elif name in self._roots[2]:
            self._values[name] = self._roots[2][name]()
            self._context.add_variable(name, self._values[name])
        elif name in self.definition.lets:
            try:
                self._values[name] = self.value(self.definition.lets[name])
                self._context.add_variable(name, self._values[name])
            except CannotTell as error:
                self._failed[name] = error.reason


def _expanded(definition: Definition, source: str) -> str:
    cache: dict[str, str] | None = getattr(definition, "_expanded", None)
    if cache is None:
        cache = {}
        object.__setattr__(definition, "_expanded", cache)
    found = cache.get(source)
    if found is None:
        found = cache[source] = expand(source, definition.functions)
    return found
