"""Quiet hours and the hour of the summary, also on the days on which clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from core.model.notifications.timetable import is_quiet, next_digest, quiet_until

CHICAGO, BERLIN, ADELAIDE = (ZoneInfo(name) for name in ("America/Chicago", "Europe/Berlin", "Australia/Adelaide"))
ZONES = (
    "UTC",
    "America/Chicago",
    "Europe/Berlin",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Africa/Cairo",
    "America/Havana",
)


def at(zone: ZoneInfo, *parts: int, fold: int = 0) -> datetime:
    """A moment as the clock on the wall shows it."""
    return datetime(*parts, tzinfo=zone, fold=fold).astimezone(UTC)  # type: ignore[misc, arg-type]


def test_quiet_hours_over_midnight_end_in_the_morning() -> None:
    assert quiet_until(at(CHICAGO, 2026, 11, 30, 23, 10), 20, 7, CHICAGO) == at(CHICAGO, 2026, 12, 1, 7)
    assert quiet_until(at(CHICAGO, 2026, 12, 1, 6, 59), 20, 7, CHICAGO) == at(CHICAGO, 2026, 12, 1, 7)


def test_outside_the_quiet_hours_nothing_waits() -> None:
    noon = at(CHICAGO, 2026, 11, 30, 12)
    assert quiet_until(noon, 20, 7, CHICAGO) == noon
    assert quiet_until(noon, None, None, CHICAGO) == noon
    assert quiet_until(noon, 7, 7, CHICAGO) == noon


def test_a_night_on_which_clocks_are_put_forward_is_an_hour_shorter() -> None:
    before = at(CHICAGO, 2026, 3, 7, 22)
    until = quiet_until(before, 22, 6, CHICAGO)
    assert until == at(CHICAGO, 2026, 3, 8, 6)
    assert until - before == timedelta(hours=7)


def test_a_night_on_which_clocks_are_put_back_is_an_hour_longer() -> None:
    before = at(BERLIN, 2026, 10, 24, 22)
    until = quiet_until(before, 22, 6, BERLIN)
    assert until == at(BERLIN, 2026, 10, 25, 6)
    assert until - before == timedelta(hours=9)


def test_quiet_hours_that_end_in_the_missing_hour_end_when_the_clock_jumps() -> None:
    assert quiet_until(at(CHICAGO, 2026, 3, 8, 1, 30), 22, 2, CHICAGO) == at(CHICAGO, 2026, 3, 8, 3)


def test_quiet_hours_that_end_in_the_hour_that_comes_twice_end_with_its_first_beginning() -> None:
    assert quiet_until(at(CHICAGO, 2026, 11, 1, 0, 30), 22, 1, CHICAGO) == at(CHICAGO, 2026, 11, 1, 1, fold=0)
    for fold in (0, 1):
        assert is_quiet(at(CHICAGO, 2026, 11, 1, 1, 30, fold=fold), 22, 2, CHICAGO)


def test_the_summary_comes_at_its_local_hour_all_year() -> None:
    moment, days = at(BERLIN, 2026, 1, 1), []
    while moment < at(BERLIN, 2026, 12, 31):
        moment = next_digest(moment, 7, BERLIN)
        assert moment.astimezone(BERLIN).hour == 7
        days.append(moment.astimezone(BERLIN).date())
    assert len(set(days)) == len(days) == 365


def test_a_summary_in_the_missing_hour_comes_right_after_it() -> None:
    assert next_digest(at(CHICAGO, 2026, 3, 7, 12), 2, CHICAGO) == at(CHICAGO, 2026, 3, 8, 3)
    assert next_digest(at(CHICAGO, 2026, 3, 8, 3), 2, CHICAGO) == at(CHICAGO, 2026, 3, 9, 2)


def test_a_summary_in_the_hour_that_comes_twice_comes_once() -> None:
    first = next_digest(at(CHICAGO, 2026, 10, 31, 12), 1, CHICAGO)
    assert first == at(CHICAGO, 2026, 11, 1, 1, fold=0)
    assert next_digest(first, 1, CHICAGO) == at(CHICAGO, 2026, 11, 2, 1)
    assert next_digest(at(CHICAGO, 2026, 11, 1, 1, 10, fold=1), 1, CHICAGO) == at(CHICAGO, 2026, 11, 2, 1)


def test_zones_with_half_hours_are_exact() -> None:
    assert quiet_until(at(ADELAIDE, 2026, 6, 1, 5), 22, 6, ADELAIDE) == at(ADELAIDE, 2026, 6, 1, 6)


@given(
    st.datetimes(datetime(2025, 1, 1), datetime(2029, 1, 1)),  # noqa: DTZ001 - the zone follows
    st.integers(0, 23),
    st.integers(0, 23),
    st.sampled_from(ZONES),
)
def test_quiet_hours_always_end_within_a_day_and_the_summary_comes_each_day(
    naive: datetime, start: int, end: int, name: str
) -> None:
    zone, moment = ZoneInfo(name), naive.replace(tzinfo=UTC)
    until = quiet_until(moment, start, end, zone)
    assert not is_quiet(until, start, end, zone)
    assert timedelta() <= until - moment <= timedelta(hours=25)
    one = next_digest(moment, start, zone)
    two = next_digest(one, start, zone)
    assert timedelta() < one - moment <= timedelta(hours=25, minutes=15)
    assert two.astimezone(zone).date() - one.astimezone(zone).date() == timedelta(days=1)
