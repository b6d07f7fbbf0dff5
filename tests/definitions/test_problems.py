"""How problems look: the form of the terminal, the order, the limit, JSON."""

from __future__ import annotations

from engine.definitions.problems import Problem, Problems, did_you_mean, listed

TYPO = Problem(
    "E201",
    "transition 'approve' goes to unknown state 'aproved'",
    "workflows/delegation-out.toml",
    120,
    6,
    9,
    "did you mean 'approved'?",
    'to = "aproved"',
)


def test_a_problem_has_its_place_its_line_and_a_mark_with_the_hint():
    assert TYPO.text() == (
        "workflows/delegation-out.toml:120:6: E201 transition 'approve' goes to unknown state 'aproved'\n"
        '  120 | to = "aproved"\n'
        "      |      ^^^^^^^^^ did you mean 'approved'?"
    )


def test_a_problem_of_a_whole_file_has_no_line():
    assert Problem("E110", "cannot read this file: there is no such file", "a.toml").text() == (
        "a.toml: E110 cannot read this file: there is no such file"
    )


def test_marks_stand_below_wide_letters_tabs_and_combining_marks():
    wide = Problem("E1", "m", "f", 1, 4, 1, "", "漢字 x")
    tab = Problem("E1", "m", "f", 1, 3, 1, "", "\ta x"[:2] + "x")
    combining = Problem("E1", "m", "f", 1, 4, 1, "", "e\u0301 x")

    assert wide.text().split("\n")[2] == "      |      ^"
    assert tab.text().split("\n")[2] == "      | \t ^"
    assert combining.text().split("\n")[2] == "      |   ^"


def test_a_long_line_is_shown_around_its_mark():
    line = "a" * 500 + "HERE" + "b" * 500
    shown, mark = Problem("E1", "m", "f", 1, 501, 4, "", line).text().split("\n")[1:]

    assert len(shown) < 180
    assert shown[mark.index("^") : mark.index("^") + 4] == "HERE"
    assert shown[8] == "…" and shown.endswith("…")


def test_control_characters_of_a_line_do_not_reach_the_terminal():
    text = Problem("E1", "m", "f", 1, 1, 1, "", "a\x1b[31m\u202eb").text()

    assert "\x1b" not in text and "\u202e" not in text


def test_problems_are_sorted_and_said_once():
    later = Problem("E2", "later", "a.toml", 9, 1)
    earlier = Problem("E1", "earlier", "a.toml", 2, 5)
    other = Problem("E1", "other", "b.toml", 1, 1)

    assert Problems([other, later, earlier, later]).items == (earlier, later, other)


def test_two_hundred_are_printed_and_the_rest_is_counted():
    many = [Problem("E1", f"number {n}", "a.toml", n, 1) for n in range(1, 251)]

    text = listed(many)

    assert text.count("E1 number") == 200
    assert text.endswith("\nand 50 more problems")
    assert len(Problems(many).as_json()) == 250


def test_json_has_the_same_facts():
    assert TYPO.as_json() == {
        "code": "E201",
        "severity": "error",
        "message": "transition 'approve' goes to unknown state 'aproved'",
        "file": "workflows/delegation-out.toml",
        "line": 120,
        "column": 6,
        "length": 9,
        "source": 'to = "aproved"',
        "hint": "did you mean 'approved'?",
    }


def test_the_nearest_word_is_meant_or_none():
    assert did_you_mean("aproved", ["approved", "rejected"]) == "did you mean 'approved'?"
    assert did_you_mean("DRAFT", ["draft"]) == "did you mean 'draft'?"
    assert did_you_mean("N-10", ["N-03", "N-04"]) == ""
    assert did_you_mean("zebra", ["approved"]) == ""
