"""Bodies, seats, people and substitutions at one moment: who may act, as values.

`version` is the sequence number of the last `people.changed` event, so that a decision can say which directory
it was judged by.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    name: str
    mail: str = ""
    agency: str = ""
    post: str = ""
    level: str = ""  # CENTRAL | BTVTU | AGENCY, kept by the Organization Board
    rank: str = ""  # TTTU | UVBTV | TTHDND | TTUBND | ""
    key_leader: bool = False
    tttu_member: bool = False
    lang: str = "vi"
    roles: tuple[str, ...] = ()  # admin, auditor, operator, secretary
    active: bool = True

    def snapshot(self) -> dict[str, Any]:
        """What a submission freezes of a person; the shape CEL sees."""
        return {
            "id": self.id,
            "name": self.name,
            "mail": self.mail,
            "agency": self.agency,
            "post": self.post,
            "level": self.level,
            "rank": self.rank,
            "key_leader": self.key_leader,
            "tttu_member": self.tttu_member,
        }


@dataclass(frozen=True, slots=True)
class Body:
    slug: str
    kind: str = ""
    vi: str = ""
    en: str = ""
    profile: str = "state"  # layout and numbering: state | party
    org: str = ""  # what stands on paper
    office: str = ""  # who is chased for it; defaults to itself
    fallback: str = ""
    parent: str = ""
    external: bool = False
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Seat:
    body: str
    right: str  # decide | head | secretary | clerk
    person: str
    capacity: str = ""
    id: str = ""  # unique: body.right, or body.right#2 for the second holder


@dataclass(frozen=True)
class Directory:
    bodies: dict[str, Body] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    seats: tuple[Seat, ...] = ()
    lists: dict[str, tuple[str, ...]] = field(default_factory=dict)  # site lists of bodies: "all proposers"
    version: int = 0

    def holders(self, body: str, right: str) -> tuple[Seat, ...]:
        """Seats of one right in one body, active people only."""
        return tuple(
            s
            for s in self.seats
            if s.body == body and s.right == right and s.person in self.people and self.people[s.person].active
        )

    def office(self, body: str) -> str:
        found = self.bodies.get(body)
        return (found.office or body) if found else body
