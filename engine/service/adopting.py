"""By which definition an act is judged: a submission moves the case to the one in force."""

from __future__ import annotations

from engine.core.case import Case
from engine.core.model import Definition, Transition
from engine.service.snapshot import Snapshot


def form_definition(snap: Snapshot, case: Case, transition: Transition) -> tuple[Definition, Transition]:
    """The definition an act is judged by: a submission moves to the one in force when that knows state and act."""
    pinned = snap.definition(case)
    active = snap.active(pinned.name) if transition.adopts else None
    if active is None or active.sha256 == pinned.sha256 or case.state not in active.states:
        return pinned, transition
    found = active.transitions.get(case.state, {}).get(transition.action)
    return (active, found) if found is not None else (pinned, transition)
