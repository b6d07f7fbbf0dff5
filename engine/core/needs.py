"""What a transition needs, judged against findings and waivers: unmet needs are blockers with the rule's sentence."""

from __future__ import annotations

from engine.core.blockers import Blocker, blocker, of_finding
from engine.core.case import Finding
from engine.core.expressions import CannotTell, Scope
from engine.core.facts import Facts
from engine.core.model import Definition, Need, Rule, Transition
from engine.core.rules import CANNOT_TELL, evaluate, guard, unknown
from engine.core.waivers import Waivers, key_of

# needs that ask all findings anew
ASK_RULES = frozenset({"no_block", "some_block", "exceptions_requested", "exceptions_granted"})
_FILED = ("REQUESTED", "OPINION_GIVEN", "GRANTED", "REFUSED")


def judged(definition: Definition, facts: Facts, view: Scope, problems: list[Blocker]) -> tuple[Finding, ...]:
    """Findings of all rules. Where required fields are empty their rules cannot tell: only the field is reported."""
    found = evaluate(definition, facts, view)
    if any(p.code == "required" for p in problems):
        return tuple(f for f in found if not f.key.endswith(f":{CANNOT_TELL}"))
    return found


def unmet(
    definition: Definition,
    transition: Transition,
    facts: Facts,
    view: Scope,
    findings: tuple[Finding, ...],
    held: Waivers,
    known: list[Blocker],
) -> list[Blocker]:
    """Blockers of every need that does not hold, all of them."""
    found: list[Blocker] = []
    for need in transition.needs:
        found += _unmet(definition, need, facts, view, findings, held)
    if any(p.code == "required" for p in known):
        found = [item for item in found if item.code != "cannot_judge"]
    open_ = {p.path for p in known if p.code == "decision"}  # not yet decided: said already
    return [item for item in found if not (item.code == "not_granted" and item.path in open_)]


def _unmet(
    definition: Definition, need: Need, facts: Facts, view: Scope, findings: tuple[Finding, ...], held: Waivers
) -> list[Blocker]:
    blocks = [f for f in findings if f.kind == "block"]
    exceptions = [f for f in findings if f.kind == "exception"]
    if need.kind == "no_block":
        return [of_finding(f) for f in blocks]
    if need.kind == "some_block":
        return [] if blocks else [blocker("no_block")]
    if need.kind == "exceptions_requested":
        return _without(definition, exceptions, held, _FILED, "no_request")
    if need.kind == "exceptions_granted":
        return _without(definition, exceptions, held, ("GRANTED",), "not_granted")
    rule = definition.rules[need.rule]
    if need.kind == "requested":
        fired = [f for f in exceptions if f.rule == rule.id]
        return _without(definition, fired, held, _FILED, "no_request")
    failures = _failures(definition, rule, facts, view)
    if need.kind == "fires":
        return [] if failures else [blocker("does_not_fire", rule=rule.id)]
    return [of_finding(f) for f in failures]


def _failures(definition: Definition, rule: Rule, facts: Facts, view: Scope) -> list[Finding]:
    try:
        return guard(definition, rule, facts, view)
    except CannotTell as error:
        return [unknown(definition, rule, error)]


def _without(
    definition: Definition, findings: list[Finding], held: Waivers, states: tuple[str, ...], code: str
) -> list[Blocker]:
    found: dict[str, Blocker] = {}
    for finding in findings:
        key = key_of(definition, finding)
        waiver = held.get(key)
        if waiver is None or waiver.state not in states:
            found.setdefault(key, blocker(code, f"waivers/{key}", finding.rule, key=key))
    return list(found.values())
