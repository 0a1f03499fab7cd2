"""Start a reconciliation: a worker carries it out."""

from __future__ import annotations

from datetime import date, datetime, timedelta, tzinfo

from core.model.operations.audit import AuditEntry
from core.model.reconciliation.run import DAILY_SUMMARY, Reconciliation, RunState, period, yesterday
from core.model.shared.errors import Conflict
from core.model.shared.time_zone import zone_of
from core.services.service import Service
from ports.storage.transactions import TenantTransaction

MOST_RUNNING = 3
"""Each reads ServiceTrade for minutes, with the time that the account has there."""
FRESH = timedelta(hours=1)
"""People whose summary is due within an hour are told the same."""
SUMMARY_DAYS = 7
_HEAD_START = timedelta(seconds=10)
_STILL_OF_USE = timedelta(hours=12)
"""So long a summary waits for one that runs already, instead of starting another while ServiceTrade is away."""


class StartReconciliation(Service):
    async def __call__(
        self, tenant_id: str, first_day: date | None = None, last_day: date | None = None, *, by: str = "operator"
    ) -> Reconciliation:
        """Of the jobs completed on these days in the tenant's time zone: yesterday without a first day, one day without
        a last one. A running one of the same days is returned as it is.

        Raises BadInput (RECONCILIATION_DAYS), Conflict (RECONCILIATIONS_RUNNING).
        """
        async with self._transactions.begin(tenant_id) as t:
            now, zone = await t.now(), zone_of((await t.tenant()).time_zone)
            first = first_day or last_day or yesterday(zone, now)
            last = last_day or first
            run = self._new(tenant_id, zone, first, last, by, now)
            running = await t.reconciliations.running()
            for one in running:
                if (one.first_day, one.last_day) == (first, last):
                    return one
            if len([one for one in running if one.requested_by != DAILY_SUMMARY]) >= MOST_RUNNING:
                raise Conflict(
                    f"{MOST_RUNNING} reconciliations are running, and no more are started at the same time.",
                    code="RECONCILIATIONS_RUNNING",
                    fix="Wait until one has ended.",
                )
            await t.reconciliations.add(run, now)
            detail = {"first_day": first.isoformat(), "last_day": last.isoformat()}
            await t.audit.record(AuditEntry(now, by, "reconciliation.started", run.id, detail))
            return await t.reconciliations.get(run.id)

    async def for_summary(self, t: TenantTransaction) -> tuple[Reconciliation, bool]:
        """That of the last seven days and today for the daily summary: a fresh one, or a new one. The second value says
        that it is new: a worker begins it after a few seconds, unless the caller does."""
        now = await t.now()
        running = [one for one in await t.reconciliations.running() if one.requested_by == DAILY_SUMMARY]
        ended = [one for one in await t.reconciliations.page(limit=20) if one.requested_by == DAILY_SUMMARY]
        for one in (*running, *ended):
            if (
                now - one.created_at < (_STILL_OF_USE if one.running else FRESH)
                and one.state is not RunState.INCOMPLETE
            ):
                return one, False
        tenant = await t.tenant()
        zone = zone_of(tenant.time_zone)
        today = now.astimezone(zone).date()
        run = self._new(tenant.id, zone, today - timedelta(days=SUMMARY_DAYS), today, DAILY_SUMMARY, now)
        await t.reconciliations.add(run, now + _HEAD_START)
        return await t.reconciliations.get(run.id), True

    def _new(self, tenant_id: str, zone: tzinfo, first: date, last: date, by: str, now: datetime) -> Reconciliation:
        since, until = period(zone, first, last, now)
        return Reconciliation(
            id=self._ids.new("rec"),
            tenant_id=tenant_id,
            first_day=first,
            last_day=last,
            since=since,
            until=until,
            requested_by=by,
            created_at=now,
        )
