"""The daily summary: what was sent, what failed, what is in doubt, and which completed jobs were never sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo

from core.model.catalogue import CATALOGUE
from core.model.connections.connection import Connection
from core.model.notifications.content import (
    LONGEST_SUBJECT,
    MOST_ROWS,
    Content,
    Row,
    Section,
    count,
    doubt_section,
    local,
    plain,
)
from core.model.operations.job_counts import CauseTally, JobCounts, Waiting
from core.model.sending.send import DashboardWarning, SendState
from core.model.tenants.tenant import Tenant
from core.model.work_orders.cost_line import LedgerLine

_SENT = (SendState.SENT, SendState.SENT_WITH_WARNINGS)


@dataclass(frozen=True, slots=True)
class CompletedJobs:
    """Jobs completed in the last days that no connection has a send of. `unknown` says why nobody could tell."""

    jobs: tuple[tuple[str, datetime | None], ...] = ()
    more: int = 0
    unknown: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestFacts:
    """`finished` counts the sends that ended from `since` to `until`, by state. `jobs` are those that wait now,
    counted as on every page. `doubts` is what is in doubt now, at most a page. `notices` are warnings about no send."""

    since: datetime
    until: datetime
    finished: Mapping[SendState, int]
    jobs: JobCounts
    notices: tuple[DashboardWarning, ...]
    doubts: tuple[LedgerLine, ...]
    connections: tuple[Connection, ...]
    never_sent: CompletedJobs


def digest_content(facts: DigestFacts, tenant: Tenant, zone: tzinfo) -> Content:
    """The summary as a message. Times are those of the tenant's zone."""
    home = f"/t/{tenant.slug}"
    sent = sum(facts.finished.get(one, 0) for one in _SENT)
    by_hand = facts.finished.get(SendState.DONE_BY_HAND, 0)
    waiting, doubts = (facts.jobs.groups[one] for one in (Waiting.NEEDS_ATTENTION, Waiting.IN_DOUBT))
    parts = [
        f"{sent:,} sent",
        f"{waiting.jobs:,} {'needs' if waiting.jobs == 1 else 'need'} attention",
        f"{count(doubts.items, 'item', 'items')} to check" if doubts.items else "",
    ]
    lead = [
        f"From {local(facts.since, zone)} to {local(facts.until, zone)}: {count(sent, 'send', 'sends')} succeeded"
        + (f", {by_hand:,} were marked as done by hand." if by_hand else ".")
    ]
    failed = facts.finished.get(SendState.NEEDS_ATTENTION, 0)
    lead.append(
        f"{count(failed, 'send', 'sends')} failed in this time and {'needs' if failed == 1 else 'need'} attention."
        if failed
        else "No send failed in this time."
    )
    return Content(
        subject=plain("Daily summary: " + ", ".join(part for part in parts if part), LONGEST_SUBJECT),
        lead=tuple(lead),
        sections=tuple(one for one in _sections(facts, home, zone) if one.rows or one.more),
        path=home,
    )


def _sections(facts: DigestFacts, home: str, zone: tzinfo) -> tuple[Section, ...]:
    held = tuple(
        Row(
            text=f"{plain(one.name, 60)}: {plain(one.hold.finding.message if one.hold else _items(one))}",
            path=f"{home}/connections/{one.slug}",
        )
        for one in facts.connections
        if one.hold or one.items_hold
    )
    causes = [one for one in facts.jobs.causes if one.waiting is Waiting.NEEDS_ATTENTION]
    failed = tuple(_cause(one, home, zone) for one in causes[:MOST_ROWS])
    codes = dict.fromkeys(one.finding.code for one in facts.notices)
    notices = tuple(Row(text=_title(code), path=f"{home}/causes/{code}") for code in list(codes)[:MOST_ROWS])
    completed = facts.never_sent
    jobs = tuple(
        Row(text=f"Job {plain(job, 40)}" + (f", completed {local(at, zone)}" if at else ""), path=f"{home}/jobs/{job}")
        for job, at in completed.jobs
    )
    if completed.unknown:
        jobs = (*jobs, Row(text=f"Not known: {plain(completed.unknown)}"))
    return (
        Section(title="Connections on hold", rows=held),
        Section(title="Failed, and not sent again yet", rows=failed, more=len(causes) - len(failed)),
        Section(title="Other warnings", rows=notices, more=len(codes) - len(notices)),
        doubt_section(facts.doubts, zone),
        Section(title="Completed in the last 7 days and never sent", rows=jobs, more=completed.more),
    )


def _cause(one: CauseTally, home: str, zone: tzinfo) -> Row:
    since = f", the oldest since {local(one.oldest, zone)}" if one.oldest else ""
    return Row(
        text=f"{_title(one.code)}: {count(one.tally.jobs, 'job', 'jobs')}{since}", path=f"{home}/causes/{one.code}"
    )


def _title(code: str) -> str:
    entry = CATALOGUE.get(code)
    return entry.title if entry else plain(code, 60)


def _items(connection: Connection) -> str:
    return connection.items_hold.finding.message if connection.items_hold else ""
