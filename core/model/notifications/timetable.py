"""Hours of the day in a time zone: quiet hours, and the daily summary.

Clocks are put forward and back, so a local hour can be missing or come twice. Moments are therefore looked for in steps
of a quarter of an hour: every zone's offset is a multiple of it, and the zone says what the clock on the wall shows.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, tzinfo

_STEP = timedelta(minutes=15)
_MOST_STEPS = 3 * 24 * 4


def is_quiet(at: datetime, start: int | None, end: int | None, zone: tzinfo) -> bool:
    """Whether the clock of `zone` shows an hour from `start` until before `end`; over midnight if `start` is later."""
    if start is None or end is None or start == end:
        return False
    hour = at.astimezone(zone).hour
    return start <= hour < end if start < end else hour >= start or hour < end


def quiet_until(at: datetime, start: int | None, end: int | None, zone: tzinfo) -> datetime:
    """The first moment from `at` on that is not quiet: `at` itself outside the quiet hours."""
    if not is_quiet(at, start, end, zone):
        return at
    for step in range(1, _MOST_STEPS):
        moment = _quarter(at) + step * _STEP
        if not is_quiet(moment, start, end, zone):
            return moment
    return at


def next_digest(after: datetime, hour: int, zone: tzinfo) -> datetime:
    """The next moment after `after` at which the clock of `zone` comes to `hour`: once for each day. Where the clock is
    put forward over that hour, it is the first moment after it."""
    begin = _quarter(after)
    was_past = _past(begin, hour, zone)
    told = begin.astimezone(zone).date() if was_past else _latest(begin, hour, zone)
    for step in range(1, _MOST_STEPS):
        moment = begin + step * _STEP
        day = moment.astimezone(zone).date()
        if _past(moment, hour, zone) and day > told:
            return moment
    return after + timedelta(days=1)


def _latest(at: datetime, hour: int, zone: tzinfo) -> date:
    """The last local day whose `hour` has come by `at`. On a day on which the clock was put back over the hour, it has
    come, though the clock shows less."""
    today = at.astimezone(zone).date()
    for step in range(1, 9):
        before = at - step * _STEP
        if _past(before, hour, zone) and before.astimezone(zone).date() == today:
            return today
    return today - timedelta(days=1)


def _past(at: datetime, hour: int, zone: tzinfo) -> bool:
    return at.astimezone(zone).hour >= hour


def _quarter(at: datetime) -> datetime:
    """The last full quarter of an hour."""
    at = at.astimezone(UTC)
    return at.replace(minute=at.minute - at.minute % 15, second=0, microsecond=0)
