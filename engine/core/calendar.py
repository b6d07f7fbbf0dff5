"""Working days and instants of one site's calendar, each with its derivation.

Rules (requirements 5.2, 5.3): a limit of n working days entered on day E falls due at `day_ends` on the n-th working
day after E; the first day is not counted; mails leave at `mail_at`. The zone is a fixed offset (Vietnam keeps no
daylight saving), so a local date has one midnight.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone

from engine.core.case import Derivation

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FARTHEST = 3660  # days looked at for one sum: ten years


@dataclass(frozen=True)
class Calendar:
    """`holidays` and `working` map ISO dates to their reason; `weekend` holds weekday numbers (Monday 0)."""

    name: str = "vn"
    zone_minutes: int = 420
    weekend: tuple[int, ...] = (5, 6)
    holidays: dict[str, str] = field(default_factory=dict)
    working: dict[str, str] = field(default_factory=dict)
    day_ends: str = "17:00:00"
    mail_at: str = "08:00:00"
    digest: str = ""

    @property
    def zone(self) -> timezone:
        return timezone(timedelta(minutes=self.zone_minutes))

    def day_off(self, day: date) -> str:
        """Why nobody works on `day`: the holiday's name, `weekend`, or empty for a working day."""
        text = day.isoformat()
        if text in self.working:
            return ""
        if text in self.holidays:
            return self.holidays[text]
        return "weekend" if day.weekday() in self.weekend else ""

    def working_days(self, start: date, count: int) -> date:
        """The `count`-th working day after `start` (before it, when negative); `start` itself for 0."""
        return date.fromisoformat(self.derive_working_days(start, count).end)

    def derive_working_days(self, start: date, count: int) -> Derivation:
        step = timedelta(days=1 if count >= 0 else -1)
        day, left, skipped = start, abs(count), []
        for _ in range(_FARTHEST):
            if not left:
                break
            day += step
            reason = self.day_off(day)
            if reason:
                skipped.append((day.isoformat(), reason))
            else:
                left -= 1
        return Derivation(
            start=start.isoformat(),
            end=day.isoformat(),
            count=count,
            unit="working_days",
            skipped=tuple(skipped),
            calendar=self.digest[:12],
        )

    def midnight(self, day: date) -> int:
        """µs UTC of 00:00 local."""
        return self.at(day, "00:00:00")

    def at(self, day: date, clock: str) -> int:
        """µs UTC of a local wall time."""
        moment = datetime.combine(day, time.fromisoformat(clock), tzinfo=self.zone)
        return (moment - _EPOCH) // timedelta(microseconds=1)

    def local(self, instant: int) -> datetime:
        return (_EPOCH + timedelta(microseconds=instant)).astimezone(self.zone)

    def day(self, instant: int) -> date:
        return self.local(instant).date()

    def instant(self, moment: datetime) -> int:
        """µs UTC of an aware datetime."""
        return (moment - _EPOCH) // timedelta(microseconds=1)


def add_months(day: date, count: int) -> date:
    """Same day `count` months on; the last day of a shorter month."""
    month = day.month - 1 + count
    year, month = day.year + month // 12, month % 12 + 1
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month, min(day.day, last))
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")
