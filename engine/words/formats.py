"""Instants, days, money, sizes and countries as people read them, in the style of official papers.

Vietnamese dates: two digits for the day, one for the month except 1 and 2 (04/9/2022). The time that is left is rounded
down. A deadline at local midnight belongs to the day before and is printed as 23:59:59.
"""

from __future__ import annotations

import calendar as months
import functools
import unicodedata
from datetime import date, datetime, timedelta

from babel import Locale

from engine.core.calendar import Calendar
from engine.words.language import words

MICRO = 1_000_000
_WEEKDAYS = {
    "vi": ("thứ Hai", "thứ Ba", "thứ Tư", "thứ Năm", "thứ Sáu", "thứ Bảy", "Chủ nhật"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_SHORT = {"vi": ("T2", "T3", "T4", "T5", "T6", "T7", "CN"), "en": ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")}


def weekday(day: date, lang: str, short: bool = False) -> str:
    return (_SHORT if short else _WEEKDAYS)[lang][day.weekday()]


def day_month(day: date, lang: str) -> str:
    """`04/9`, `12/02`; `4 Sep`."""
    if lang == "en":
        return f"{day.day} {months.month_abbr[day.month]}"
    return f"{day.day:02d}/{day.month:02d}" if day.month < 3 else f"{day.day:02d}/{day.month}"


def day_text(day: date, lang: str) -> str:
    """`04/9/2022`; `4 September 2022`."""
    if lang == "en":
        return f"{day.day} {months.month_name[day.month]} {day.year}"
    return f"{day_month(day, lang)}/{day.year}"


def iso_day(text: str | None, lang: str, week: bool = False) -> str:
    """An ISO date as text; what is no date is shown as it is."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return text or ""
    return f"{weekday(day, lang, short=True)}, {day_text(day, lang)}" if week else day_text(day, lang)


class Clock:
    """Instants (µs UTC) in the zone of one calendar and the words of one language."""

    def __init__(self, calendar: Calendar, lang: str, now: int):
        self.calendar, self.lang, self.now = calendar, lang, now

    def local(self, at: int) -> datetime:
        return self.calendar.local(at)

    def iso(self, at: int) -> str:
        """For the `datetime` attribute."""
        return self.local(at).isoformat(timespec="seconds")

    def long(self, at: int) -> str:
        """`17:00 thứ Ba, 16/8/2022`; `17:00, Tuesday 16 August 2022`."""
        return self._long(self.local(at), "%H:%M")

    def short(self, at: int) -> str:
        """`16:12, 09/8/2022`."""
        moment = self.local(at)
        return f"{moment:%H:%M}, {day_text(moment.date(), self.lang)}"

    def day(self, at: int) -> str:
        return day_text(self.local(at).date(), self.lang)

    def day_month(self, at: int) -> str:
        return day_month(self.local(at).date(), self.lang)

    def due(self, at: int) -> str:
        """A deadline: midnight is the last second of the day before."""
        moment = self.local(at)
        if (moment.hour, moment.minute, moment.second) == (0, 0, 0):
            return self._long(moment - timedelta(seconds=1), "%H:%M:%S")
        return self.long(at)

    def due_day(self, at: int) -> str:
        return day_month((self.local(at) - timedelta(seconds=1)).date(), self.lang)

    def _long(self, moment: datetime, clock: str) -> str:
        day = moment.date()
        if self.lang == "en":
            return f"{moment.strftime(clock)}, {weekday(day, 'en')} {day_text(day, 'en')}"
        return f"{moment.strftime(clock)} {weekday(day, 'vi')}, {day_text(day, 'vi')}"

    def today(self, at: int) -> bool:
        """Whether a deadline falls on the present day."""
        return (self.local(at) - timedelta(seconds=1)).date() == self.local(self.now).date()

    def left(self, at: int) -> str:
        """`1 ngày 7 giờ`, rounded down; empty when nothing is left."""
        say = words(self.lang)
        minutes = (at - self.now) // (60 * MICRO)
        if minutes <= 0:
            return ""
        days, hours = minutes // 1440, minutes % 1440 // 60
        parts = [say.count("%(n)s day", "%(n)s days", days)] if days else []
        if hours and days < 10:
            parts.append(say.count("%(n)s hour", "%(n)s hours", hours))
        return " ".join(parts) or say.count("%(n)s minute", "%(n)s minutes", minutes)

    def gone(self, at: int) -> str:
        """How long a deadline has passed, in whole days."""
        say = words(self.lang)
        days = (self.now - at) // (86_400 * MICRO)
        return say.count("%(n)s day", "%(n)s days", days) if days > 0 else ""


def money(amount: object, lang: str) -> str:
    if not isinstance(amount, int) or isinstance(amount, bool):
        return str(amount or "")
    return f"VND {amount:,}" if lang == "en" else f"{amount:,} đồng".replace(",", ".")


def size(count: int) -> str:
    """Bytes as `210 KB`, `1,4 MB` without a decimal sign: whole kilobytes below 10 MB."""
    if count < 1024:
        return f"{count} B"
    return f"{count // 1024} KB" if count < 10 * 1024 * 1024 else f"{count // 1024 // 1024} MB"


@functools.cache
def countries(lang: str) -> tuple[tuple[str, str], ...]:
    """(code, name) of every country, sorted by name."""
    named = Locale.parse(lang).territories
    found = [
        (c, n)
        for c, n in named.items()
        if len(c) == 2
        and c.isalpha()
        and c not in ("EU", "EZ", "UN", "XA", "XB", "ZZ", "QO", "AC", "CP", "CQ", "DG", "EA", "IC", "TA")
    ]
    return tuple(sorted(found, key=lambda item: plain(item[1])))


def country(code: str, lang: str) -> str:
    return Locale.parse(lang).territories.get(code, code)


def plain(text: str) -> str:
    """Lower case without diacritics, for searching and sorting."""
    flat = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return "".join(c for c in flat if not unicodedata.combining(c))
