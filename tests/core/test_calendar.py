"""Sums of the scenarios, each checked by hand there: working days skip weekends and holidays, and say so."""

from datetime import date

import pytest

from engine.core.calendar import Calendar, add_months
from engine.core.model import Duration, Time
from engine.core.times import limit_due, moment

VIETNAM = Calendar(holidays={"2022-09-01": "Quốc khánh", "2022-09-02": "Quốc khánh"}, working={"2022-09-10": "Làm bù"})


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2022-05-04", 3, "2022-05-09"),
        ("2022-05-06", 5, "2022-05-13"),
        ("2022-06-06", -20, "2022-05-09"),
        ("2022-08-31", 1, "2022-09-05"),
        ("2022-09-09", 1, "2022-09-10"),
        ("2022-05-04", 0, "2022-05-04"),
    ],
)
def test_working_days(start, count, end):
    assert VIETNAM.working_days(date.fromisoformat(start), count).isoformat() == end


def test_the_derivation_names_every_day_left_out():
    made = VIETNAM.derive_working_days(date(2022, 8, 31), 1)
    assert made.skipped == (
        ("2022-09-01", "Quốc khánh"),
        ("2022-09-02", "Quốc khánh"),
        ("2022-09-03", "weekend"),
        ("2022-09-04", "weekend"),
    )


def test_a_limit_ends_at_five_in_the_afternoon():
    due, _ = limit_due(Duration(3, "working_days"), VIETNAM.at(date(2022, 5, 4), "09:00:00"), VIETNAM)
    assert VIETNAM.local(due).isoformat() == "2022-05-09T17:00:00+07:00"


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        (Time("due"), "2022-06-22T00:00:00+07:00"),
        (Time("due", end_of=True), "2022-06-23T00:00:00+07:00"),
        (Time("due", end_of=True, count=-1, unit="seconds"), "2022-06-22T23:59:59+07:00"),
        (Time("due", count=-3), "2022-06-19T00:00:00+07:00"),
        (Time("due", count=1, unit="months"), "2022-07-22T00:00:00+07:00"),
    ],
)
def test_moments(time, expected):
    made = moment(time, lambda name: date(2022, 6, 22), VIETNAM)
    assert made is not None
    assert VIETNAM.local(made[0]).isoformat() == expected


def test_an_empty_anchor_is_no_moment():
    assert moment(Time("due"), lambda name: None, VIETNAM) is None


def test_months_end_at_the_last_day():
    assert add_months(date(2024, 1, 31), 1) == date(2024, 2, 29)
    assert add_months(date(2022, 12, 15), 2) == date(2023, 2, 15)
