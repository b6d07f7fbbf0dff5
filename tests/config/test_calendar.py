"""calendar.toml: the file, the library beside it, and every mistake with its line."""

from __future__ import annotations

from datetime import date

import pytest


def test_the_days_of_2022(site):
    calendar = site.load().calendar
    assert (calendar.name, calendar.zone_minutes, calendar.weekend) == ("vn-2022", 420, (5, 6))
    assert (calendar.day_ends, calendar.mail_at) == ("17:00:00", "08:00:00")
    assert calendar.day_off(date(2022, 2, 1)) == "Tết Nguyên đán" and calendar.day_off(date(2022, 2, 7)) == ""
    assert calendar.day_off(date(2022, 5, 3)) == "Nghỉ bù ngày 1/5"


def test_the_library_fills_years_that_are_not_given_whole(site):
    calendar = site.load().calendar
    assert calendar.holidays["2024-09-02"] == "Quốc khánh"
    assert calendar.holidays["2023-01-20"] == "Tết Nguyên đán"  # the file's own name
    assert "2022-01-01" not in calendar.holidays  # 2022 is given whole
    assert min(calendar.holidays) >= "2020" and max(calendar.holidays) < "2041"


def test_without_library_only_the_file_counts(site):
    site.edit('library   = "VN"', "# library", site.calendar)
    assert {year[:4] for year in site.load().calendar.holidays} == {"2022", "2023"}


def test_a_saturday_worked_instead(site):
    text = site.calendar.read_text("utf-8")
    site.calendar.write_text(text + '\n2024-09-07 = "Làm bù"\n2024-09-02 = "Trực"\n', "utf-8")
    calendar = site.load().calendar
    assert calendar.day_off(date(2024, 9, 7)) == "" and calendar.day_off(date(2024, 9, 2)) == ""
    assert calendar.working_days(date(2024, 9, 6), 1) == date(2024, 9, 7)


def test_the_digest_changes_with_what_counts_and_with_nothing_else(site):
    before = site.load().calendar.digest
    text = site.calendar.read_text("utf-8")
    site.calendar.write_text("# a remark\n" + text, "utf-8")
    assert site.load().calendar.digest == before and len(before) == 64
    site.edit("17:00:00", "16:30:00", site.calendar)
    assert site.load().calendar.digest != before


REFUSED = [
    ('"+07:00"', '"+08:00"', "zone ", "the site's zone Asia/Ho_Chi_Minh is +07:00, not +08:00"),
    ('"+07:00"', '"Hanoi"', "zone ", "'Hanoi' is not an offset such as +07:00"),
    ('"Sunday"', '"Sundy"', "weekend ", "'Sundy' is not a day of the week (did you mean 'Sunday'?)"),
    ("= 17:00:00", '= "17:00"', "day_ends ", None),
    ("= 17:00:00", "= 25:00:00", "day_ends ", None),
    (
        "2022-04-11 =",
        "2022-02-30 =",
        "2022-02-30",
        "'2022-02-30' is not a day (2022-01-03) or \"first/last\" of at most 31 days",
    ),
    (
        "2022-04-11 =",
        '"2022-04-11/2022-04-10" =',
        "2022-04-11/",
        "'2022-04-11/2022-04-10' is not a day (2022-01-03) or \"first/last\" of at most 31 days",
    ),
    (
        "2022-04-11 =",
        '"2022-04-11/2032-04-10" =',
        "2022-04-11/",
        "'2022-04-11/2032-04-10' is not a day (2022-01-03) or \"first/last\" of at most 31 days",
    ),
    ("2022-04-11 =", "2022-02-02 =", "2022-02-02 =", "2022-02-02 is given already on line 14"),
    (
        '2022-04-11 = "Nghỉ bù Giỗ Tổ Hùng Vương"',
        "2022-04-11 = 1",
        "2022-04-11 = 1",
        "'2022-04-11' must be a text, not the number 1",
    ),
    ("[2020, 2040]", "[2040, 2020]", "years ", "the first year comes after the last"),
    ("[2020, 2040]", "[2020]", "years ", "'years' may not be empty"),
    ('library   = "VN"', 'library = "XX"', "library ", None),
    ("[working]  ", "[work]  ", "[work]", "unknown key 'work' (did you mean 'working'?)"),
]


@pytest.mark.parametrize(("old", "new", "where", "sentence"), REFUSED, ids=[str(n) for n in range(len(REFUSED))])
def test_a_mistake_is_named_with_its_line(site, old, new, where, sentence):
    site.edit(old, new, site.calendar)
    said = site.said()
    start = f"calendar.toml:{site.line(where, site.calendar)}: "
    assert len(said) == 1 and said[0].startswith(start), (start, said)
    assert sentence is None or said == [start + sentence]


def test_a_day_is_off_or_on(site):
    text = site.calendar.read_text("utf-8")
    site.calendar.write_text(text + '\n2022-02-02 = "Trực"\n', "utf-8")
    assert "2022-02-02 stands among the holidays and the working days" in site.said()[0]


def test_a_week_has_a_working_day(site):
    days = ", ".join(f'"{d}"' for d in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"))
    site.edit('["Saturday", "Sunday"]', f"[{days}]", site.calendar)
    assert "a week needs a working day" in site.said()[0]
