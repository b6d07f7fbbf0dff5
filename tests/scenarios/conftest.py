"""A short scenario file in a folder of its own, on the site of this checkout."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.config.site import SiteSetup, load_site
from engine.definitions.problems import Problem, Problems
from engine.scenarios import run

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = ROOT / "workflows"

HEAD = """\
workflow = "delegation-out"

[registers]
directives = [{ country = "ALL", effect = "PERMITTED", from = 2022-01-01 }]
regions = [{ country = "JP", region = "northeast_asia" }]
plan_items = [{ id = "PRO-04", plan_kind = "PROMOTION", plan_state = "APPROVED", year = 2022, head = "F06", countries = ["JP"], month = 7, purpose = "work" }]

[case.tokyo]
author = "F17"
organiser = "trung_tam_xuc_tien_dau_tu_thuong_mai_du_lich"
plan_item = "PRO-04"
title = "Tokyo"
main_purpose = "work"
purposes = ["work"]
departure = 2022-07-10
planned_end = 2022-07-14
head = "F06"
secretary = "F17"
members = { people = ["F06", "F17", "X1..X5"], task = "Nhiệm vụ mẫu số {n}" }
itinerary = { days = ["07-10 TRAVEL", "07-11..07-13 VISIT JP", "07-14 TRAVEL"] }
funding = [{ item = "Toàn bộ", amount = "500000000 VND", source = "CITY_BUDGET", payer_kind = "PUBLIC" }]
invitation = { inviter = "Tokyo", inviter_kind = "PUBLIC", names_individuals = false, solicited = false, organiser_kind = "PUBLIC", document = "moi.pdf" }

"""
SCENARIO = """\
[[scenario]]
id = "{id}"
case = "tokyo"
story = [
"""
SUBMIT = '{ at = 2022-06-06T09:00:00, who = "F17", does = "submit"'


@pytest.fixture(scope="session")
def site() -> SiteSetup:
    return load_site(ROOT / "config.toml")


def story(*rows: str, id: str = "T-1") -> str:
    """A scenario about `tokyo` with these rows."""
    return SCENARIO.replace("{id}", id) + ",\n".join(rows) + "\n]\n"


def written(folder: Path, text: str) -> Path:
    """A scenario file of the given text, the workflow beside it."""
    shutil.copy(WORKFLOWS / "delegation-out.toml", folder)
    path = folder / "trial.scenarios.toml"
    path.write_text(text, "utf-8")
    return path


def played(path: Path, site: SiteSetup) -> list[Problem]:
    """What playing a file finds: problems of the file, or of its scenarios."""
    try:
        return [problem for result in run(path, site=site) for problem in result.problems]
    except Problems as error:
        return list(error.items)


@pytest.fixture
def problems(tmp_path: Path, site: SiteSetup) -> Callable[[str], list[Problem]]:
    return lambda text: played(written(tmp_path, text), site)


@pytest.fixture
def rows(problems: Callable[[str], list[Problem]]) -> Callable[..., list[Problem]]:
    """What playing the rows of one story about `tokyo` finds."""
    return lambda *lines: problems(HEAD + story(*lines))
