"""The pages of a proposal: which fields an act needs, and how they are laid out over steps.

Fields that somebody else answers with an action (an opinion, a sensitive matter) are not on the form. One step holds the
plain fields, each list of rows has its own, letters and records share one, exceptions come before the check.
"""

from __future__ import annotations

from dataclasses import dataclass

from engine.core.act_fields import HEAVY, act_fields, needs_form
from engine.core.model import Definition, Transition
from engine.core.permission import Offer

GENERAL, PAPERS, EXCEPTIONS = "general", "papers", "exceptions"
FEW_PAPERS = 3  # so many files and letters stand among the plain fields


@dataclass(frozen=True, slots=True)
class Step:
    """`key` stands in the address; `field` names the list a step is about; `fields` in the order of the page."""

    key: str
    fields: tuple[str, ...]
    field: str = ""


def has_form(definition: Definition, transition: Transition) -> bool:
    """Whether there is anything to fill in for an act, needed or not."""
    return bool(act_fields(definition, transition))


def steps(definition: Definition, names: tuple[str, ...], exceptions: bool = False) -> tuple[Step, ...]:
    """The steps of a form with these fields; `exceptions` adds the one where grounds are stated."""
    lists = [n for n in names if definition.fields[n].type.kind == "record" and definition.fields[n].type.many]
    rest = [n for n in names if n not in lists]
    papers = [n for n in rest if definition.fields[n].type.kind in HEAVY]
    if len(papers) <= FEW_PAPERS and not any(definition.fields[n].type.kind == "record" for n in papers):
        papers = []
    plain = tuple(n for n in rest if n not in papers)
    found = [Step(GENERAL, plain)] if plain else []
    found += [Step(name, (name,), name) for name in lists]
    found += [Step(PAPERS, tuple(papers))] if papers else []
    found += [Step(EXCEPTIONS, ())] if exceptions else []
    return tuple(found)


def step_of(listed: tuple[Step, ...], path: str) -> str:
    """The key of the step that holds a path, empty when none does."""
    name = path.partition("/")[0]
    if name == "waivers":
        return EXCEPTIONS
    return next((step.key for step in listed if name in step.fields), "")


def chosen(offers: list[Offer], definition: Definition, wanted: str = "") -> Transition | None:
    """The act a form is for: the one asked for, else what submits, else what needs a form, else what has one."""
    listed = [offer.transition for offer in offers]
    if wanted:
        return next((t for t in listed if t.action == wanted and has_form(definition, t)), None)
    for fits in (lambda t: t.submits, lambda t: needs_form(definition, t), lambda t: has_form(definition, t)):
        for transition in listed:
            if fits(transition) and has_form(definition, transition):
                return transition
    return None
