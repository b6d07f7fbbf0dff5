"""Every scenario file of the checkout goes as it is written, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.audit.verify import verify
from engine.scenarios import run
from engine.scenarios.sandbox import Sandbox
from tests.scenarios.conftest import WORKFLOWS

FILES = sorted(WORKFLOWS.rglob("*.scenarios.toml"))
QUICK = "delegation-out.scenarios.toml"  # the others take longer than `make check` has


@pytest.mark.parametrize(
    "path", [pytest.param(p, id=p.name, marks=() if p.name == QUICK else pytest.mark.slow) for p in FILES]
)
def test_a_file_goes_as_written(path: Path, database_url, site):
    results = run(path, site=site, database_url=database_url, after=proves_itself)
    assert results
    assert [problem.text() for result in results for problem in result.problems] == []


def proves_itself(box: Sandbox) -> None:
    """The ledger of each story holds: chain, proofs of every choice, rows against a fresh fold."""
    report = verify(box.engine)
    assert [(found.case, found.seq, found.check, found.text) for found in report.findings] == []


def test_every_published_scenario_of_the_outgoing_delegation_is_there():
    published = "01 03 04 05 07 08 09 11 12 14 15 17 18 20 21 22 24 26 28 29 31 32 33 34 35 37 38 39 40 41 43 45 47 48 49 50 51 53 56 58 60 61 62 63 64"
    text = "".join(path.read_text("utf-8") for path in FILES)
    assert [number for number in published.split() if f'"S-{number}"' not in text] == []
