"""Checks that need more than one change: warnings, the site, speed, unusual texts. Single mistakes: bad_files.txt."""

from __future__ import annotations

import time
from pathlib import Path
from random import Random

import pytest

from engine.core.directory import Body
from engine.definitions import expression
from engine.definitions.loader import load_bytes, load_file
from engine.definitions.problems import Problems
from tests.definitions.sample import TRIP, changed, load, problems, site


def warnings(text: str, tmp_path, names=None) -> list[str]:
    path = tmp_path / "trip.toml"
    path.write_text(text, "utf-8")
    return [
        item.text().split("\n")[0].removeprefix(f"{tmp_path}/") for item in load_file(path, names or site()).warnings
    ]


def test_the_sample_is_right(tmp_path):
    assert warnings(TRIP, tmp_path) == []


# -- warnings


def test_a_body_that_is_not_informed_is_a_warning_that_names_the_rule(tmp_path):
    assert warnings(changed(('to = ["author", "archive"]', 'to = ["author"]')), tmp_path) == [
        "trip.toml:131:1: W271 R-34: notice 'N-03' does not go to 'archive'"
    ]


def test_a_body_informed_on_a_condition_is_not_informed(tmp_path):
    text = changed(('to = ["author", "archive"]', 'to = ["author", "archive if size > 3"]'))

    assert "W271 R-34: notice 'N-03' does not go to 'archive'" in warnings(text, tmp_path)[0]


def test_who_gets_another_notice_is_informed_by_it(tmp_path):
    text = changed(
        ('notices = ["N-03"]', 'notices = ["N-03", "N-04"]'),
        ('mail = "N-03" }\nREFUSED', 'mail = ["N-03", "N-04"] }\nREFUSED'),
    )

    assert warnings(text + 'N-04 = { kind = "info", to = ["N-03"], vi = "a", en = "a" }\n', tmp_path) == []


UNUSED = {
    "notice": ('N-01 = { kind', 'N-09 = { kind = "info", to = ["author"], vi = "a", en = "a" }\nN-01 = { kind'),
    "document": ('D-02 = {', 'D-09 = { issuer = "unit", vi = "a", en = "a" }\nD-02 = {'),
    "limit": ('[limits]', '[limits]\nidle = { normal = "1 day" }'),
    "ladder": ('[ladder.step]', '[ladder.idle]\nrungs = [{ at = "due", to = ["holder"], send = "N-02" }]\n\n[ladder.step]'),
    "group": ('[groups]', '[groups]\nidle = ["DRAFT"]'),
    "route": ('[route]', '[route]\nidle = [{ id = "A", to = "DONE" }]'),
    "record": ('[record.member]', '[record.idle]\na = { type = "text", vi = "a", en = "a" }\n\n[record.member]'),
    "choices": ('[choices]', '[choices]\nidle = { A = ["a", "a"] }'),
    "obligation": ('[obligation]', '[obligation]\nidle = { owner = "unit", due = "departure", vi = "a", en = "a" }'),
    "action": ('[actions]', '[actions]\nidle = { vi = "a", en = "a" }'),
    "parameter": ('[parameters]', '[parameters]\nidle = 1'),
    "let": ('[let]', '[let]\n"idle(a)" = "a > 1"'),
    "guard": ('[lift.R-16]', '[guard.idle]\ncheck = "true"\nvi = "a"\nen = "a"\n\n[lift.R-16]'),
    "ground": ('[fields.waiver]', '[fields.waiver]\nidle = { type = "text", vi = "a", en = "a" }'),
}  # fmt: skip


@pytest.mark.parametrize("kind", UNUSED)
def test_a_name_nobody_uses_is_a_warning(kind, tmp_path):
    found = warnings(changed(UNUSED[kind]), tmp_path)

    assert len(found) == 1 and f"W261 {kind} '" in found[0] and found[0].endswith("is never used")


def test_a_plain_let_may_be_there_for_documents(tmp_path):
    assert warnings(changed(("[let]", '[let]\nlate = "departure < today"')), tmp_path) == []


WARNINGS = {
    "assurance": (
        ('who = "board", mail', 'who = "board", assurance = "link+code", mail'),
        "W291 assurance 'link+code' cannot be run by this release: 'publish' refuses it",
    ),
    "same instant": (
        ("[on.DECISION]", '[on.DECISION]\nexpire = { to = "REFUSED", at = "departure" }'),
        "W201 in 'DECISION' the clock does 'lapse' and 'expire' at the same instant; the upper line comes first",
    ),
    "every way has an if": (
        ('submit = { to = "REVIEW", submits', 'submit = { if = "size > 0", to = "REVIEW", submits'),
        "W203 every way out of 'DRAFT' has an 'if' ('submit'); where none holds, a case stays for ever",
    ),
    "own and group": (
        ("[on.REVIEW]\n", '[on.REVIEW]\nreject = { to = "REFUSED" }\n'),
        "W202 'reject' of 'REVIEW' takes the place of the one on group 'open'",
    ),
    "mixed letters": (('en = "Draft"', 'en = "Drаft"'), "W281 the word 'Drаft' mixes Cyrillic and Latin letters"),
    "braces in a label": (
        ('en = "Draft"', 'en = "Draft {size}"'),
        "W282 {…} is filled in rules, notices and obligations only; here it is printed as it stands",
    ),
    "empty seat": (
        ('who = "registry"', 'who = "registry.head"'),
        "W241 who holds 'REVIEW': nobody holds the seat 'head' of 'registry'",
    ),
}


