"""Names declared twice or hiding each other (E311): fields, lets, parameters, groups, routes, children, built-ins."""

from __future__ import annotations

from engine.definitions import expression as x
from engine.definitions import grammar
from engine.definitions.checks.desk import Desk
from engine.definitions.checks.expressions import BUILT_IN
from engine.definitions.checks.typing import FUNCTIONS
from engine.definitions.positions import Path

_BUILT_IN = {*BUILT_IN, "state", "author", "actor", "holder", "parent"}


def check(desk: Desk) -> None:
    first: dict[str, tuple[str, Path]] = {}
    for name, what, path in _declared(desk):
        if name in first:
            other, place = first[name]
            node = desk.node(place)
            line = node.source.place(node.path, key=True).line
            desk.say("E311", f"{what} '{name}' has the name of the {other} on line {line}", path, key=True)
            continue
        first[name] = (what, path)
        if name in _BUILT_IN:
            desk.say("E311", f"{what} '{name}' hides the built-in '{name}'", path, key=True)
        elif what == "function" and name in _functions(desk):
            desk.say("E311", f"{what} '{name}' hides the built-in {name}()", path, key=True)
    for name in desk.names("record"):
        if name in desk.names("choice"):
            desk.say("E311", f"record '{name}' has the name of choices", ("record", name), key=True)
        if name in grammar.SCALARS:
            desk.say("E311", f"record '{name}' has the name of a built-in type", ("record", name), key=True)


def _functions(desk: Desk) -> set[str]:
    registers = set(desk.site.site.registers) if desk.site else set()
    return {*FUNCTIONS, *x.MACROS, "distinct", "trim", "last", *registers}


def _declared(desk: Desk) -> list[tuple[str, str, Path]]:
    found: list[tuple[str, str, Path]] = []
    for section, fields in desk.file.fields.items():
        if section != "waiver":
            found += [(name, "field", ("fields", section, name)) for name in fields]
    # a field named twice is said by the parser
    found = list({name: item for item in reversed(found) for name in [item[0]]}.values())[::-1]
    for kind, table in (("parameter", "parameters"), ("group", "groups"), ("route", "route"), ("children", "children")):
        found += [(name, kind, (table, name)) for name in desk.names(kind)]
    for key in desk.names("let"):
        name, _, function = key.partition("(")
        found.append((name, "function" if function else "let", ("let", key)))
    return found
