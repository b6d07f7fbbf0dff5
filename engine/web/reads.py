"""Which fields a rule looks at, through the lets it uses: so that a step shows the rules that concern it."""

from __future__ import annotations

from engine.core.expressions import tokens
from engine.core.model import Definition, Rule


def fields_read(definition: Definition, rule: Rule) -> frozenset[str]:
    """Field names in the rule's condition, loops and check, lets and their bodies included. Worked out once."""
    known: dict[str, frozenset[str]] | None = getattr(definition, "_fields_read", None)
    if known is None:
        known = {}
        object.__setattr__(definition, "_fields_read", known)
    if rule.id not in known:
        found: set[str] = set()
        for source in (rule.check, rule.when, *(source for _, source in rule.each)):
            _collect(definition, source, found, set())
        known[rule.id] = frozenset(found)
    return known[rule.id]


def _collect(definition: Definition, source: str, found: set[str], seen: set[str]) -> None:
    parts = tokens(source)
    for place, (kind, text) in enumerate(parts):
        if kind != "name" or text in seen or (place and parts[place - 1][1] == "."):
            continue
        seen.add(text)
        if text in definition.fields:
            found.add(text)
        elif text in definition.lets:
            _collect(definition, definition.lets[text], found, seen)
        elif text in definition.functions:
            _collect(definition, definition.functions[text][1], found, seen)
