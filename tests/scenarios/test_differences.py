"""The runner can fail: each expectation that does not hold is told with what was expected, what came, and why."""

from __future__ import annotations

import pytest

from engine.scenarios import run, run_files
from engine.store.database import DatabaseRefused, migrate
from tests.scenarios.conftest import HEAD, SCENARIO, SUBMIT, story, written

# fmt: off
DIFFERENCES = [
    ('then = "ORG_REVIEW"', "E501", "the state is SCREENING", "expected: ORG_REVIEW"),
    ("entered = 2022-06-07", "E502", "SCREENING since 2022-06-06 Mon 09:00", "expected: 2022-06-07 Tue"),
    ('states = ["ORG_REVIEW"]', "E501", "other states were entered", "entered: 2022-06-06 Mon 09:00 SCREENING"),
    ('refused = ["R-01"]', "E503", "submit by F17 (Kiều Thị Thử) was not refused", "expected: R-01"),
    ('finds = ["R-12 exception"]', "E505", "other findings", "expected and not found: R-12 exception"),
    ('waivers = ["R-12 REQUESTED"]', "E506", "other exception requests", "expected and not there: R-12 REQUESTED"),
    ('route = "C4a"', "E507", "the row chosen is none", "expected: C4a"),
    ("value = { size = 8 }", "E508", "'size' is 7", "expected: 8"),
    ("value = { lead_time = true }", "E508", "'lead_time' is 20", "expected: true"),
    ('value = { "1 +" = 1 }', "E508", "'1 +' has no value", ""),
    ("due = 2022-06-10T17:00:00", "E509", "the step is due 2022-06-09 Thu 17:00", "because: screening: 3 working days after 2022-06-06 → 2022-06-09"),
    ('due = "none"', "E509", "the step is due 2022-06-09 Thu 17:00", "expected: no date"),
    ('docs = ["D-01"]', "E510", "other documents", "there and not expected: 2022-06-06 Mon 09:00 D-02 trung_tam_xuc_tien_dau_tu_thuong_mai_du_lich"),
    ('mails = ["N-10 F17"]', "E511", "other mails were sent", "sent and not expected: 2022-06-06 Mon 09:00 N-11 F21"),
    ('mails = ["N-10 F17", "N-11 cc F21"]', "E511", "other mails were sent", "expected and not sent: N-11 cc F21"),
    ('mails = ["N-10 F17", "2022-06-07 N-11 F21"]', "E511", "other mails were sent", "sent: 2022-06-06 Mon 09:00 N-11 F21"),
    ('mails = ["N-10 F17", "KHẨN N-11 F21"]', "E511", "other mails were sent", "expected and not sent: N-11 F21"),
    ('sent = ["N-13"]', "E512", "not sent: N-13", "sent: 2022-06-06 Mon 09:00 N-10 F17"),
    ('not_mails = ["N-11"]', "E512", "N-11 was sent", "2022-06-06 Mon 09:00 N-11 F21"),
    ('issued = ["D-07"]', "E510", "D-07 was not issued", "issued: 2022-06-06 Mon 09:00 D-01"),
    ('not_issued = ["D-01"]', "E510", "D-01 was issued", ""),
    ("pending = []", "E513", "the clock will do other things", "there and not expected: 2022-06-09 Thu 08:00 N-37"),
    ('publishes = ["trips F06"]', "E514", "no such row: trips F06", "the case shows no row of this register"),
    ("offers = { F21 = [] }", "E515", "F21 is offered forward, not_consider, reject, return", "expected: nothing"),
    ('recorded = { by = "F21" }', "E516", "by is 'F17'", "expected: 'F21'"),
    ("version = 2", "E517", "the case follows version 1", "expected: 2"),
    ("repeated = true", "E503", "the act was recorded anew", ""),
]
# fmt: on


@pytest.fixture(scope="module")
def told(tmp_path_factory, site):
    """Id -> problems of one file in which every scenario submits and expects one wrong thing."""
    stories = [story(f"{SUBMIT}, {row} }}", id=f"T-{number}") for number, (row, *_) in enumerate(DIFFERENCES)]
    path = written(tmp_path_factory.mktemp("differences"), HEAD + "".join(stories))
    return {result.id: result.problems for result in run(path, site=site)}


@pytest.mark.parametrize(("number", "difference"), list(enumerate(DIFFERENCES)), ids=[row[0] for row in DIFFERENCES])
def test_a_difference_is_told(told, number, difference):
    _, code, message, hint = difference
    (problem,) = told[f"T-{number}"]
    assert (problem.code, problem.message) == (code, f"T-{number}: {message}")
    assert hint in problem.hint


