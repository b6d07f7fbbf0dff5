"""Reading TOML: places of every key and value, and what is refused before or by the parser."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.definitions.problems import Problem, Problems
from engine.definitions.source import Source

ROOT = Path(__file__).resolve().parents[2]


def leaves(value, path=()):
    yield path, value
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from leaves(item, (*path, key))


@pytest.mark.parametrize("name", ["workflows/delegation-out.toml", "workflows/site/directory.toml", "config.toml"])
def test_every_key_and_value_of_a_real_file_has_its_place(name):
    source = Source.read(ROOT / name)

    for path, value in leaves(source.data):
        if not path:
            continue
        assert path in source.spots, path
        place = source.place(path)
        written = place.text[place.column - 1 : place.column - 1 + place.length]
        if isinstance(value, str):
            assert written[1:-1] == value
        elif isinstance(value, bool):
            assert written == str(value).lower()


ODD = """\
# places of everything TOML can say
a.b."c d" = 1
'lit.eral' = '''
two
lines'''
list = [ # comment ] }
  1, [2, "x]"],
  { k = "v, }", n.m = 2022-01-01 },
]
multi = \"\"\"a \\"quoted\\" text\"\"\"\"

[table . sub]
x = 07:30:00 # not x = 1
[[many]]
y = 1
[[many]]
y = 2
[many.inner]
z = "last"
"""


def test_odd_but_right_toml_has_places_too():
    source = Source.read(ODD.encode(), "odd.toml")

    assert {path for path, _ in leaves(source.data)} - {()} <= set(source.spots)
    assert source.place(("a", "b", "c d"))[:3] == (2, 13, 1)
    assert source.place(("a", "b", "c d"), key=True)[:3] == (2, 5, 5)
    assert source.place(("list", 1, 1))[:3] == (7, 10, 4)
    assert source.place(("list", 2, "n", "m"))[:3] == (8, 23, 10)
    assert source.place(("table", "sub", "x"))[:3] == (13, 5, 8)
    assert source.place(("many", 1, "inner", "z"))[:3] == (19, 5, 6)
    assert source.place(("many", 1, "y"))[:3] == (17, 5, 1)


def test_what_is_not_written_stands_at_the_table_above():
    source = Source.read(b"[a]\nb = 1\n", "f.toml")

    assert source.place(("a", "missing"))[:3] == (1, 2, 1)
    assert source.place(("nothing",))[:2] == (1, 1)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_with_a_sentence(text):
    try:
        Source.read(text.encode("utf-8", "surrogatepass"), "any.toml")
    except Problems as error:
        assert all(problem.message for problem in error.items)


pieces = st.sampled_from(
    [
        '"',
        "'",
        '"""',
        "'''",
        "[",
        "]",
        "{",
        "}",
        "[[",
        "]]",
        "=",
        ".",
        ",",
        "\n",
        "#",
        "a",
        "b-1",
        " ",
        "1",
        "true",
        "\\",
        "2022-01-01",
    ]
)


@given(st.lists(pieces, max_size=40).map("".join))
def test_any_heap_of_marks_is_read_or_refused(text):
    try:
        source = Source.read(text.encode(), "heap.toml")
    except Problems as error:
        assert error.items[0].text()
        return
    for path, _ in leaves(source.data):
        assert source.place(path).line >= 1


@given(
    st.lists(
        st.sampled_from(
            [
                "[a]\n",
                "[a.b]\n",
                "[[c]]\n",
                "a = 1\n",
                "b.c = 2\n",
                "b = { x = 1, x = 2 }\n",
                "a = [1, {y = 1, y = 2}]\n",
                "]\n",
            ]
        ),
        max_size=12,
    ).map("".join)
)
def test_keys_declared_again_are_said_or_refused(text):
    repeated: list[Problem] = []
    try:
        source = Source.read(text.encode(), "again.toml", repeated)
    except Problems as error:
        assert error.items[0].text()
        return
    assert all(problem.code == "E311" and problem.line for problem in repeated)
    for path, _ in leaves(source.data):
        assert not path or path[0] in ("a", "b", "c")


BOMBS = {
    "a dotted key of 40 kB": (b"a." * 20_000 + b"b = 1", "E102 a line may have 10,000 characters; this one has 40,005"),
    "a dotted key below the line limit": (b"a." * 4_000 + b"b = 1", "E102 a key path may have 8 parts"),
    "500 nested lists": (b"a = " + b"[" * 500 + b"]" * 500, "E102 lists and tables may nest 16 deep"),
    "nested lists over lines": (b"a = " + b"[\n" * 500 + b"]\n" * 500, "E102 lists and tables may nest 16 deep"),
    "nested tables": (b"a = " + b"{a=" * 100 + b"1" + b"}" * 100, "E102 lists and tables may nest 16 deep"),
    "a number of 5,000 digits": (b"a = " + b"9" * 5_000, "E101 this is not TOML: a number has too many digits"),
    "a file of 300 kB": (b"# " + b"x" * 300_000, "E102 a file may have 256 kB; this one has more"),
    "200,000 keys": (
        b"\n".join(b"k%d=1" % n for n in range(200_000)),
        "E102 a file may have 256 kB; this one has more",
    ),
    "a byte order mark": (
        b"\xef\xbb\xbfa = 1",
        "E102 the file starts with a byte order mark; save as UTF-8 without BOM",
    ),
    "not UTF-8": ("a = 'Đoàn'".encode("utf-16"), "E102 byte 0xff is not UTF-8; save as UTF-8 without BOM"),
    "one wrong byte": (b"a = 1\nb = 'x\xe9'\n", "E102 byte 0xe9 is not UTF-8; save as UTF-8 without BOM"),
    "quotes without end": (b'a = """' + b"x" * 9_000, "E101 this is not TOML: unterminated string"),
    "many quotes": (b'"' * 9_001, "E101"),
    "half a date": (b"a = 2022-02-30", "E101 this is not TOML: invalid date or datetime"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_quickly(name):
    data, said = BOMBS[name]
    started = time.process_time()

    with pytest.raises(Problems) as refused:
        Source.read(data, "bomb.toml")

    assert time.process_time() - started < 0.5
    assert said in refused.value.items[0].text()


def test_a_file_that_is_not_there_is_one_sentence(tmp_path):
    with pytest.raises(Problems) as refused:
        Source.read(tmp_path / "none.toml")
    assert refused.value.items[0].message == "cannot read this file: there is no such file"

    with pytest.raises(Problems) as refused:
        Source.read(tmp_path)
    assert refused.value.items[0].message == "cannot read this file: is a directory"


def test_windows_line_ends_are_taken():
    source = Source.read(b"a = 1\r\nb = 2\r\n", "f.toml")

    assert source.place(("b",))[:3] == (2, 5, 1)
