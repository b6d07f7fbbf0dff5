"""Scenario files that stand outside the site's folder play on the site that was named, or on that of the working directory."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.definitions.problems import Problems
from engine.scenarios import run
from engine.scenarios.run import prepared
from tests.scenarios.conftest import ROOT

FILE = """\
workflow = "delegation-out"
directory = "directory.toml"
calendar = "calendar.toml"
include = ["delegation-out.scenarios.toml"]

[[scenario]]
id = "E-1"
title = "Submitted"
case = "tokyo"
story = [{ at = 2022-06-06T09:00:00, who = "F17", does = "submit", then = "SCREENING" }]
"""


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    path = tmp_path / "elsewhere.scenarios.toml"
    path.write_text(FILE, "utf-8")
    return path


def test_the_site_that_was_named(outside, site):
    assert [result.problems for result in run(outside, site=site)] == [()]


def test_the_site_of_the_working_directory(outside, monkeypatch):
    monkeypatch.chdir(ROOT / "docs")
    assert prepared(outside).loaded.main == "delegation-out.toml"


def test_no_site_at_all(outside, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(Problems) as found:
        prepared(outside)
    assert "nor above the working directory" in found.value.text() and "--site" in found.value.text()


def test_a_workflow_that_is_nowhere(tmp_path, site):
    path = tmp_path / "typo.scenarios.toml"
    path.write_text(FILE.replace('"delegation-out"', '"delegation-uot"', 1), "utf-8")
    with pytest.raises(Problems, match=r"(?s)delegation-uot\.toml.*did you mean 'delegation-out\.toml'"):
        prepared(path, site)
