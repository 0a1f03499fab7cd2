"""One reconciliation: its days, how far it is, and whether its result holds for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum

from core.model.shared.errors import BadInput, FieldError
from core.model.shared.time_zone import day_bounds

DAILY_SUMMARY = "daily summary"
"""`requested_by` of the reconciliation that the daily summary tells of."""
MOST_DAYS = 366
MOST_JOBS = 50_000
"""A reconciliation with more jobs ends incomplete, and asks for fewer days."""
MOST_ROUNDS = 8
"""If the list of jobs still changes after so many readings, the reconciliation ends incomplete."""


class RunState(StrEnum):
    RUNNING = "running"
    """A worker compares the jobs, or waits for ServiceTrade."""
    WHOLE = "whole"
    """Every completed job of the days was checked, and the list of them was the same before and after."""
    INCOMPLETE = "incomplete"
    """It ended, and `reason` says what is missing. What it found holds."""


class RunStep(StrEnum):
    """The next step. Each may be repeated after a crash."""

    LIST = "list"
    """Read the list of completed jobs, from its first page to its last."""
    CHECK = "check"
    """Compare the listed jobs that are not checked yet."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciliation:
    """Of the jobs completed from `since` until before `until`, the days `first_day` to `last_day` in the tenant's time
    zone; a day that is not over yet ends with the moment of the request.

    `round` counts the readings of the list, `failures` the failed tries in a row; `trouble` says why the last one
    failed, '' if it did not. `unnamed`: the list held a record without an id.
    """

    id: str
    tenant_id: str
    first_day: date
    last_day: date
    since: datetime
    until: datetime
    requested_by: str
    created_at: datetime
    seq: int = 0
    state: RunState = RunState.RUNNING
    step: RunStep = RunStep.LIST
    round: int = 0
    failures: int = 0
    trouble: str = ""
    reason: str = ""
    unnamed: bool = False
    finished_at: datetime | None = None

    @property
    def running(self) -> bool:
        return self.state is RunState.RUNNING


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedJob:
    """A completed job in ServiceTrade's list. `updated` is None if ServiceTrade does not say.

    `unreadable` says what is wrong with its record; `id` is '' if even that cannot be read.
    """

    id: str
    completed_on: datetime | None = None
    updated: datetime | None = None
    unreadable: str = ""


def period(zone: tzinfo, first: date, last: date, now: datetime) -> tuple[datetime, datetime]:
    """The moments from which and before which jobs of these days were completed.

    Raises BadInput (RECONCILIATION_DAYS) for days in the wrong order, in the future, or too many of them.
    """
    today = now.astimezone(zone).date()
    if last < first:
        raise _bad("/last_day", "The last day is before the first one.", "the first day, or a later one")
    if last > today:
        raise _bad("/last_day", f"{last} is not here yet.", f"{today} or an earlier day")
    if (last - first).days >= MOST_DAYS:
        raise _bad("/first_day", f"These are more than {MOST_DAYS} days.", f"{MOST_DAYS} days at most")
    if first.year < 2000:
        raise _bad("/first_day", f"{first} is too long ago.", "a day from the year 2000 on")
    since, until = day_bounds(zone, first)[0], day_bounds(zone, last)[1]
    # ServiceTrade gives whole seconds. The second that has begun is left out: jobs may still be completed in it.
    return since, min(until, now.astimezone(UTC).replace(microsecond=0))


def yesterday(zone: tzinfo, now: datetime) -> date:
    """The last day that is over in this zone."""
    return now.astimezone(zone).date() - timedelta(days=1)


def _bad(pointer: str, message: str, rule: str) -> BadInput:
    return BadInput(
        message,
        code="RECONCILIATION_DAYS",
        fix="Name the first and the last day, as 2026-11-30.",
        errors=[FieldError(pointer, rule)],
    )
