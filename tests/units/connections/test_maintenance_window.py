"""Maintenance windows follow the clock on the wall: over midnight, on week days, and when clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.model.connections.maintenance_window import DAYS, MaintenanceWindow, leave_time_to_call, window_at
from core.model.shared.errors import BadInput

CHICAGO = ZoneInfo("America/Chicago")


def at(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=CHICAGO, fold=fold).astimezone(UTC)


def end_at(moment: datetime, *windows: str) -> str | None:
    """The end as the wall shows it, with its offset."""
    span = window_at([MaintenanceWindow.parse(f"{one} America/Chicago") for one in windows], moment)
    return span.end.isoformat(timespec="minutes") if span else None


@pytest.mark.parametrize(
    "text, end",
    [
        ("2026-11-23T01:59:59", None),
        ("2026-11-23T02:00:00", "2026-11-23T04:30-06:00"),
        ("2026-11-23T04:29:59", "2026-11-23T04:30-06:00"),
        ("2026-11-23T04:30:00", None),
    ],
)
def test_daily(text: str, end: str | None) -> None:
    assert end_at(at(text), "daily 02:00-04:30") == end


@pytest.mark.parametrize(
    "text, on",
    [
        ("2026-11-22T21:59", False),  # a Sunday
        ("2026-11-22T22:00", True),
        ("2026-11-23T00:59", True),
        ("2026-11-23T01:00", False),
        ("2026-11-23T22:30", False),
        ("2026-11-21T22:30", True),
        ("2026-11-21T00:30", False),
    ],
)
def test_days_name_the_evening_on_which_a_window_over_midnight_begins(text: str, on: bool) -> None:
    assert (end_at(at(text), "Sat,Sun 22:00-01:00") is not None) is on


def test_windows_without_a_gap_are_one() -> None:
    windows = ("Sun 22:00-24:00", "Mon 00:00-01:00", "Mon 00:30-02:15")
    assert end_at(at("2026-11-22T23:00"), *windows) == "2026-11-23T02:15-06:00"
    span = window_at([MaintenanceWindow.parse("daily 02:00-04:30 America/Chicago")], at("2026-11-23T03:00"))
    assert span is not None
    assert (span.start, span.until) == (at("2026-11-23T02:00"), "Monday 04:30 (America/Chicago)")


def test_clocks_set_forward() -> None:
    """On 8 March 2026 the wall goes from 02:00 to 03:00."""
    assert end_at(at("2026-03-08T01:59"), "daily 02:00-04:30") is None
    assert end_at(at("2026-03-08T03:00"), "daily 02:00-04:30") == "2026-03-08T04:30-05:00"
    assert end_at(at("2026-03-08T01:30"), "daily 02:00-02:30") is None
    assert end_at(at("2026-03-08T03:00"), "daily 02:00-02:30") is None  # it does not occur on this day


def test_clocks_set_back() -> None:
    """On 1 November 2026 the hour from 01:00 occurs twice."""
    assert end_at(at("2026-11-01T00:30"), "daily 00:00-03:00") == "2026-11-01T03:00-06:00"
    assert end_at(at("2026-11-01T01:10"), "daily 01:00-01:30") == "2026-11-01T01:30-05:00"
    assert end_at(at("2026-11-01T01:40"), "daily 01:00-01:30") is None
    assert end_at(at("2026-11-01T01:10", fold=1), "daily 01:00-01:30") == "2026-11-01T01:30-06:00"


@pytest.mark.parametrize(
    "text, canonical",
    [
        ("daily 02:00-04:30 America/Chicago", "daily 02:00-04:30 America/Chicago"),
        ("  sun,SAT 22:00 - 23:59 UTC ", "Sat,Sun 22:00-23:59 UTC"),
        ("Fri-Mon 00:00-24:00 Europe/Berlin", "Mon,Fri,Sat,Sun 00:00-24:00 Europe/Berlin"),
        ("Mon-Sun 23:00-01:00 UTC", "daily 23:00-01:00 UTC"),
    ],
)
def test_one_form_for_what_people_type(text: str, canonical: str) -> None:
    assert str(MaintenanceWindow.parse(text)) == canonical
    assert str(MaintenanceWindow.parse(canonical)) == canonical


@pytest.mark.parametrize(
    "text, says",
    [
        ("", "is not days, times and a time zone"),
        ("at night", "is not days, times and a time zone"),
        ("daily 02:00-04:30", "is not days, times and a time zone"),
        ("daily 2:00-4:30 UTC", "is not days, times and a time zone"),
        ("daily 02:60-04:30 UTC", "has a time that no clock shows"),
        ("daily 24:00-04:30 UTC", "has a time that no clock shows"),
        ("daily 23:00-24:01 UTC", "has a time that no clock shows"),
        ("daily 02:00-02:00 UTC", "ends when it begins"),
        ("Someday 02:00-04:30 UTC", "has Someday where a day belongs"),
        ("Mon, 02:00-04:30 UTC", "has nothing where a day belongs"),
        ("daily 02:00-04:30 America/Springfield", "has no known time zone: America/Springfield"),
        ("daily 02:00-04:30 America", "has no known time zone: America"),
        ("daily 02:00-04:30 ../../etc/passwd", "has no known time zone"),
    ],
)
def test_a_wrong_one_is_refused_with_a_right_example(text: str, says: str) -> None:
    with pytest.raises(BadInput) as refused:
        MaintenanceWindow.parse(text)
    assert says in refused.value.message
    [error] = refused.value.errors
    assert error.pointer == "/maintenance_windows"
    assert "write it like daily 02:00-04:30 America/Chicago" in error.detail


def test_some_time_must_be_left() -> None:
    def left(*texts: str) -> bool:
        return leave_time_to_call([MaintenanceWindow.parse(text) for text in texts])

    assert left()
    assert left("Mon-Sat 00:00-24:00 UTC")
    assert left("daily 00:00-23:59 UTC")
    assert not left("daily 00:00-24:00 UTC")
    assert not left("daily 00:00-12:00 UTC", "daily 11:00-00:30 UTC")


@given(
    days=st.sets(st.integers(0, 6), min_size=1, max_size=6),
    start=st.integers(0, 1439),
    end=st.integers(0, 1440),
    zone=st.sampled_from(["America/Chicago", "Australia/Lord_Howe", "UTC", "Pacific/Apia"]),
    seconds=st.integers(0, 370 * 24 * 3600),
)
def test_right_before_its_end_it_is_on_and_at_its_end_it_is_over(
    days: set[int], start: int, end: int, zone: str, seconds: int
) -> None:
    if start == end:
        return
    named = ",".join(DAYS[day] for day in sorted(days))
    window = MaintenanceWindow.parse(f"{named} {start // 60:02}:{start % 60:02}-{end // 60:02}:{end % 60:02} {zone}")
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    span = window_at([window], moment)
    if span is None:
        return
    assert span.start <= moment < span.end
    assert window_at([window], span.end) is None
    local = (span.end.astimezone(UTC) - timedelta(microseconds=1)).astimezone(ZoneInfo(zone))
    changes = local.utcoffset() != (local - timedelta(hours=2)).utcoffset()
    assert changes or window_at([window], local) is not None
