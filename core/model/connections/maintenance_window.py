"""Maintenance windows: the times in which a Spectrum is not called, such as its nightly restart.

A window follows the clock on the wall of its time zone. When clocks are set back, it is on in both passes of the hour.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from core.model.shared.errors import BadInput, FieldError
from core.model.shared.time_zone import is_time_zone

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
EVERY_DAY = tuple(range(7))
EXAMPLES = "daily 02:00-04:30 America/Chicago, or Sat,Sun 22:00-01:00 America/Chicago"
_FORM = re.compile(r"(\S+) +(\d\d):(\d\d) *- *(\d\d):(\d\d) +(\S+)", re.ASCII)
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_DAY_MINUTES = 24 * 60


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` to before `end`, both in a time zone of the settings."""

    start: datetime
    end: datetime

    @property
    def until(self) -> str:
        """The end in words, such as `Monday 04:30 (America/Chicago)`."""
        return f"{self.end:%A %H:%M} ({self.end.tzinfo})"


@dataclass(frozen=True, slots=True)
class MaintenanceWindow:
    """On `days` (0 is Monday) from `start` to before `end`, in minutes after midnight. If `end` is not after `start`,
    the window ends on the next day."""

    days: tuple[int, ...]
    start: int
    end: int
    zone: str

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read `daily 02:00-04:30 America/Chicago`; also `Sat,Sun` or `Mon-Fri` for the days. Raises BadInput."""
        form = _FORM.fullmatch(text.strip())
        if form is None:
            raise _refused(text, "is not days, times and a time zone")
        days, *clock, zone = form.groups()
        hour, minute, end_hour, end_minute = map(int, clock)
        start, end = hour * 60 + minute, end_hour * 60 + end_minute
        if max(minute, end_minute) > 59 or start >= _DAY_MINUTES or end > _DAY_MINUTES:
            raise _refused(text, "has a time that no clock shows")
        if start == end:
            raise _refused(text, "ends when it begins")
        if not is_time_zone(zone):
            raise _refused(text, f"has no known time zone: {zone}")
        return cls(_days(days, text), start, end, zone)

    def __str__(self) -> str:
        days = "daily" if self.days == EVERY_DAY else ",".join(DAYS[day] for day in self.days)
        return f"{days} {_clock(self.start)}-{_clock(self.end)} {self.zone}"

    def span_at(self, moment: datetime) -> Span | None:
        """The time of this window that `moment` lies in, if any. An end in the hour that clocks leave out is taken for
        as much later."""
        zone = ZoneInfo(self.zone)
        local = moment.astimezone(zone)
        for day in (local.date() - _DAY, local.date()):
            if day.weekday() in self.days and self._covers(local, day):
                midnight = datetime.combine(day, time(), zone)
                end = midnight + timedelta(minutes=self._minutes_to_end)
                next_end = min(one for one in _passes(end) if one > moment)
                return Span(midnight + timedelta(minutes=self.start), next_end.astimezone(zone))
        return None

    @property
    def _minutes_to_end(self) -> int:
        return self.end if self.end > self.start else self.end + _DAY_MINUTES

    def _covers(self, local: datetime, day: date) -> bool:
        """Whether the window that begins on `day` is on at the local time."""
        minute = (local.date() - day).days * _DAY_MINUTES + local.hour * 60 + local.minute
        return self.start <= minute < self._minutes_to_end


def window_at(windows: Sequence[MaintenanceWindow], moment: datetime) -> Span | None:
    """The maintenance time that `moment` lies in, if any. Windows that follow each other without a gap are one; a week
    is the longest."""
    on: list[Span] = []
    end = moment
    while (more := [span for one in windows if (span := one.span_at(end))]) and end - moment < _WEEK:
        on += more
        end = max((span.end for span in more), key=_utc)
    return Span(min((span.start for span in on), key=_utc), end) if on else None


def leave_time_to_call(windows: Sequence[MaintenanceWindow]) -> bool:
    """Whether some time of the week is outside all windows."""
    moment = datetime(2026, 1, 5, tzinfo=UTC)
    on = window_at(windows, moment)
    return on is None or on.end - moment < _WEEK


def _utc(moment: datetime) -> datetime:
    """To compare with: Python compares moments of one zone by the clock on the wall."""
    return moment.astimezone(UTC)


def _passes(local: datetime) -> Iterator[datetime]:
    """The moments in UTC at which the clock on the wall shows this: two where it is set back."""
    for fold in (0, 1):
        yield local.replace(fold=fold).astimezone(UTC)


def _days(text: str, whole: str) -> tuple[int, ...]:
    if text.lower() == "daily":
        return EVERY_DAY
    found: set[int] = set()
    for part in text.split(","):
        first, sign, last = part.partition("-")
        at, to = _day(first, whole), _day(last if sign else first, whole)
        found |= set(range(at, to + 1)) if at <= to else {*range(at, 7), *range(to + 1)}
    return tuple(sorted(found))


def _day(name: str, whole: str) -> int:
    if name.capitalize() not in DAYS:
        raise _refused(whole, f"has {name or 'nothing'} where a day belongs: daily, {', '.join(DAYS)}")
    return DAYS.index(name.capitalize())


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _refused(text: str, reason: str) -> BadInput:
    return BadInput(
        f"The maintenance window {text!r} {reason}.",
        code="CONNECTION_INVALID",
        fix=f"Write it like {EXAMPLES}.",
        errors=[FieldError("/maintenance_windows", f"{text!r} {reason}; write it like {EXAMPLES}")],
    )
