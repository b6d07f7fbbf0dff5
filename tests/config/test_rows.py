"""Rows of a register from CSV and TOML: types, and every refusal with file, line and reason."""

from __future__ import annotations

import pytest

from engine.config.rows import MAX_ROWS, Columns, read_rows
from engine.definitions.problems import Problems

HEAD = "id,plan_kind,plan_state,year,direction,head,countries,month,purpose,head_count,pm_per_trip,title"
ROW = 'P-01,CITY,IN_FORCE,2022,OUT,F01,"JP,KR",6,work,7,no,Đoàn Fukuoka'


@pytest.fixture
def columns(site):
    setup = site.load()

    def of(register: str) -> Columns:
        unique = setup.settings.file.registers[register].unique
        return Columns(setup.site.registers[register], setup.register_types[register], setup.directory, unique)

    return of


@pytest.fixture
def read(columns, tmp_path):
    def run(text: str | bytes, register: str = "plan_items", name: str = "rows.csv"):
        file = tmp_path / name
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_rows(file, columns(register))

    return run


def said(read, text, register="plan_items", name="rows.csv") -> list[str]:
    with pytest.raises(Problems) as caught:
        read(text, register, name)
    return [f"{p.line}: {p.message}{f' ({p.hint})' if p.hint else ''}" for p in caught.value.items]


def test_a_sheet(read):
    assert read(f"{HEAD}\n{ROW}\n") == [
        {
            "id": "P-01",
            "plan_kind": "CITY",
            "plan_state": "IN_FORCE",
            "year": 2022,
            "direction": "OUT",
            "head": "F01",
            "countries": ["JP", "KR"],
            "month": 6,
            "purpose": "work",
            "head_count": 7,
            "pm_per_trip": False,
            "title": "Đoàn Fukuoka",
        }
    ]


def test_what_a_spreadsheet_writes(read):
    """Byte order mark, semicolons, CRLF, a blank line, other order of columns, empty cells."""
    text = "\ufeffcountry;effect;ref;date;from;to\r\nJP;PERMITTED;05-HD;2022-01-05;2022-01-01;\r\n;;;;;\r\n"
    (row,) = read(text, "directives")
    assert row == {
        "country": "JP",
        "ref": "05-HD",
        "date": "2022-01-05",
        "effect": "PERMITTED",
        "from": "2022-01-01",
        "to": None,
    }


def test_a_quoted_cell_over_two_lines_keeps_the_count(read):
    text = f"{HEAD}\n{ROW.replace('Đoàn Fukuoka', chr(34) + 'Đoàn' + chr(10) + 'Fukuoka' + chr(34))}\n{ROW.replace('P-01', 'P-02').replace('2022', 'x')}\n"
    assert said(read, text) == ["4: 'year' must be a whole number, not 'x'"]


def test_an_apostrophe_makes_text_of_a_formula(read):
    assert read(f"{HEAD}\n{ROW.replace('Đoàn Fukuoka', chr(39) + '=SUM(A1)')}\n")[0]["title"] == "=SUM(A1)"


@pytest.mark.parametrize("cell", ["=1+1", "+84 24", "-cmd", "@SUM(A1)", "\t=1", " =1", "＝1", "＠x"])
def test_a_formula_is_refused(read, cell):
    text = f"{HEAD}\n{ROW.replace('Đoàn Fukuoka', cell)}\n"
    assert said(read, text) == ["2: 'title' starts like a formula; write an apostrophe before it if it is text"]


def test_a_negative_number_is_no_formula(read):
    assert read(f"{HEAD}\n{ROW.replace(',7,', ',-7,')}\n")[0]["head_count"] == -7


REFUSED = [
    (ROW.replace(",2022,", ",2022.0,"), "'year' must be a whole number, not '2022.0'"),
    (ROW.replace(",2022,", ",２０２２,"), "'year' must be a whole number, not '２０２２'"),
    (ROW.replace(",2022,", ",99999999999999999999,"), "'year' must be a whole number, not '99999999999999999999'"),
    (ROW.replace("F01", "F99"), "'F99' is not a person of the directory"),
    (ROW.replace("JP,KR", "JP,Korea"), "'countries' must be a country code of two capital letters, not 'Korea'"),
    (ROW.replace(",no,", ",maybe,"), "'pm_per_trip' must be yes or no, not 'maybe'"),
    (ROW.replace("P-01", ""), "the key 'id' is empty"),
    (ROW + ",one more", "the row has 13 cells, the header 12"),
    ("P-01,CITY", "the row has 2 cells, the header 12"),
    (ROW.replace("Đoàn Fukuoka", "x" * 2_001), None),
    (ROW.replace("Đoàn Fukuoka", '"open'), None),
]


