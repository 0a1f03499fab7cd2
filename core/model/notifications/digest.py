"""The daily summary: what was sent, what failed, what is in doubt, and whether all completed jobs are accounted for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from core.model.catalogue import CATALOGUE
from core.model.connections.connection import Connection
from core.model.creations.creation import Creation
from core.model.notifications.content import (
    LONGEST_SUBJECT,
    MOST_ROWS,
    Content,
    Row,
    Section,
    count,
    doubt_section,
    local,
    new_records_section,
    plain,
)
from core.model.operations.job_counts import CauseTally, JobCounts, Waiting
from core.model.reconciliation.entry import ReconciledJob
from core.model.reconciliation.report_words import days_words, result_words, uncompared_words
from core.model.reconciliation.run import Reconciliation, RunState
from core.model.reconciliation.tally import ReconciliationTally
from core.model.sending.send import DashboardWarning, SendState
from core.model.tenants.tenant import Tenant
from core.model.work_orders.cost_line import LedgerLine

_SENT = (SendState.SENT, SendState.SENT_WITH_WARNINGS)


@dataclass(frozen=True, slots=True, kw_only=True)
class CompletedJobs:
    """The reconciliation of the last days, with the first jobs that are not accounted for. `late`: it has not ended in
    time for the summary."""

    run: Reconciliation
    tally: ReconciliationTally
    jobs: tuple[ReconciledJob, ...] = ()
    late: bool = False

    @property
    def whole(self) -> bool:
        return self.run.state is RunState.WHOLE

    @property
    def words(self) -> str:
        """The result in a sentence, also if all is well: silence would be taken for it."""
        if self.late:
            done = f"{self.tally.checked:,} of {self.tally.listed:,} jobs" if self.tally.listed else "no job"
            why = f" {self.run.trouble}" if self.run.trouble else ""
            return f"Not all completed jobs could be compared in time, {done} so far.{why}"
        return " ".join(filter(None, (result_words(self.run, self.tally), uncompared_words(self.tally))))


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestFacts:
    """`finished` counts the sends that ended from `since` to `until`, by state. `jobs` are those that wait now,
    counted as on every page. `doubts` are the items in doubt now, at most a page, `new_records` the sites and customers
    that wait for a person. `notices` are warnings about no send.
    `completed` is None for a tenant without connections."""

    since: datetime
    until: datetime
    finished: Mapping[SendState, int]
    jobs: JobCounts
    notices: tuple[DashboardWarning, ...]
    doubts: tuple[LedgerLine, ...]
    new_records: tuple[Creation, ...]
    connections: tuple[Connection, ...]
    completed: CompletedJobs | None


def digest_content(facts: DigestFacts, tenant: Tenant, zone: tzinfo) -> Content:
    """The summary as a message. Times are those of the tenant's zone."""
    home = f"/t/{tenant.slug}"
    sent = sum(facts.finished.get(one, 0) for one in _SENT)
    by_hand = facts.finished.get(SendState.DONE_BY_HAND, 0)
    waiting, doubts = (facts.jobs.groups[one] for one in (Waiting.NEEDS_ATTENTION, Waiting.IN_DOUBT))
    beside = facts.jobs.unclear_annotations
    parts = [
        f"{sent:,} sent",
        f"{waiting.jobs:,} {'needs' if waiting.jobs == 1 else 'need'} attention",
        f"{count(doubts.items, 'item', 'items')} to check" if doubts.items else "",
        f"{count(beside, 'note or document', 'notes and documents')} to check" if beside else "",
        f"{count(facts.jobs.new_records, 'new record', 'new records')} to check" if facts.jobs.new_records else "",
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
    if beside:
        lead.append(
            f"{count(beside, 'note or document', 'notes and documents')} of sent jobs may be in Spectrum or not: see "
            "Check in Spectrum."
        )
    if facts.completed:
        lead.append(plain(f"Jobs completed {days_words(facts.completed.run)}: {facts.completed.words}"))
        parts.append(_completed_words(facts.completed))
    completed = _completed_section(facts.completed, home, zone) if facts.completed else None
    others = tuple(one for one in _sections(facts, home, zone) if one.rows or one.more)
    content = Content(
        subject=plain("Daily summary: " + ", ".join(part for part in parts if part), LONGEST_SUBJECT),
        lead=tuple(lead),
        sections=(*others, completed) if completed else others,
        path=home,
    )
    if facts.completed and completed and not others:  # posts have one link
        path = _comparison(facts.completed, home)
        return replace(content, path=path, path_words="Open the completed jobs")
    return content


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
    return (
        Section(title="Connections on hold", rows=held),
        Section(title="Failed, and not sent again yet", rows=failed, more=len(causes) - len(failed)),
        Section(title="Other warnings", rows=notices, more=len(codes) - len(notices)),
        doubt_section(facts.doubts, zone),
        new_records_section(facts.new_records, home, zone),
    )


def _completed_section(completed: CompletedJobs, home: str, zone: tzinfo) -> Section | None:
    """The jobs to look at and the page of them all; None if all is well."""
    path, number = _comparison(completed, home), completed.tally.differs()
    if number:
        jobs = [_job(one, home, zone) for one in completed.jobs]
        whole = Row(text=f"{'What' if number == 1 else f'All {number:,} jobs, and what'} to do", path=path)
        return Section(title="Completed jobs that are not accounted for", rows=(*jobs, whole))
    if not completed.whole:
        whole = Row(text="How far it is, and why", path=path)
        return Section(title="Completed jobs that could not all be compared", rows=(whole,))
    return None


def _comparison(completed: CompletedJobs, home: str) -> str:
    return f"{home}/reconciliations/{completed.run.id}"


def _completed_words(completed: CompletedJobs) -> str:
    """For the subject."""
    if number := completed.tally.differs():
        return f"{count(number, 'completed job', 'completed jobs')} not accounted for"
    if not completed.whole:
        return "completed jobs not all compared"
    if not completed.tally.checked:
        return "no job completed"
    return f"{count(completed.tally.checked, 'completed job', 'completed jobs')} accounted for"


def _job(job: ReconciledJob, home: str, zone: tzinfo) -> Row:
    first = next(job.differences)
    done = f", completed {local(job.completed_on, zone)}" if job.completed_on else ""
    name = plain(job.number or job.job_id, 40)
    return Row(text=f"Job {name}{done}: {plain(first.message, 180)}", path=f"{home}/jobs/{job.job_id}")


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