def test_the_place_is_that_of_the_expectation(rows):
    (problem,) = rows(f"{SUBMIT}, due = 2022-06-10T17:00:00 }}")
    assert problem.text().splitlines()[1:] == [
        f"{problem.line:>5} | " + f"{SUBMIT}, due = 2022-06-10T17:00:00 }}",
        "      | " + " " * len(f"{SUBMIT}, due = ") + "^" * 19 + " expected: 2022-06-10 Fri 17:00",
        "       because: screening: 3 working days after 2022-06-06 → 2022-06-09",
    ]
    assert problem.line == HEAD.count("\n") + SCENARIO.count("\n") + 1


def test_an_act_that_is_refused_unexpectedly_tells_its_reasons_and_ends_the_story(rows):
    found = rows(f'{SUBMIT}, with = {{ plan_item = "" }} }}', '{ at = 2022-06-07, then = "ORG_REVIEW" }')
    assert [(p.code, p.message) for p in found] == [("E503", "T-1: submit by F17 (Kiều Thị Thử) was refused")]
    assert "No item of an approved plan" in found[0].hint


@pytest.mark.slow
def test_a_wrong_reason_is_told_beside_the_given_ones(rows):
    found = rows(f'{SUBMIT}, with = {{ plan_item = "" }}, refused = ["R-10"] }}')
    assert [p.code for p in found] == ["E503"]
    assert found[0].hint.startswith("expected and not given: R-10\n       given: No item of an approved plan")


def test_mails_after_the_end_are_told(problems):
    text = HEAD + story(f"{SUBMIT} }}") + "[scenario.finally]\nquiet_after = 2022-06-06T09:00:00\n"
    (problem,) = problems(text)
    assert (problem.code, problem.message) == ("E511", "T-1: mails were sent afterwards")
    assert "sent: 2022-06-09 Thu 08:00 N-37 F21" in problem.hint


def test_a_clock_that_runs_backwards(rows):
    found = rows(f"{SUBMIT} }}", '{ at = 2022-06-05, then = "SCREENING" }')
    assert [(p.code, p.message) for p in found] == [
        ("E571", "T-1: the clock does not run backwards: the row before is later")
    ]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ('members = { people = ["F06"], days = ["x"] }', None),
        ('itinerary = { days = ["07-32 VISIT JP"] }', "'itinerary': '07-32' is not a day: 06-07, or 2022-06-07"),
        ('itinerary = { days = ["07-12..07-11 VISIT JP"] }', "'itinerary': '07-12..07-11' is not a span of days"),
        ('members = { people = ["X5..X1"] }', "'members': 'X5..X1' is not a range of people"),
        ('opinion = "AGREE"', "'opinion' is not asked by submit"),
    ],
)
def test_a_short_form_that_cannot_be_read(rows, given, message):
    found = rows(f"{SUBMIT}, with = {{ {given} }} }}")
    if message:
        assert [(p.code, p.message) for p in found] == [("E570", f"T-1: {message}")]
    else:
        assert [p.code for p in found] == ["E503"]


def test_a_story_without_a_case(problems):
    text = HEAD + '[[scenario]]\nid = "T-1"\nstory = [{ at = 2022-06-06, who = "F17", does = "submit" }]\n'
    assert [(p.code, p.message) for p in problems(text)] == [
        ("E560", "T-1: there is no case yet: name a dossier with 'case', or start one with 'opens'")
    ]


@pytest.mark.parametrize(("expected", "codes"), [("", ["E503"]), (', refused = ["no authority"]', [])])
def test_an_author_who_may_not_start_a_case(problems, expected, codes):
    text = HEAD + story(f'{{ at = 2022-06-06, who = "F13", does = "submit"{expected} }}')
    assert [
        p.code for p in problems(text.replace('case = "tokyo"', 'case = "tokyo"\nwith = { author = "F13" }'))
    ] == codes


@pytest.mark.slow
def test_a_run_tells_each_scenario_and_ends_with_one_when_something_is_wrong(tmp_path, site):
    path = written(tmp_path, HEAD + story(f"{SUBMIT} }}", id="A") + story(f"{SUBMIT}, version = 2 }}", id="B"))
    told: list[str] = []
    assert run_files([path], site=site, report=told.append) == 1
    assert told[0].startswith("ok    A") and told[1].startswith("FAIL  B") and "E517" in told[1]
    assert told[-1] == "1 scenario as written, 1 not"
    assert run_files([path], site=site, only=("A",), report=told.append) == 0
    assert run_files([path], site=site, only=("A", "C-*"), report=told.append) == 1
    assert told[-2] == "no scenario of these files is called 'C-*'"
    assert run_files([tmp_path / "none.toml"], site=site, report=told.append) == 1


def test_a_database_that_somebody_works_with_is_refused(tmp_path, site, postgres_url):
    path = written(tmp_path, HEAD + story(f"{SUBMIT} }}", id="A"))
    assert run_files([path], site=site, database_url=postgres_url, report=lambda text: None) == 0
    assert run_files([path], site=site, database_url=postgres_url, report=lambda text: None) == 0  # it was left empty
    migrate(postgres_url)
    with pytest.raises(DatabaseRefused, match="not empty"):
        run_files([path], site=site, database_url=postgres_url, report=lambda text: None)
