"""The start page: what waits for people, by cause; the connections; and a chart of the last days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from core.model.connections.connection import Connection
from core.model.operations.job_counts import CauseTally, OpenSend, Outcome, Waiting
from core.model.sending.moment import outcome_of_failure
from core.model.sending.send import DashboardWarning
from core.model.shared import advice
from core.model.shared.errors import NotFound
from core.model.shared.finding import Retry
from core.model.shared.time_zone import day_bounds, day_of, zone_of
from core.model.tenants.tenant import Tenant
from core.model.work_orders.cost_line import LedgerLine
from core.services.operations.count_jobs import Attention, Notice, attention, notices
from core.services.sending.batches import LARGEST_BATCH
from core.services.service import Service
from ports.storage.transactions import TenantTransaction

DAYS = 14
MOST_CAUSES, MOST_OF_A_CAUSE, MOST_DOUBTS = 20, 5, 10


@dataclass(frozen=True, slots=True)
class CauseRow:
    """One cause of one group, with its newest sends; `jobs` are the newest of each job and connection. `needs` are the
    warnings of those that need nothing but codes."""

    tally: CauseTally
    sends: Sequence[OpenSend]
    jobs: Sequence[OpenSend]
    needs: Sequence[DashboardWarning]

    @property
    def by_itself(self) -> bool:
        """Jobferry tries again by itself; no person has to act."""
        return self.tally.waiting is Waiting.RETRYING

    @property
    def outcome(self) -> advice.Outcome:
        """Which advice is true: a failed send is not tried again by itself, whatever its cause is."""
        if self.by_itself:
            return advice.Outcome.RETRIES
        if self.tally.waiting is Waiting.STOPPED:
            return advice.Outcome.HELD
        finding = self.sends[0].finding if self.sends else None
        return outcome_of_failure(finding) if finding else advice.Outcome.STOPPED

    @property
    def again(self) -> bool:
        """Whether a person can retry all its sends."""
        finding = self.sends[0].finding if self.sends else None
        return self.tally.waiting is not Waiting.IN_DOUBT and not (finding and finding.retry is Retry.VERIFY_FIRST)


@dataclass(frozen=True, slots=True)
class Day:
    """The jobs whose sends were requested on a day, by how these sends stand now."""

    date: date
    jobs: Mapping[Outcome, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """`waiting`: by connection, the jobs that wait for it, for connections that do not work at present. `doubts`: the
    oldest items in doubt."""

    attention: Attention
    connections: Sequence[Connection]
    waiting: Mapping[str, int]
    rows: Sequence[CauseRow]
    rows_left_out: int
    notices: Sequence[Notice]
    doubts: Sequence[LedgerLine]
    days: Sequence[Day]
    ever_sent: bool


class ShowHome(Service):
    async def __call__(self, tenant: Tenant) -> Home:
        """Read our own rows only, so the page opens at once, independent of the remote systems. What a person has to
        do comes first, then the causes with the most jobs. Days are those of the tenant's time zone."""
        now, zone = self._clock.now(), zone_of(tenant.time_zone)
        days = last_days(now, zone)
        async with self._transactions.begin(tenant.id) as t:
            connections = [one.shown_at(now) for one in await t.connections.all()]
            jobs = await t.counts.jobs()
            found = await notices(t)
            # Doubts are rows of their own page, and what waits for a connection is shown with it.
            causes = [one for one in jobs.causes if one.waiting in (Waiting.NEEDS_ATTENTION, Waiting.RETRYING)]
            causes.sort(key=lambda one: one.waiting is Waiting.RETRYING)
            by_day = await t.counts.days(bounds_of(days, zone))
            return Home(
                attention=attention(jobs, connections, found),
                connections=connections,
                waiting=await t.counts.waiting([one.id for one in connections if one.paused or one.hold]),
                rows=await _rows(t, tenant, connections, causes[:MOST_CAUSES], MOST_OF_A_CAUSE),
                rows_left_out=len(causes[MOST_CAUSES:]),
                notices=found,
                doubts=await t.ledger.doubts(limit=MOST_DOUBTS) if jobs.groups[Waiting.IN_DOUBT].items else [],
                days=[Day(day, of_day) for day, of_day in zip(days, by_day, strict=True)],
                ever_sent=any(by_day) or jobs.attention > 0 or bool(await t.sends.page(limit=1)),
            )

    async def of_cause(self, tenant: Tenant, code: str) -> tuple[Sequence[CauseRow], Notice | None]:
        """One cause: its rows, each with the newest LARGEST_BATCH sends, and what else is open of it.
        Raises NotFound (CAUSE_NOT_FOUND) if nothing is."""
        async with self._transactions.begin(tenant.id) as t:
            causes = [one for one in (await t.counts.jobs()).causes if one.code == code]
            notice = next((one for one in await notices(t) if one.code == code), None)
            if not causes and notice is None:
                raise NotFound(
                    "Nothing with this cause is open any more.", code="CAUSE_NOT_FOUND", fix="See the start page."
                )
            return await _rows(t, tenant, await t.connections.all(), causes, LARGEST_BATCH), notice


async def _rows(
    t: TenantTransaction, tenant: Tenant, connections: Sequence[Connection], causes: Sequence[CauseTally], each: int
) -> Sequence[CauseRow]:
    stopped = [one.id for one in connections if tenant.paused or one.stopped]
    asked = [(one.waiting, one.code) for one in causes]
    found = await t.counts.open_sends(asked, each=2 * each, stopped=stopped)
    needing = {one.send_id: one for one in await t.warnings.needing_codes(found)}
    rows = []
    for cause in causes:
        sends = [one for one in found if (one.waiting, one.code) == (cause.waiting, cause.code)]
        jobs = _newest_of_jobs(sends)[:each]
        rows.append(CauseRow(cause, sends, jobs, [needing[one.send_id] for one in jobs if one.send_id in needing]))
    return rows


def _newest_of_jobs(sends: Sequence[OpenSend]) -> list[OpenSend]:
    newest: dict[tuple[str, str], OpenSend] = {}
    for one in sends:
        newest.setdefault((one.connection_id, one.job_id), one)
    return list(newest.values())


def last_days(now: datetime, zone: tzinfo) -> Sequence[date]:
    """The last days of the calendar, today last."""
    today = day_of(zone, now)
    return [today - timedelta(days=back) for back in range(DAYS - 1, -1, -1)]


def bounds_of(days: Sequence[date], zone: tzinfo) -> Sequence[datetime]:
    """When each of the days begins, and when the last one ends."""
    return [*(day_bounds(zone, day)[0] for day in days), day_bounds(zone, days[-1])[1]]
