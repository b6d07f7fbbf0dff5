"""How papers write days, counts, money, numbers in words, and in which order names stand."""

from __future__ import annotations

from datetime import date

import pytest

from engine.documents.vietnamese import NBSP, long_day, lower_first, money, name_key, short_day, words

IN_WORDS = {
    0: "không",
    5: "năm",
    10: "mười",
    11: "mười một",
    15: "mười lăm",
    20: "hai mươi",
    21: "hai mươi mốt",
    24: "hai mươi bốn",
    55: "năm mươi lăm",
    100: "một trăm",
    101: "một trăm linh một",
    105: "một trăm linh năm",
    110: "một trăm mười",
    115: "một trăm mười lăm",
    1000: "một nghìn",
    1010: "một nghìn không trăm mười",
    2022: "hai nghìn không trăm hai mươi hai",
    1_000_005: "một triệu không trăm linh năm",
    400_750_000: "bốn trăm triệu bảy trăm năm mươi nghìn",
    1_234_567_890: "một tỷ hai trăm ba mươi bốn triệu năm trăm sáu mươi bảy nghìn tám trăm chín mươi",
    1_000_000_000_001: "một nghìn tỷ không trăm linh một",
}


@pytest.mark.parametrize(("number", "said"), IN_WORDS.items())
def test_numbers_are_read_in_the_northern_way(number: int, said: str) -> None:
    assert words(number) == said


def test_numbers_that_no_paper_has_are_refused() -> None:
    for number in (-1, 10**18):
        with pytest.raises(ValueError, match="cannot be written in words"):
            words(number)


@pytest.mark.parametrize(
    ("day", "long", "short"),
    [
        (date(2020, 1, 5), "ngày 05 tháng 01 năm 2020", "05/01/2020"),
        (date(2022, 2, 28), "ngày 28 tháng 02 năm 2022", "28/02/2022"),
        (date(2022, 3, 5), "ngày 05 tháng 3 năm 2022", "05/3/2022"),
        (date(2022, 10, 24), "ngày 24 tháng 10 năm 2022", "24/10/2022"),
    ],
)
def test_days_have_two_digits_and_only_the_first_two_months(day: date, long: str, short: str) -> None:
    assert long_day(day).replace(NBSP, " ") == long
    assert long_day(day).count(NBSP) == 3  # a word stays with its number
    assert short_day(day) == short


def test_lists_of_people_go_by_given_name() -> None:
    listed = ["Trần Văn Ơn", "Lê Thị Ánh", "Đỗ Văn Đức", "Bùi An", "Nguyễn Văn Dũng", "Phạm Ân", "Lê Văn Ánh", "Đỗ Ăn"]
    assert sorted(listed, key=name_key) == [
        "Bùi An",
        "Lê Thị Ánh",
        "Lê Văn Ánh",
        "Đỗ Ăn",
        "Phạm Ân",
        "Nguyễn Văn Dũng",
        "Đỗ Văn Đức",
        "Trần Văn Ơn",
    ]
    assert sorted(["mã", "mạ", "má", "mả", "mà", "ma"], key=name_key) == ["ma", "mà", "mả", "mã", "má", "mạ"]


def test_small_things() -> None:
    assert money(1_250_000) == "1.250.000"
    assert lower_first("Thông báo") == "thông báo"
    assert lower_first("UBND Thành phố") == "UBND Thành phố"
