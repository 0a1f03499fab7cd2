"""Time zones by their IANA names, and the days of their calendars."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

TIME_ZONE_RULE = "an IANA time zone such as America/Chicago, or UTC"
_OF_THIS_MACHINE = {"localtime", "Factory"}
"""Files in some machines' zone databases that name no zone."""


@cache
def time_zones() -> frozenset[str]:
    """The names of all zones. The package `tzdata` has them where the machine has none."""
    return frozenset(available_timezones() - _OF_THIS_MACHINE)


def is_time_zone(name: str) -> bool:
    return name in time_zones()


def zone_of(name: str | None) -> tzinfo:
    """The zone with this name, which is one of `time_zones`; UTC for None."""
    return ZoneInfo(name) if name else UTC


def day_of(zone: tzinfo, at: datetime) -> date:
    """The day that the calendar shows at a moment."""
    return at.astimezone(zone).date()


def day_bounds(zone: tzinfo, day: date) -> tuple[datetime, datetime]:
    """The first moment of the day and that of the next day, in UTC.

    They are 23 or 25 hours apart where clocks change, and the same for a day that a zone left out. A day that begins
    while clocks are set forward begins with the first moment that there is. Raises OverflowError for the first and the
    last day of Python's calendar.
    """
    return _midnight(zone, day), _midnight(zone, day + timedelta(days=1))


def _midnight(zone: tzinfo, day: date) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
