"""Bad workflow files, one mistake at a time: what is said, word for word (bad_files.txt)."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.definitions.sample import changed, problems

Change = tuple[str, str]


def blocks() -> dict[str, tuple[list[Change], str]]:
    """name -> (changes, what is said)."""
    found: dict[str, tuple[list[Change], str]] = {}
    text = (Path(__file__).parent / "bad_files.txt").read_text("utf-8")
    for block in text.split("\n=== ")[1:]:
        name, *lines = block.rstrip("\n").split("\n")
        changes: list[list[list[str]]] = []
        while lines and lines[0][:2] in ("- ", "+ ", "-", "+"):
            mark, line = lines[0][0], lines.pop(0)[2:]
            if mark == "-" and (not changes or changes[-1][1]):
                changes.append([[], []])
            changes[-1]["-+".index(mark)].append(line)
        found[name] = ([("\n".join(old), "\n".join(new)) for old, new in changes], "\n".join(lines))
    return found


BLOCKS = blocks()


@pytest.mark.parametrize("name", BLOCKS)
def test_a_bad_file_says(name):
    changes, said = BLOCKS[name]

    found = problems(changed(*changes))

    assert "\n".join(problem.text() for problem in found) == said


def test_there_are_many_and_each_says_something():
    assert len(BLOCKS) >= 150
    assert all(said for _, said in BLOCKS.values())


CODES = (
    "E101 E102 E103 E104 E105 E106 E107 E108 E201 E202 E203 E204 E205 E206 E211 E212 E221 E222 E231 E241 E242 E243 "
    "E251 E261 E302 E303 E304 E305 E306 E307 E308 E311 E312 E321 E322 E401 E411"
)


@pytest.mark.parametrize("code", CODES.split())
def test_every_code_has_an_example(code):
    assert any(f": {code} " in said for _, said in BLOCKS.values())
