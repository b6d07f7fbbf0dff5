"""One warm printing process for all tests of a worker, and sites with cases on each database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from engine.documents.render import Printer
from engine.service import Receipt
from tests.documents.walk import ROOT
from tests.support.delegation import Desk


class Filed(Desk):
    """A desk where files that a dossier only names (`f_invitation`) are handed in first."""

    def act(self, case: str, person: str, action: str, at: str = "", **given: Any) -> Receipt:
        if at:
            self.clock.to(at)
        if "values" in given:
            given["values"] = self._handed_in(case, person, given["values"])
        return super().act(case, person, action, at, **given)

    def _handed_in(self, case: str, person: str, value: Any) -> Any:
        if isinstance(value, dict):
            return {name: self._handed_in(case, person, item) for name, item in value.items()}
        if isinstance(value, list):
            return [self._handed_in(case, person, item) for item in value]
        if isinstance(value, str) and value in ("f_invitation", "f_report", "f_programme"):
            return self.engine.attach(case, person, f"{value}.pdf", b"%PDF-1.7 " + value.encode()).id
        return value


@pytest.fixture(scope="session")
def printer() -> Iterator[Printer]:
    made = Printer(ROOT / "templates")
    yield made
    made.close()


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Iterator[Desk]:
    made = Filed(database_url, tmp_path)
    yield made
    made.close()


@pytest.fixture
def light(sqlite_url: str, tmp_path: Path) -> Iterator[Desk]:
    """On SQLite only: for what does not depend on the database."""
    made = Filed(sqlite_url, tmp_path)
    yield made
    made.close()
