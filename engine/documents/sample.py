"""A made-up case of a workflow, so that every template can be tried before a real case needs it.

Two kinds: `full`, every field filled, and `bare`, nothing but what the engine itself knows. A template that survives both
has no name it may not count on.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from engine.core.calendar import Calendar
from engine.core.case import Case, Finding, Issued, Pin, Waiver
from engine.core.facts import LETTER
from engine.core.model import Definition, Field
from engine.core.world import World
from engine.documents.context import Moment

DAY, LATER = "2022-06-06", "2022-09-05"
TEXT = "Nội dung mẫu để thử bản in"


class Sample:
    def __init__(self, definition: Definition, world: World):
        self.definition, self.world = definition, world

    def moment(self, full: bool, trigger: str = "", state: str = "") -> Moment:
        """The case in `state` after `trigger`; with everything filled in or with nothing."""
        case = self.case(full, state or self.definition.start.state)
        body: dict[str, Any] = {"type": "step.taken", "trigger": trigger, "from": case.state, "to": case.state}
        body["actor"] = {"kind": "person", "id": case.author}
        comment = {"reason": TEXT, "note": TEXT} if full else {}
        return Moment(self.definition, case, self.world, body, {"comment": comment} if full else {})

    def case(self, full: bool, state: str) -> Case:
        people = list(self.world.directory.people)
        case = Case(
            id="c_sample",
            definition=Pin(name=self.definition.name, version=0, sha256=""),
            state=state,
            author=people[0] if people else "",
            opened=self.world.now,
            at=self.world.now,
            seq=1,
            urgent=full,
        )
        if not full:
            return case
        return msgspec.structs.replace(
            case,
            reference="MẪU-01",
            dossier=2,
            facts={n: self._value(f) for n, f in self.definition.fields.items() if not f.value},
            findings=self._findings(),
            waivers=self._waivers(),
            routes={name: rows[0].id for name, rows in self.definition.routes.items() if rows},
            documents=self._documents(),
        )

    def _findings(self) -> tuple[Finding, ...]:
        kinds = ("block", "exception", "warning")
        return tuple(
            Finding(key=rule.id, rule=rule.id, kind=rule.kind, vi=TEXT, en=TEXT, source=rule.source)
            for rule in self.definition.rules.values()
            if rule.kind in kinds
        )

    def _waivers(self) -> dict[str, Waiver]:
        return {
            rule.id: Waiver(
                key=rule.id,
                rule=rule.id,
                state="GRANTED",
                opinion="AGREE",
                decision="GRANTED",
                grounds={
                    n: self._value(self.definition.grounds[n]) for n in rule.grounds if n in self.definition.grounds
                },
            )
            for rule in self.definition.rules.values()
            if rule.kind == "exception"
        }

    def _documents(self) -> tuple[Issued, ...]:
        bodies = list(self.world.directory.bodies) or [""]
        return tuple(
            Issued(
                id=name, seq=1, at=self.world.now, issuer=bodies[0], number="" if d.annex else "01/MẪU", sha256="0" * 64
            )
            for name, d in self.definition.documents.items()
        )

    def _value(self, spec: Field) -> Any:
        if spec.type.many:
            return [self._one(spec), self._one(spec)]
        return self._one(spec)

    def _one(self, spec: Field) -> Any:
        kind, directory = spec.type.kind, self.world.directory
        if kind == "record":
            columns = self.definition.records[spec.type.name]
            return {name: self._value(column) for name, column in columns.items() if not column.value}
        if kind == "choice":
            return next(iter(self.definition.choices[spec.type.name]), "")
        if kind == "letter":
            return dict.fromkeys(LETTER, TEXT) | {"number": "01/MẪU", "date": DAY, "file": "f_sample"}
        values: dict[str, Any] = {
            "date": DAY,
            "number": 1,
            "money": 1_000_000,
            "yes/no": True,
            "person": next(iter(directory.people), ""),
            "body": next(iter(directory.bodies), ""),
            "country": "LA",
            "register": "MẪU",
        }
        return values.get(kind, TEXT)


def world(directory: Any, calendar: Calendar, site: Any, countries: Any) -> World:
    """A world without registers' rows, on the sample's day."""
    return World(
        directory=directory,
        calendar=calendar,
        site=site,
        rows=lambda register, key: ([], 0),
        now=calendar.at(date.fromisoformat(DAY), "09:00:00"),
        countries=countries,
    )