@pytest.mark.parametrize(("row", "sentence"), REFUSED, ids=[str(n) for n in range(len(REFUSED))])
def test_a_bad_row_is_named(read, row, sentence):
    found = said(read, f"{HEAD}\n{row}\n")
    assert len(found) == 1 and found[0].startswith("2: "), found
    assert sentence is None or found == [f"2: {sentence}"]


def test_all_bad_rows_are_named(read):
    text = "\n".join(
        [
            HEAD,
            ROW,
            ROW.replace("P-01", "P-02").replace("F01", "G1"),
            ROW.replace("P-01", "P-03").replace(",no,", ",x,"),
        ]
    )
    assert [line.split(":")[0] for line in said(read, text)] == ["3", "4"]


def test_a_key_that_names_one_row_may_stand_once(read):
    assert said(read, f"{HEAD}\n{ROW}\n{ROW.replace('Fukuoka', 'Osaka')}\n") == ["3: P-01 stands on line 2 already"]


def test_a_row_may_stand_once_where_a_key_has_many(read):
    head, row = "country,ref,date,effect,from,to", "JP,05-HD,2022-01-05,PERMITTED,2022-01-01,"
    assert len(read(f"{head}\n{row}\n{row.replace('PERMITTED', 'SUSPENDED')}\n", "directives")) == 2
    assert said(read, f"{head}\n{row}\n{row}\n", "directives") == ["3: the same row stands on line 2"]


def test_columns_that_are_missing_unknown_or_twice(read):
    assert said(read, f"{HEAD.replace(',title', '')}\n{ROW}\n") == ["1: the header lacks the column title"]
    assert said(read, f"{HEAD.replace('title', 'titel')}\n{ROW}\n") == [
        "1: the header lacks the column title",
        "1: 'titel' is not a column of plan_items (did you mean 'title'?)",
    ]
    assert "1: the column 'month' stands there twice" in said(read, f"{HEAD.replace('purpose', 'month')}\n{ROW}\n")


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (HEAD.encode("utf-16"), 'this is UTF-16; save as "CSV UTF-8"'),
        (f"{HEAD}\n{ROW}\n".encode("cp1258", "replace").replace(b"?", b"\xd0"), 'is not UTF-8; save as "CSV UTF-8"'),
        (f"{HEAD}\nP\0\n".encode(), "the file holds a NUL byte: it is not CSV"),
        (b"", "the first line names the columns: id,plan_kind"),
        (f"{HEAD}\n".encode(), "the file has a header and no rows"),
    ],
    ids=["utf-16", "windows", "nul", "empty", "header alone"],
)
def test_bytes_that_are_no_sheet(read, data, sentence):
    (line,) = said(read, data)
    assert sentence in line


def test_too_many_rows(read):
    rows = "\n".join(f"c{n},1" for n in range(MAX_ROWS + 1))
    assert said(read, f"item,year\n{rows}\n", "dropped_items") == [
        f"{MAX_ROWS + 2}: a file may have 20,000 rows; divide it"
    ]


def test_another_kind_of_file(read):
    assert said(read, "x", name="rows.xlsx") == ["0: register rows come from a .csv or a .toml file"]


def test_toml(read):
    text = '[[trips]]\nperson = "F02"\nyear = 2022\nfrom = 2022-03-01\nto = 2022-03-05\nstate = "CLOSED"\n'
    assert read(text, "trips", "rows.toml") == [
        {"person": "F02", "year": 2022, "from": "2022-03-01", "to": "2022-03-05", "state": "CLOSED"}
    ]


def test_toml_mistakes_have_their_line(read):
    text = '[[trips]]\nperson = "F2"\nyear = "x"\nform = 2022-03-01\nstate = 1\n'
    assert said(read, text, "trips", "rows.toml") == [
        "2: 'F2' is not a person of the directory",
        "3: 'year' must be a whole number, not 'x'",
        "4: 'form' is not a column of trips (did you mean 'from'?)",
        "5: 'state' must be text of at most 2000 characters, not '1'",
    ]
    found = said(read, "[[trip]]\nx = 1\n", "trips", "rows.toml")
    assert "1: unknown key 'trip'; rows stand in [[trips]] (did you mean 'trips'?)" in found
