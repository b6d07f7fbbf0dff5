"""How a deadline was counted, day by day, from the derivation that was stored with it: nothing is computed anew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from engine.core.case import Derivation
from engine.words.formats import day_month, day_text, weekday
from engine.words.language import words

LONGEST = 21  # days; a longer count folds its full weeks into one line


@dataclass(frozen=True, slots=True)
class Day:
    """One cell. `kind`: start, count, off, due, weeks (a folded run)."""

    weekday: str
    date: str
    caption: str
    kind: str
    column: int = 0  # 1 Monday .. 7 Sunday; set on the first cell of a row


@dataclass(frozen=True, slots=True)
class Strip:
    days: tuple[Day, ...]
    sentence: str
    skipped: str = ""


def strip(made: Derivation | None, lang: str) -> Strip | None:
    """The strip of a count in days; None where there is nothing to count (a fixed date, hours)."""
    if made is None:
        return None
    start, end = date.fromisoformat(made.start), date.fromisoformat(made.end)
    sentence = _sentence(made, start, lang)
    if made.unit not in ("days", "working_days") or not made.count or abs((end - start).days) > 120:
        return Strip((), sentence) if sentence else None
    first, last = min(start, end), max(start, end)
    skipped = dict(made.skipped)
    cells: list[Day] = []
    number = 0
    for offset in range((last - first).days + 1):
        day = first + timedelta(days=offset)
        reason = skipped.get(day.isoformat())
        if day != start and reason is None:
            number += 1
        cells.append(_cell(day, start, end, reason, number, made, lang))
    off = _skipped(made, lang)
    return Strip(tuple(_fold(cells, first, lang)), sentence, off)


def _cell(day: date, start: date, end: date, reason: str | None, number: int, made: Derivation, lang: str) -> Day:
    say = words(lang)
    week, shown = weekday(day, lang, short=True), day_month(day, lang)
    if day == end and day != start:
        return Day(
            week, shown, say("%(n)s, due", n=abs(made.count)) if made.count > 0 else say("due"), "due", day.isoweekday()
        )
    if day == start:
        return Day(week, shown, say("start"), "start", day.isoweekday())
    if reason is not None:
        return Day(week, shown, say("off"), "off", day.isoweekday())
    back = abs(made.count) - number if made.count < 0 else number
    return Day(week, shown, str(back), "count", day.isoweekday())


def _fold(cells: list[Day], first: date, lang: str) -> list[Day]:
    """Only the first cell keeps its column; the whole weeks in the middle of a long count become one line."""
    head = [cells[0], *(Day(c.weekday, c.date, c.caption, c.kind) for c in cells[1:])]
    if len(cells) <= LONGEST:
        return head
    lead = 8 - first.isoweekday()  # cells up to the first Sunday
    tail = len(cells) - (len(cells) - lead) % 7
    tail = tail - 7 if tail == len(cells) else tail
    weeks = (tail - lead) // 7
    if weeks < 2:
        return head
    line = words(lang).count("%(n)s week, %%s – %%s", "%(n)s weeks, %%s – %%s", weeks)
    folded = Day("", line % (cells[lead].date, cells[tail - 1].date), "", "weeks")
    after = cells[tail]
    return [
        *head[:lead],
        folded,
        Day(after.weekday, after.date, after.caption, after.kind, after.column),
        *head[tail + 1 :],
    ]


def _sentence(made: Derivation, start: date, lang: str) -> str:
    say = words(lang)
    since = day_text(start, lang)
    if not made.count:
        return ""
    n = abs(made.count)
    if made.unit == "working_days":
        text = say.count("%(n)s working day", "%(n)s working days", n)
    elif made.unit == "hours":
        text = say.count("%(n)s hour", "%(n)s hours", n)
    elif made.unit == "months":
        text = say.count("%(n)s month", "%(n)s months", n)
    elif made.unit == "seconds":
        return ""
    else:
        text = say.count("%(n)s day", "%(n)s days", n)
    return (
        say("%(count)s before %(day)s", count=text, day=since)
        if made.count < 0
        else say("%(count)s from %(day)s", count=text, day=since)
    )


def _skipped(made: Derivation, lang: str) -> str:
    """`not counted: 10/9, 11/9 (weekend); 01/9 (Quốc khánh)`."""
    say = words(lang)
    groups: dict[str, list[str]] = {}
    for day, reason in made.skipped:
        groups.setdefault(say("weekend") if reason == "weekend" else reason, []).append(
            day_month(date.fromisoformat(day), lang)
        )
    if not groups:
        return ""
    listed = "; ".join(f"{', '.join(days)} ({reason})" for reason, days in groups.items())
    return say("Not counted: %(days)s.", days=listed)
