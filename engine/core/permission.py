"""Who may do what on a case now: the one place that pages, links and commands ask."""

from __future__ import annotations

from dataclasses import dataclass

from engine.core.actors import Actors, Holder
from engine.core.blockers import Blocker, blocker
from engine.core.case import Case, Grant
from engine.core.dossier import persons
from engine.core.expressions import CannotTell, Scope
from engine.core.facts import Facts, of_dossier, scope
from engine.core.model import Definition, Transition
from engine.core.world import World


@dataclass(frozen=True, slots=True)
class Offer:
    """An action open to a person, and the right it is taken on (a grant's id or the implicit one)."""

    transition: Transition
    grant: str
    holder: Holder


def actors(definition: Definition, case: Case, world: World, view: Scope | None = None) -> Actors:
    """Actors of a case with its conflicts of interest."""
    return Actors(definition, case, world, _conflicts(definition, case, world, view))


def _conflicts(definition: Definition, case: Case, world: World, view: Scope | None) -> frozenset[str]:
    """Worked out once where the workflow's `conflict` reads nothing but fields of the dossier."""
    if not definition.conflict:
        return frozenset()

    def make() -> frozenset[str]:
        return conflicts(definition, view or scope(Facts(definition, case, world, case.facts)), case)

    if not of_dossier(definition, definition.conflict):
        return make()
    found: frozenset[str] = world.once("conflicts", (definition, case.facts, case.people, case.picked), make)
    return found


def conflicts(definition: Definition, view: Scope, case: Case) -> frozenset[str]:
    """Persons who hold no task of a body on this case. Where the file's own list cannot be told, everybody named."""
    if not definition.conflict:
        return frozenset()
    try:
        return frozenset(str(p) for p in view.value(definition.conflict) or [] if p)
    except CannotTell:
        return frozenset(persons(definition, case.facts))


def implicit(case: Case, person: str) -> str:
    """The right of one who acts without a task: a proposer withdraws, a secretary corrects."""
    return f"{case.id}.{case.entry}.{person}"


def paths(definition: Definition, transition: Transition) -> tuple[str, ...]:
    return transition.by if transition.by is not None else definition.states[transition.state].who


def clock_only(transition: Transition) -> bool:
    return transition.at is not None and transition.by is None


def holder(definition: Definition, transition: Transition, found: Actors, person: str) -> Holder | Blocker:
    """By what right `person` may take the transition, or why not."""
    listed = paths(definition, transition)
    for item in found.entitled(listed):
        if item.person == person:
            return item
    if any(item.person == person for path in listed for item in found.named(path)):
        return blocker("own_trip")
    return blocker("no_authority")


def task(case: Case, person: str, kind: str = "step") -> Grant | None:
    """The live grant a person holds in the present entry."""
    for grant in case.live_grants():
        if grant.person == person and grant.kind == kind:
            return grant
    return None


def right(case: Case, transition: Transition, person: str) -> str:
    """The grant a person would use: the task where the state's holders act, else the implicit right."""
    held = task(case, person)
    return held.id if held and transition.by is None else implicit(case, person)


def offers(definition: Definition, case: Case, world: World, person: str) -> list[Offer]:
    """Actions a person is offered now, in source order; a condition that cannot be told offers nothing."""
    if case.final or case.discarded or case.state not in definition.states:
        return []
    view = scope(Facts(definition, case, world, case.facts), actor=person)
    found = actors(definition, case, world, view)
    listed: list[Offer] = []
    for transition in definition.transitions.get(case.state, {}).values():
        if clock_only(transition):
            continue
        who = holder(definition, transition, found, person)
        if isinstance(who, Blocker) or not is_offered(transition, view):
            continue
        if transition.by is None and task(case, person) is None:
            continue
        if case.pending and transition.confirm:
            continue
        listed.append(Offer(transition, right(case, transition, person), who))
    return listed


def is_offered(transition: Transition, view: Scope) -> bool:
    try:
        return view.true(transition.when)
    except CannotTell:
        return False
