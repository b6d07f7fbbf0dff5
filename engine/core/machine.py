"""A definition compiled to a `transitions` machine: which triggers a state has and where each may lead.

The only file that knows the library. The machine is unbound (no model, no callbacks); it is stepped with a light model
that only carries a state. Routes and fallbacks are edges like any other, chosen by a condition on the target.
"""

from __future__ import annotations

from transitions import Machine, MachineError

from engine.core.model import Definition


class _Light:
    """A model with a state and the target that was decided; conditions compare the two."""

    def __init__(self, state: str, target: str):
        self.state, self.target = state, target


def targets(definition: Definition, to: str) -> tuple[str, ...]:
    """Every state that `to` (a state or a route) may end in, fallbacks included."""
    first = [row.to for row in definition.routes[to]] if to in definition.routes else [to]
    found: dict[str, None] = {}
    while first:
        name = first.pop(0)
        if name not in found:
            found[name] = None
            state = definition.states.get(name)
            if state is not None and state.fallback:
                first.append(state.fallback)
    return tuple(found)


def edges(definition: Definition) -> tuple[tuple[str, str, str], ...]:
    """(from, trigger, to) of everything the definition allows."""
    return tuple(
        (state, action, target)
        for state, actions in definition.transitions.items()
        for action, transition in actions.items()
        for target in targets(definition, transition.to)
    )


def machine(definition: Definition) -> Machine:
    """The compiled machine, made once per definition object."""
    made: Machine | None = definition.__dict__.get("_machine")
    if made is None:
        made = Machine(
            model=None, states=list(definition.states), initial=None, auto_transitions=False, send_event=True
        )
        for source, trigger, target in edges(definition):
            made.add_transition(trigger, source, target, conditions=[_chosen(target)])
        object.__setattr__(definition, "_machine", made)
    return made


def _chosen(target: str):  # type: ignore[no-untyped-def]
    return lambda event: event.model.target == target


def leads(definition: Definition, source: str, trigger: str, target: str) -> bool:
    """Whether `trigger` may take a case from `source` to `target`."""
    compiled = machine(definition)
    if trigger not in compiled.events:
        return False
    model = _Light(source, target)
    try:
        return bool(compiled.events[trigger].trigger(model)) and model.state == target
    except MachineError:
        return False
