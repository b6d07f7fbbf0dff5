"""Who may see a case: its author, the people who travel or hold (or held) its tasks, the seats of its bodies, who was told of
it, and the roles that look after the site. To everybody else it does not exist.
"""

from __future__ import annotations

from engine.core.case import Case
from engine.core.directory import Directory, Person
from engine.core.dossier import persons
from engine.core.model import Definition, Field
from engine.service import Snapshot

OVERSEERS = frozenset({"admin", "auditor", "operator"})


def may_see(snap: Snapshot, case: Case | None, person: Person | None) -> bool:
    """Whether this person may open the case. A draft nobody has handed in is its author's alone."""
    if case is None or person is None or not person.active:
        return False
    if person.id == case.author or OVERSEERS & set(person.roles):
        return True
    if not case.dossier:
        return False
    definition = snap.definition(case)
    named = {*persons(definition, case.facts), *(g.person for g in case.grants.values())}
    told = {p for people in case.notified.values() for p in people}
    if person.id in named | told:
        return True
    bodies = bodies_of(definition, case, snap.directory)
    return any(seat.person == person.id and seat.body in bodies for seat in snap.directory.seats)


def bodies_of(definition: Definition, case: Case, directory: Directory) -> set[str]:
    """Bodies with a part in the case: holders of its tasks, those its fields and routes name, and their offices."""
    found = {g.body for g in case.grants.values() if g.body}
    for name, spec in definition.fields.items():
        found |= set(_bodies(definition, spec, case.facts.get(name)))
    for route, chosen in case.routes.items():
        for row in definition.routes.get(route, ()):
            if row.id == chosen:
                found |= {str(value) for value in row.columns.values() if value in directory.bodies}
    return found | {directory.office(body) for body in found}


def _bodies(definition: Definition, spec: Field, value: object) -> list[str]:
    if spec.type.kind == "body":
        return [str(v) for v in value if v] if isinstance(value, list) else [str(value)] if value else []
    if spec.type.kind != "record" or not value:
        return []
    rows = value if isinstance(value, list) else [value]
    columns = definition.records[spec.type.name]
    return [
        b
        for row in rows
        if isinstance(row, dict)
        for n, c in columns.items()
        for b in _bodies(definition, c, row.get(n))
    ]


def sees_all(person: Person) -> bool:
    return bool(OVERSEERS & set(person.roles))


def seated_in(directory: Directory, person: str) -> tuple[str, ...]:
    """Bodies a person has any seat in."""
    return tuple(dict.fromkeys(s.body for s in directory.seats if s.person == person))
