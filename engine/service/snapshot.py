"""One consistent look at the site: cases, definitions, directory, registers, as they are in one read transaction."""

from __future__ import annotations

import json
from typing import Any

from engine.core.calendar import Calendar
from engine.core.case import Case
from engine.core.directory import Directory
from engine.core.expressions import Scope
from engine.core.facts import Facts, scope
from engine.core.model import Definition
from engine.core.permission import Offer, offers
from engine.core.world import Site, World
from engine.service.library import Library
from engine.store import ledger, registers, views


class Snapshot:
    """Reads of one transaction. `now` is the engine's clock when it was taken (µs UTC)."""

    def __init__(self, conn: Any, library: Library, now: int, countries: Any):
        self.conn, self.library, self.now, self._countries = conn, library, now, countries
        self.directory: Directory = library.directory(conn)

    @property
    def calendar(self) -> Calendar:
        return self.library.calendar

    @property
    def site(self) -> Site:
        return self.library.site

    def case(self, case_id: str) -> Case | None:
        return views.case(self.conn, case_id)

    def definition(self, case: Case) -> Definition:
        """The definition the case is pinned to. Raises KeyError when its bytes are gone."""
        return self.library.pinned(self.conn, case.definition.name, case.definition.version)

    def active(self, workflow: str) -> Definition | None:
        """The published definition that new cases of a workflow use."""
        return self.library.active(self.conn, workflow)

    def workflows(self) -> list[str]:
        return self.library.names(self.conn)

    def world(self, case_id: str = "", now: int | None = None) -> World:
        """What rules may look at; register rows of `case_id` itself are left out."""
        return World(
            directory=self.directory,
            calendar=self.calendar,
            site=self.site,
            rows=lambda register, key: registers.rows(self.conn, register, key, case_id),
            now=self.now if now is None else now,
            templates=self.library.template,
            countries=self._countries,
        )

    def key(self, text: str) -> list[Any]:
        """The values of a register key; inverse of `core.world.key_of`."""
        found: list[Any] = json.loads(text)
        return found

    def facts(self, case: Case) -> Facts:
        return Facts(self.definition(case), case, self.world(case.id), case.facts)

    def view(self, case: Case, **extra: Any) -> Scope:
        """What expressions of the case see, for printing texts."""
        return scope(self.facts(case), extra=extra)

    def offers(self, case: Case, person: str) -> list[Offer]:
        return offers(self.definition(case), case, self.world(case.id), person)

    def history(self, case_id: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
        """(event body, private values) in order."""
        return ledger.history(self.conn, case_id)
