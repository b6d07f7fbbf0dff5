"""What a site's scenarios take for granted, unless a dossier says otherwise."""

from __future__ import annotations

import pytest

from engine.definitions.problems import Problems
from engine.scenarios.given import read_given
from tests.scenarios.conftest import HEAD, story

SUBMIT = '{ at = 2022-06-06T09:00:00, who = "F17", does = "submit"'


@pytest.mark.parametrize(
    ("own", "finds"),
    [
        ("", "[]"),
        (', F07 = { central_permission = "" }', '["central-permission warning F07", "R-06 warning F07"]'),
    ],
)
def test_a_central_permission_is_recorded_unless_the_dossier_says_otherwise(problems, own, finds):
    members = f'{{ people = ["F06", "F07", "F17"], task = "Nhiệm vụ mẫu số {{n}}"{own} }}'
    assert problems(HEAD + story(f"{SUBMIT}, with = {{ members = {members} }}, finds = {finds} }}")) == []


def test_rows_written_out_are_filled_in_as_well(problems):
    members = '[{ person = "F07", task = "Nhiệm vụ mẫu 1" }, { person = "F17", task = "Nhiệm vụ mẫu 2" }]'
    assert problems(HEAD + story(f"{SUBMIT}, with = {{ members = {members} }}, finds = [] }}")) == []


def test_a_site_without_the_file_takes_nothing_for_granted(tmp_path):
    assert read_given(tmp_path) == ()


def test_a_wrong_file_is_told(tmp_path):
    (tmp_path / "given.toml").write_text('[[given]]\nrecord = "member"\nwher = { level = "CENTRAL" }\n', "utf-8")
    with pytest.raises(Problems) as found:
        read_given(tmp_path)
    assert [(p.code, p.line, p.message) for p in found.value.items] == [
        ("E105", 1, "a row of [[given]] has 'record', 'where' and 'set'"),
        ("E103", 3, "unknown key 'wher'"),
    ]
