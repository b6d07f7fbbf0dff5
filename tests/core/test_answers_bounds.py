"""Amounts and days that look right and are not: refused, never rounded or read a hundred times too large."""

import pytest

from engine.core.answers import _date, _money, _number


@pytest.mark.parametrize(
    ("typed", "amount"),
    [
        ("412000000", 412_000_000),
        ("412.000.000", 412_000_000),
        ("412,000,000", 412_000_000),
        ("412 000 000 đồng", 412_000_000),
        ("VND 412,000,000", 412_000_000),
        ("0", 0),
        (900, 900),
        ("1.000,00", None),
        ("1.000.00", None),
        ("1.5", None),
        ("1e3", None),
        ("-5", None),
        (-5, None),
        ("４１２", None),
        ("٤١٢", None),
        ("1_000", 1000),
        ("12abc", None),
        ("9" * 20, None),
        (True, None),
    ],
)
def test_money_is_whole_dong(typed, amount):
    assert _money(typed) == amount


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("2022-09-04", "2022-09-04"),
        ("2024-02-29", "2024-02-29"),
        ("2022-02-29", None),
        ("2022-13-01", None),
        ("0001-01-01", None),
        ("9999-12-31", None),
        ("2022-W01-1", None),
        ("04/9/2022", None),
        ("２022-09-04", None),
    ],
)
def test_days_stay_in_this_century(typed, day):
    assert _date(typed) == day


def test_a_number_is_ascii_digits():
    assert _number("12") == 12 and _number("-3") == -3
    assert _number("٣") is None and _number("1_0") is None and _number("9" * 400) is None