@pytest.mark.parametrize("name", WARNINGS)
def test_a_doubtful_file_warns(name, tmp_path):
    change, said = WARNINGS[name]

    assert any(item.endswith(said) for item in warnings(changed(change), tmp_path))


# -- the site


def test_without_a_site_its_names_are_not_asked_for():
    text = changed(('who = "registry"', 'who = "regstry"'), ("trips(p.id, year(departure))", "tripz(p.id)"))

    assert len(problems(text)) >= 2
    assert load_bytes({"trip.toml": text.encode()}, "trip.toml", None).states["REVIEW"].who == ("regstry",)


def test_a_document_needs_a_template():
    found = problems(TRIP, site(templates=frozenset({"D-01", "D-03"})))

    assert [item.message for item in found] == ["document 'D-02' has no template"]


def test_a_list_of_the_site_may_act():
    assert problems(changed(('by = ["unit.clerk"]', 'by = ["all units"]'))) == ()


def test_a_body_of_the_directory_may_be_named_in_expressions():
    names = site()
    names.directory.bodies["harbour"] = Body("harbour")

    assert (
        problems(changed(('check = "!(purpose in barred) && !busy"', "check = \"unit.slug != 'harbour'\"")), names)
        == ()
    )


# -- limits


def big(states: int, rules: int = 20) -> str:
    """A chain of states with a way back and guards."""
    lines = ['workflow = "big"', 'vi = "Lớn"', 'en = "Big"', 'start = { state = "S0", by = ["board"] }', "", "[states]"]
    lines += [
        f'S{n} = {{ vi = "Bước {n}", en = "State {n}", who = "{("board", "registry")[n % 2]}" }}' for n in range(states)
    ]
    lines += ['END = { vi = "Xong", en = "End", final = "good" }', "", "[actions]"]
    lines += ['go = { vi = "Đi", en = "Go" }', 'back = { vi = "Lại", en = "Back" }']
    for n in range(states):
        lines += [
            f"[on.S{n}]",
            f'go = {{ to = "{f"S{n + 1}" if n < states - 1 else "END"}", needs = ["g{n % rules}"] }}',
        ]
        lines += [f'back = {{ to = "S{max(0, n - 3)}" }}'] if n else []
    for n in range(rules):
        lines += [f"[guard.g{n}]", f"check = \"took('go') && x{n} > {n}\"", 'vi = "a {x1}"', 'en = "a {x2}"']
    lines += ["[fields.main]"] + [f'x{n} = {{ type = "number", vi = "x", en = "x" }}' for n in range(rules)]
    return "\n".join(lines) + "\n"


def test_two_hundred_states_are_checked_in_a_second():
    text = big(200)
    started = time.process_time()  # of this process: other work on the machine does not count

    assert len(load(text).states) == 201
    assert time.process_time() - started < 1


@pytest.mark.slow
def test_more_than_five_hundred_states_are_refused():
    assert load(big(499)).name == "big"
    found = problems(big(501))
    assert [item.message for item in found] == ["a workflow may have 500 states; this one has 502"]


def test_an_expression_may_have_two_thousand_characters():
    fits, long = "size <= max_size" + " " * 1_984, "size <= max_size" + " " * 1_985

    assert problems(changed(('check = "size <= max_size"', f'check = "{fits}"'))) == ()
    assert [item.code for item in problems(changed(('check = "size <= max_size"', f'check = "{long}"')))] == ["E307"]


@pytest.mark.parametrize(
    "text", ["(" * 900 + "1" + ")" * 900, "!" * 1_900 + "true", "[" * 900 + "]" * 900, "a." * 900 + "b", "-" * 1_990]
)
def test_deep_expressions_are_refused_and_not_a_crash(text):
    assert problems(changed(('check = "size <= max_size"', f'check = "{text}"')))


@pytest.mark.parametrize("name", ["zero width", "right-to-left", "NUL", "line end"])
def test_invisible_characters_are_refused_where_people_read(name):
    char = {"zero width": "\u200b", "right-to-left": "\u202e", "NUL": "\\u0000", "line end": "\\n"}[name]

    found = problems(changed(('en = "Draft"', f'en = "Dra{char}ft"')))

    assert [item.code for item in found] == ["E109"]
    assert "the text holds the invisible character U+" in found[0].message


def test_expressions_may_stand_on_several_lines():
    assert problems(changed(('check = "size <= max_size"', 'check = """\nsize\n  <= max_size"""'))) == ()


