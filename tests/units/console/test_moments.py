"""Moments in words: today, yesterday, earlier, soon; in zones whose clocks change; in the texts of the core."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from jinja2 import DictLoader, Environment

from adapters.inbound.console.moments import exact, from_now, moment, soon, timed, when
from adapters.inbound.console.page_request import PageRequest

CHICAGO = ZoneInfo("America/Chicago")
NOW = datetime(2026, 3, 14, 15, 42, 30, tzinfo=UTC)  # 10:42 in Chicago


def at(day: int, hour: int, minute: int = 0, month: int = 3) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment_at", "said"),
    [
        (NOW, "today 10:42"),
        (at(14, 5), "today 00:00"),
        (at(14, 4, 59), "yesterday 23:59"),
        (at(13, 5), "yesterday 00:00"),
        (at(13, 4, 59), "12 Mar 2026, 23:59"),
        (at(15, 4, 59), "today 23:59"),
        (at(15, 5), "15 Mar 2026, 00:00"),
    ],
)
def test_a_moment_is_told_by_the_calendar_of_the_zone(moment_at: datetime, said: str) -> None:
    assert moment(moment_at, NOW, CHICAGO) == said


def test_utc_is_named_and_other_zones_are_not() -> None:
    assert moment(NOW, NOW, UTC) == "today 15:42 UTC"
    assert moment(at(1, 0), NOW, UTC) == "1 Mar 2026, 00:00 UTC"
    assert moment(NOW, NOW, ZoneInfo("Asia/Kathmandu")) == "today 21:27"
    assert exact(NOW) == "14 Mar 2026, 15:42:30 UTC"


def test_an_hour_that_comes_twice_says_which_of_the_two_it_is() -> None:
    first, second = at(1, 6, 30, 11), at(1, 7, 30, 11)
    assert moment(first, second, CHICAGO) == "today 01:30 CDT"
    assert moment(second, second, CHICAGO) == "today 01:30 CST"
    assert moment(at(1, 8, 0, 11), second, CHICAGO) == "today 02:00"
    lord_howe = ZoneInfo("Australia/Lord_Howe")
    twice = datetime(2026, 4, 4, 14, 45, tzinfo=UTC)
    assert moment(twice, twice, lord_howe) == "today 01:45 +11"
    assert moment(twice + timedelta(minutes=30), twice, lord_howe) == "today 01:45 +1030"


def test_yesterday_is_the_day_before_also_where_days_have_23_or_25_hours() -> None:
    assert moment(at(8, 6), at(9, 4, 59), CHICAGO) == "today 00:00"
    assert moment(at(8, 5, 59), at(8, 6), CHICAGO) == "yesterday 23:59"
    assert moment(at(1, 5, 0, 11), at(2, 5, 59, 11), CHICAGO) == "today 00:00"
    assert moment(at(1, 5, 0, 11), at(2, 6, 0, 11), CHICAGO) == "yesterday 00:00"


@pytest.mark.parametrize(
    ("later", "said"),
    [
        (timedelta(seconds=-1), "now"),
        (timedelta(0), "now"),
        (timedelta(seconds=20), "in less than a minute"),
        (timedelta(minutes=1), "in 1 minute"),
        (timedelta(minutes=4, seconds=10), "in 4 minutes"),
        (timedelta(minutes=90), "in 90 minutes"),
        (timedelta(hours=5), "in 5 hours"),
        (timedelta(days=3), "17 Mar 2026, 10:42"),
    ],
)
def test_what_jobferry_does_next_is_told_as_the_time_until_then(later: timedelta, said: str) -> None:
    assert from_now(NOW + later, NOW, CHICAGO) == said


def rendered(template: str, **content: Any) -> str:
    class Request(PageRequest):
        zone = CHICAGO

    request = object.__new__(Request)
    object.__setattr__(request, "now", NOW)
    environment = Environment(
        autoescape=True, loader=DictLoader({"m": "{% macro told(x) %}{{ when(x) }}{% endmacro %}"})
    )
    environment.globals |= {"when": when, "soon": soon}
    environment.filters["timed"] = timed
    return environment.from_string(template).render(request=request, **content)


def test_the_exact_moment_is_for_programs_and_in_the_title() -> None:
    assert rendered("{{ when(at) }}", at=NOW) == (
        '<time datetime="2026-03-14T15:42:30+00:00" title="14 Mar 2026, 15:42:30 UTC">today 10:42</time>'
    )
    assert ">in 4 minutes</time>" in rendered("{{ soon(at) }}", at=NOW + timedelta(minutes=4))


def test_times_in_a_text_are_told_like_others_and_nothing_else_changes() -> None:
    def told(text: str) -> str:
        return re.sub(r"</?time[^>]*>", "|", rendered("{{ text|timed }}", text=text))

    assert told("set 13 Mar 2026, 15:42 UTC by <ann>") == "set |yesterday 10:42| by &lt;ann&gt;"
    assert told("Wait until 14 Mar 2026, 16:00:05 UTC, & look.") == "Wait until |today 11:00|, &amp; look."
    assert told("tries again at 14 Mar 2026, 15:46:40 UTC.") == "tries again |in 4 minutes|."
    assert told("sent at 14 Mar 2026, 14:00 UTC") == "sent |today 09:00|"
    assert told("99 Foo 2026, 99:99 UTC <b>") == "99 Foo 2026, 99:99 UTC &lt;b&gt;"
    assert told("1 Jan 0001, 00:00 UTC") == "1 Jan 0001, 00:00 UTC"


def test_macros_that_do_not_know_the_request_are_refused_and_never_tell_a_wrong_zone() -> None:
    assert "today" in rendered('{% from "m" import told with context %}{{ told(at) }}', at=NOW)
    with pytest.raises(TypeError, match="with context"):
        rendered('{% from "m" import told %}{{ told(at) }}', at=NOW)
