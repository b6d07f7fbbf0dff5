"""Which fields an act takes from the form: what its state lets edit, and what the act itself asks.

A field that another act asks is that act's alone: a return date is corrected with `correct_end`, which somebody
confirms, and never slips in with the report.
"""

from __future__ import annotations

from engine.core.model import Definition, Field, State, Transition
from engine.core.permission import clock_only

HEAVY = ("file", "letter", "record")


def asked_names(definition: Definition, transition: Transition) -> dict[str, bool]:
    """Fields an act asks for -> may stay empty, the letter of an outside body included."""
    found = {ask.path: ask.optional for ask in transition.asks if ask.path in definition.fields}
    if definition.states[transition.state].external and transition.by is None and "letter" in definition.fields:
        found["letter"] = False
    return found


def upload_like(spec: Field) -> bool:
    """Cannot be answered on the page of a mailed link."""
    return spec.type.kind in HEAVY or spec.type.many


def needs_form(definition: Definition, transition: Transition) -> bool:
    """Whether an act is prepared on the form of the case before it is decided."""
    asked = asked_names(definition, transition)
    return transition.submits or any(
        not optional and upload_like(definition.fields[name]) for name, optional in asked.items()
    )


def form_first(definition: Definition, state: State | None) -> bool:
    """Whether the holder of a state has to edit or upload before anything can be decided: his mail then leads to the page
    of the case instead of a decision."""
    if state is None or not state.edit:
        return False
    acts = definition.transitions.get(state.name, {}).values()
    return any(needs_form(definition, t) for t in acts if t.by is None and not clock_only(t))


def act_fields(definition: Definition, transition: Transition) -> tuple[str, ...]:
    """Names of the fields a form may fill in for an act, in the order of the workflow file. Worked out once."""
    known: dict[tuple[str, str], tuple[str, ...]] | None = getattr(definition, "_act_fields", None)
    if known is None:
        known = {}
        object.__setattr__(definition, "_act_fields", known)
    key = (transition.state, transition.action)
    if key not in known:
        known[key] = _act_fields(definition, transition)
    return known[key]


def _act_fields(definition: Definition, transition: Transition) -> tuple[str, ...]:
    asked = asked_names(definition, transition)
    elsewhere = {
        name
        for actions in definition.transitions.values()
        for other in actions.values()
        for name in asked_names(definition, other)
    }
    open_here: set[str] = set()
    siblings = definition.transitions.get(transition.state, {}).values()
    if transition.submits or (transition.by is None and not any(t.submits for t in siblings)):
        sections = definition.states[transition.state].edit
        open_here = {name for section in sections for name in definition.sections.get(section, ())} - elsewhere
    heavy = any(upload_like(definition.fields[name]) for name in asked)
    taken = {name for name in asked if heavy and _on_a_form(definition.fields[name])}
    return tuple(n for n, spec in definition.fields.items() if n in open_here | taken and not spec.value)


def _on_a_form(spec: Field) -> bool:
    """Yes/no, choices and remarks are answered with the decision itself."""
    return upload_like(spec) or spec.type.kind not in ("yes/no", "choice", "text")
