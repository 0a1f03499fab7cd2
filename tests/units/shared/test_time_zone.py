"""Days of a calendar as spans of time: where clocks change, where midnight is left out, where a whole day is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.shared.time_zone import day_bounds, day_of, is_time_zone, time_zones, zone_of

DAYS = {
    ("America/Chicago", date(2026, 3, 8)): 23,
    ("America/Chicago", date(2026, 3, 9)): 24,
    ("America/Chicago", date(2026, 11, 1)): 25,
    ("Australia/Lord_Howe", date(2026, 4, 5)): 24.5,
    ("America/Sao_Paulo", date(2018, 11, 4)): 23,  # begins at 01:00
    ("America/Sao_Paulo", date(2018, 2, 17)): 25,  # its last hour comes twice
    ("America/Havana", date(2026, 11, 1)): 25,  # its first hour comes twice
    ("Pacific/Apia", date(2011, 12, 30)): 0,  # left out
    ("Asia/Kathmandu", date(2026, 3, 8)): 24,
}


@pytest.mark.parametrize(("zone", "day"), DAYS)
def test_a_day_is_as_long_as_the_clocks_make_it(zone: str, day: date) -> None:
    begins, ends = day_bounds(ZoneInfo(zone), day)
    assert ends - begins == timedelta(hours=DAYS[zone, day])


@given(st.sampled_from(sorted(time_zones())), st.dates(date(1971, 1, 1), date(2037, 12, 30)))
def test_days_follow_each_other_without_gap_and_hold_the_moments_that_show_them(name: str, day: date) -> None:
    zone = zone_of(name)
    begins, ends = day_bounds(zone, day)
    assert day_bounds(zone, day + timedelta(days=1))[0] == ends
    if begins < ends:
        assert day_of(zone, begins) == day_of(zone, ends - timedelta(seconds=1)) == day
        assert day_of(zone, begins - timedelta(seconds=1)) < day < day_of(zone, ends)


def test_only_names_that_mean_the_same_on_every_machine_are_zones() -> None:
    for name in ("America/Chicago", "US/Central", "UTC", "Asia/Kolkata", "Etc/GMT+5"):
        assert is_time_zone(name), name
    for name in (
        "",
        "localtime",
        "Factory",
        "posixrules",
        "america/chicago",
        "America",
        "../../etc/passwd",
        "CDT",
        "+05",
    ):
        assert not is_time_zone(name), name


def test_without_a_name_it_is_utc() -> None:
    assert zone_of(None) is UTC
    assert day_of(zone_of(None), datetime(2026, 3, 8, 23, 59, tzinfo=UTC)) == date(2026, 3, 8)