def test_everything_wrong_is_said_at_once():
    text = changed(
        ('en = "Draft"', 'en = ""'),
        ('approve = { to = "DONE"', 'approve = { to = "DOEN"'),
        ('mail = "N-01", limit = "review", ladder', 'mail = "N-10", limit = "review", ladder'),
        ('check = "size <= max_size"', 'check = "sise <= max_size"'),
        ('normal = "3 working days"', 'normal = "3 workdays"'),
    )

    assert [item.code for item in problems(text)] == ["E106", "E261", "E201", "E302", "E231"]


def said(text: str) -> list[str]:
    return [item.text().split("\n")[0] for item in problems(text)]


def test_a_key_declared_twice_does_not_hide_what_else_is_wrong():
    assert said(changed(("max_size = 7", "max_size = 7\nmax_size = 8"), ('en = "Draft"', 'en = ""'))) == [
        "trip.toml:13:1: E311 'parameters.max_size' is declared twice, first on line 12",
        "trip.toml:47:32: E106 the text is empty",
    ]


def test_a_table_declared_twice_is_joined_and_checked():
    more = '[notices]\nN-01 = { kind = "info", to = ["author"], vi = "a", en = "a" }\nN-07 = { kind = "info", to = ["author"], vi = "a", en = "{sise}" }\n\n'

    assert said(changed(("[obligation]", more + "[obligation]"))) == [
        "trip.toml:123:59: E302 unknown name 'sise'",
        "trip.toml:132:2: E311 'notices' is declared twice, first on line 121",
        "trip.toml:133:1: E311 'notices.N-01' is declared twice, first on line 122",
    ]


def test_a_key_twice_in_an_inline_table_is_left_out():
    assert said(changed(('who = "author", edit', 'who = "author", who = "board", edit'))) == [
        "trip.toml:46:57: E311 'states.DRAFT.who' is declared twice, first on line 46"
    ]


def test_a_syntax_error_is_said_beside_a_key_declared_twice():
    assert said(changed(("max_size = 7", "max_size = 7\nmax_size = 8"), ('en = "Draft"', "en = Draft"))) == [
        "trip.toml:13:1: E311 'parameters.max_size' is declared twice, first on line 12",
        "trip.toml:47:32: E101 this is not TOML: invalid value",
    ]


def test_many_keys_declared_twice_end_somewhere():
    found = said(changed(("max_size = 7", "max_size = 7\n" * 60)))

    assert len(found) == 20


def test_a_let_of_a_few_words_is_one_of_them():
    text = changed(
        ("[let]", "[let]\nbasis = \"max_size > 3 ? 'PLAN' : 'TRIP'\""),
        ('check = "size <= max_size"', "check = \"basis == 'PLAM'\""),
    )

    assert said(text) == ["trip.toml:89:19: E305 'PLAM' is not a value of 'basis'"]


def test_a_computed_choice_is_one_of_its_values():
    value = "value = \"given(m.task) ? 'AGREE' : 'NONE'\""

    assert said(
        changed(
            (
                'opinion = { type = "opinion?"',
                f'judged = {{ type = "opinion", {value}, vi = "a", en = "a" }}\nopinion = {{ type = "opinion?"',
            )
        )
    ) == ["trip.toml:30:65: E305 'NONE' is not a value of 'opinion'"]


# -- the tree of an expression


def test_a_tree_knows_bound_and_free_names_and_depth():
    term = expression.read("members.filter(m, m.person.id == head.id).all(x, rows.exists(y, y == x))")

    assert expression.free(term) == {"members", "head", "rows"}
    assert expression.bound(term) == {"m", "x", "y"}
    assert expression.depth(term, {}) == 2


def test_depth_counts_what_functions_bring():
    inner = expression.read("rows.exists(r, r == v)")
    outer = expression.read("members.all(m, f(m) && f(rows.exists(q, q == m)))")

    assert expression.depth(outer, {"f": (("v",), inner)}) == 3


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(8))
def test_a_file_broken_at_random_is_refused_with_sentences_or_loads(seed):
    random = Random(seed)
    lines = (Path(__file__).resolve().parents[2] / "workflows" / "delegation-out.toml").read_text("utf-8").split("\n")
    for _ in range(25):
        broken = list(lines)
        for _ in range(random.choice((1, 2, 5))):
            place, other = random.randrange(len(broken)), random.randrange(len(broken))
            column = random.randrange(len(broken[place]) + 1)
            broken[place] = random.choice(
                (
                    "",
                    broken[other],
                    broken[place][:column] + broken[place][column + 1 :],
                    broken[place][:column] + random.choice("{}[]()\"'.,=?:xX1 é\u200b") + broken[place][column:],
                )
            )
        try:
            load_bytes({"w.toml": "\n".join(broken).encode()}, "w.toml", None)
        except Problems as error:
            assert all(problem.message and problem.text() for problem in error.items)
