"""A wrong scenario file is refused before anything is played, with the line, and with what was probably meant."""

from __future__ import annotations

import pytest

from engine.definitions.problems import Problem
from engine.scenarios.reader import read
from tests.scenarios.conftest import HEAD, SCENARIO, SUBMIT, played, story, written

# fmt: off
WRONG_ROWS = [
    (f'{SUBMIT}, thn = "SCREENING" }}', "E103", "unknown key 'thn' in a row", "did you mean 'then'?"),
    (f'{SUBMIT}, then = "SCREENNG" }}', "E562", "there is no state 'SCREENNG'", "did you mean 'SCREENING'?"),
    (f"{SUBMIT}, due = 3 }}", "E104", "'due' must be a date, a date with an hour, or \"none\"", ""),
    (f'{SUBMIT}, finds = ["R-99 block"] }}', "E565", "there is no rule 'R-99'", ""),
    (f'{SUBMIT}, finds = ["R-12 blok"] }}', "E565", "there is no kind of finding 'blok'", "did you mean 'block'?"),
    (f'{SUBMIT}, mails = ["N-10 F77"] }}', "E561", "'F77' is no person, body or field of persons", ""),
    (f'{SUBMIT}, mails = ["N-101 F17"] }}', "E566", "there is no notice 'N-101'", "did you mean 'N-1"),
    (f'{SUBMIT}, mails = ["2022-13-01 N-10 F17"] }}', "E104", "'mails': '2022-13-01' is not a date and time", ""),
    (f'{SUBMIT}, docs = ["D-1"] }}', "E567", "there is no document 'D-1'", "did you mean 'D-12'?"),
    (f'{SUBMIT}, waivers = ["R-12 GRANTD"] }}', "E565", "there is no state of an exception 'GRANTD'", "did you mean 'GRANTED'?"),
    (f'{SUBMIT}, publishes = ["trip F06"] }}', "E568", "there is no register 'trip'", "did you mean 'trips'?"),
    (f'{SUBMIT}, with = {{ titel = "x" }} }}', "E564", "the workflow has no field 'titel'", "did you mean 'title'?"),
    (f"{SUBMIT}, with = {{ waiver = {{ R-12 = {{ urgnt = 1 }} }} }} }}", "E564", "there is no ground 'urgnt'", "did you mean 'urgency'?"),
    ('{ at = 2022-06-06T09:00:00, who = "F99", does = "submit" }', "E561", "'F99' is not a person of the directory", ""),
    ('{ at = 2022-06-06T09:00:00, who = "F17", does = "submitt" }', "E563", "there is no action 'submitt'", "did you mean 'submit'?"),
    ('{ at = 2022-06-06T09:00:00, does = "submit" }', "E105", "'does' says what, 'who' is missing", ""),
    ('{ who = "F17", does = "submit" }', "E105", "the first row lacks the key 'at'", ""),
    ('{ at = "2022-06-06", who = "F17", does = "submit" }', "E104", "'at' must be a date or a date with an hour, for example 2022-05-04T09:00:00", ""),
    ('{ at = 2022-06-06T09:00:00, registers = { trips = [{ persn = "F06" }] } }', "E568", "register 'trips' has no column 'persn'", "did you mean 'person'?"),
]
# fmt: on


@pytest.fixture(scope="module")
def told(tmp_path_factory, site):
    """Line -> problems of one file that holds every wrong row, each in a scenario of its own."""
    text = HEAD + "".join(story(row, id=f"T-{number}") for number, (row, *_) in enumerate(WRONG_ROWS))
    found: dict[int, list[Problem]] = {}
    for problem in played(written(tmp_path_factory.mktemp("wrong"), text), site):
        found.setdefault(problem.line, []).append(problem)
    return found


def line_of(number: int) -> int:
    """The line of row `number`: a scenario has its head, one row and its end."""
    return HEAD.count("\n") + number * (SCENARIO.count("\n") + 2) + SCENARIO.count("\n") + 1


@pytest.mark.parametrize(("number", "row"), list(enumerate(WRONG_ROWS)), ids=[row[1] for row in WRONG_ROWS])
def test_a_wrong_row_is_told_with_its_line(told, number, row):
    _, code, message, hint = row
    (problem,) = told[line_of(number)]
    assert (problem.code, problem.message) == (code, message)
    assert hint in problem.hint


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ('workflow = "x"\nscenaro = []\n', "E103", "unknown key 'scenaro' in the file"),
        ('[[scenario]]\nid = "A"\n', "E105", "the file lacks the key 'workflow'"),
        ('workflow = "x"\n[[scenario]]\ntitle = "A"\n', "E105", "a scenario lacks the key 'id'"),
        ('workflow = "x"\n[[scenario]]\nid = "A"\n[[scenario]]\nid = "A"\n', "E311", "'A' is used twice, first on line 2"),
        ('workflow = "x"\n[[scenario]]\nid = "A"\nafter = "B"\n', "E560", "there is no story or scenario 'B'"),
        ('workflow = "x"\n[[scenario]]\nid = "A"\nafter = "A"\n', "E401", "'A' comes after 'A' itself"),
        ('workflow = "x"\n[[scenario]]\nid = "A"\ncase = "c"\n', "E560", "there is no dossier 'c'"),
        ('workflow = "x"\n[case.a]\nlike = "b"\n', "E560", "there is no dossier 'b' above"),
        ('workflow = "x"\ninclude = ["other.scenarios.toml"]\n', "E110", "there is no file 'other.scenarios.toml'"),
        ('workflow = "x"\n[[scenario]]\nid = "A"\nstory = [3]\n', "E104", "a row must be a table: { … }"),
        ('workflow = "x"\n[[scenario]]\nid = "A"\nstory = "x"\n', "E104", "'story' must be a list of tables"),
        ('workflow = "x"\n[[scenario]]\nid = "A"\nstory = [{ at = 2022-01-01, mails = ["KHẨN"] }]\n', "E104", "'mails': a name is missing"),
        ('workflow = "x"\nworkflow = "y"\n', "E311", "'workflow' is declared twice, first on line 1"),
        ("workflow = \n", "E101", "this is not TOML: invalid value"),
    ],
)  # fmt: skip
def test_a_wrong_file_is_told(problems, text, code, message):
    assert (code, message) in [(p.code, p.message) for p in problems(text)]


def test_a_workflow_that_is_not_there(problems):
    found = problems('workflow = "delegation-in"\n[[scenario]]\nid = "A"\n')
    assert [(p.code, p.message) for p in found] == [
        ("E110", "there is no file 'delegation-in.toml' beside this one, nor in the site")
    ]


def test_every_problem_of_a_file_is_told_at_once(rows):
    found = rows(f'{SUBMIT}, then = "X", docs = ["D-x"] }}', '{ who = "nobody", does = "nothing" }')
    assert [p.code for p in found] == ["E562", "E567", "E561", "E563"]


def test_files_that_include_each_other(tmp_path):
    path = written(tmp_path, 'workflow = "delegation-out"\ninclude = ["trial.scenarios.toml"]\n')
    with pytest.raises(Exception, match="includes this file"):
        read(path)
