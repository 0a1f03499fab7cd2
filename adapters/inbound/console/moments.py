"""Moments as the console shows them: in the reader's time zone, with the exact time in UTC as their title."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, tzinfo

from jinja2 import pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from adapters.inbound.console.page_request import PageRequest
from core.model.shared.moments import IN_A_TEXT, moment_of, moment_words
from core.model.shared.time_zone import day_of

_DAY = timedelta(days=1)


def moment(at: datetime, now: datetime, zone: tzinfo) -> str:
    """`today 10:42`, `yesterday 10:42` or `14 Mar 2026, 10:42`. It names the zone's time for UTC, and where clocks that
    are set back show a time twice."""
    local, today = at.astimezone(zone), day_of(zone, now)
    sign = f" {local:%Z}" if zone is UTC or _is_shown_twice(local) else ""
    day = {today: "today ", today - _DAY: "yesterday "}.get(local.date(), f"{local.day} {local:%b %Y}, ")
    return f"{day}{local:%H:%M}{sign}"


def from_now(at: datetime, now: datetime, zone: tzinfo) -> str:
    """`in 4 minutes`, for less than a day from now; otherwise the moment."""
    minutes = round((at - now).total_seconds() / 60)
    if minutes < 1 and at - now > -_DAY:
        return "now" if at <= now else "in less than a minute"
    if at < now or minutes >= 24 * 60:
        return moment(at, now, zone)
    number, unit = (minutes, "minute") if minutes < 120 else (round(minutes / 60), "hour")
    return f"in {number} {unit}{'' if number == 1 else 's'}"


def exact(at: datetime) -> str:
    return moment_words(at, seconds=True)


@pass_context
def when(context: Context, at: datetime) -> Markup:
    """A moment of the past, or one by which something ends."""
    request = _request(context)
    return _element(at, moment(at, request.now, request.zone))


@pass_context
def soon(context: Context, at: datetime) -> Markup:
    """A moment at which Jobferry does something by itself, told as the time until then."""
    request = _request(context)
    return _element(at, from_now(at, request.now, request.zone))


@pass_context
def timed(context: Context, text: str) -> Markup:
    """A text of the core, which tells moments as `14 Mar 2026, 15:42 UTC`, with these as the page shows moments. One
    that lies ahead and follows `at` is told as the time until then."""
    request = _request(context)

    def shown(found: re.Match[str]) -> str:
        at = moment_of(found)
        told = from_now if found[1] and at > request.now else moment
        return _element(at, told(at, request.now, request.zone))

    try:
        return Markup(IN_A_TEXT.sub(shown, str(escape(text))))  # noqa: S704 - escaped before
    except (ValueError, OverflowError):  # digits that are no time
        return escape(text)


def _element(at: datetime, words: str) -> Markup:
    machine = at.astimezone(UTC).isoformat(timespec="seconds")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(machine, exact(at), words)


def _request(context: Context) -> PageRequest:
    request = context.get("request")
    if not isinstance(request, PageRequest):
        raise TypeError("the template imports macros that show moments: do so `with context`")
    return request


def _is_shown_twice(local: datetime) -> bool:
    return local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
