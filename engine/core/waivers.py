"""Exception requests: one per rule (or per finding), from the grounds of the proposer to the decider's answer.

DRAFT -> REQUESTED -> OPINION_GIVEN -> GRANTED | REFUSED; MOOT when a new version no longer has the finding
(requirements P-10). A waiver belongs to the rule exceeded, also where another rule lifted the block.
"""

from __future__ import annotations

from typing import Any

import msgspec

from engine.core.answers import Cleaner
from engine.core.blockers import Blocker, blocker
from engine.core.case import Case, Finding, Waiver
from engine.core.events import Private
from engine.core.facts import empty
from engine.core.model import Definition, Rule

OPINIONS = ("AGREE", "AGREE_WITH_CONDITIONS", "DISAGREE")
DECISIONS = ("GRANTED", "REFUSED")
OPEN = ("REQUESTED", "OPINION_GIVEN")
Waivers = dict[str, Waiver]


def key_of(definition: Definition, finding: Finding) -> str:
    return finding.key if definition.rules[finding.rule].waive_each else finding.rule


def grounds_of(definition: Definition, finding: Finding) -> tuple[str, ...]:
    """The grounds to be stated: those of the exception, or of the rule that lifted the block."""
    rule: Rule = definition.rules[finding.lifted_by or finding.rule]
    return rule.grounds


def needed(definition: Definition, findings: tuple[Finding, ...]) -> dict[str, Finding]:
    """Waiver key -> the first finding it answers."""
    found: dict[str, Finding] = {}
    for finding in findings:
        if finding.kind == "exception":
            found.setdefault(key_of(definition, finding), finding)
    return found


def filed(
    definition: Definition,
    case: Case,
    findings: tuple[Finding, ...],
    grounds: dict[str, dict[str, Any]],
    cleaner: Cleaner,
) -> Waivers:
    """Waivers after a submission. Problems (a ground missing, a rule nobody may waive) go to the cleaner."""
    wanted = needed(definition, findings)
    refuse_unwaivable(definition, wanted, grounds, cleaner.problems)
    after: Waivers = {}
    for key, finding in wanted.items():
        before = case.waivers.get(key)
        given = grounds.get(key) or grounds.get(finding.rule)
        stated = _clean(definition, finding, given, key, cleaner) if given else (before.grounds if before else {})
        asked = grounds_of(definition, finding)
        empties = [name for name in asked if empty(stated.get(name))]
        if stated and empties and len(empties) < len(asked):
            cleaner.problems += [
                blocker("grounds", f"waivers/{key}/{n}", finding.rule, field=_label(definition, n)) for n in empties
            ]
        state = "DRAFT" if empties else "REQUESTED"
        after[key] = Waiver(key=key, rule=finding.rule, state=state, grounds=stated)
    for key, waiver in case.waivers.items():
        if key not in after:
            after[key] = msgspec.structs.replace(waiver, state="MOOT")
    return after


def refuse_unwaivable(
    definition: Definition, wanted: dict[str, Finding], grounds: dict[str, Any], problems: list[Blocker]
) -> None:
    """A block has no exception, whoever asks (S-07, S-26)."""
    open_rules = {finding.rule for finding in wanted.values()}
    for key in grounds:
        name = key if key in definition.rules else key.partition(":")[0]
        rule = definition.rules.get(name)
        if name in open_rules or empty(grounds[key]):
            continue
        if rule is None or rule.kind != "exception":
            problems.append(blocker("not_waivable", f"waivers/{key}", name))


def _clean(
    definition: Definition, finding: Finding, given: dict[str, Any], key: str, cleaner: Cleaner
) -> dict[str, Any]:
    allowed = grounds_of(definition, finding)
    stated: dict[str, Any] = {}
    for name, value in given.items():
        if name not in allowed:
            cleaner.problems.append(blocker("unknown_field", f"waivers/{key}/{name}", field=name))
        else:
            stated[name] = cleaner.value(definition.grounds[name], value, f"waivers/{key}/{name}")
    return {name: value for name, value in stated.items() if not empty(value)}


def _label(definition: Definition, name: str) -> Any:
    return definition.grounds[name].label if name in definition.grounds else name


def with_opinions(waivers: Waivers, answers: dict[str, str], must: bool, problems: list[Blocker]) -> Waivers:
    """Every filed request gets its opinion; `AGREE` and the like under the waiver's key."""
    after = dict(waivers)
    for key, waiver in waivers.items():
        if waiver.state not in OPEN:
            continue
        answer = answers.get(key, "")
        if answer in OPINIONS:
            after[key] = msgspec.structs.replace(waiver, state="OPINION_GIVEN", opinion=answer)
        elif answer or must:
            problems.append(blocker("opinion", f"waivers/{key}", waiver.rule, key=key))
    return after


def with_decisions(waivers: Waivers, answers: dict[str, str], must: bool, problems: list[Blocker]) -> Waivers:
    """Every request not yet decided is granted or refused, one by one."""
    after = dict(waivers)
    for key, waiver in waivers.items():
        if waiver.state not in OPEN:
            continue
        answer = answers.get(key, "")
        if answer in DECISIONS:
            after[key] = msgspec.structs.replace(waiver, state=answer, decision=answer)
        elif answer or must:
            problems.append(blocker("decision", f"waivers/{key}", waiver.rule, key=key))
    return after


def changed(before: Waivers, after: Waivers) -> tuple[list[dict[str, Any]], dict[str, Private]]:
    """(items for the event, private grounds) of the waivers that differ."""
    items: list[dict[str, Any]] = []
    private: dict[str, Private] = {}
    for key, waiver in after.items():
        if before.get(key) == waiver:
            continue
        item = {"key": key, "rule": waiver.rule, "state": waiver.state}
        if waiver.opinion:
            item["opinion"] = waiver.opinion
        if waiver.decision:
            item["decision"] = waiver.decision
        items.append(item)
        if waiver.grounds:
            private[f"waivers/{key}"] = Private(waiver.grounds)
    return items, private
