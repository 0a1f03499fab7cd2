"""Collect what a daily summary says: from our own rows, and completed jobs from ServiceTrade."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import datetime, timedelta

import structlog

from core.model.notifications.content import MOST_ROWS
from core.model.notifications.digest import CompletedJobs, DigestFacts
from core.model.shared.errors import JobferryError
from core.services.service import Dependencies, Service
from ports.storage.transactions import TenantTransaction

_log = structlog.get_logger()
LOOK_BACK = timedelta(days=7)
"""Jobs that were completed longer ago are not looked for."""
_MOST_JOBS, _MOST_DOUBTS, _MOST_NOTICES = 2000, 500, 500
_SECONDS = 30.0
_KEPT = timedelta(minutes=10)


class CollectDigest(Service):
    """Keeps each tenant's completed jobs for ten minutes: many people have their summary at the same hour."""

    def __init__(self, d: Dependencies) -> None:
        super().__init__(d)
        self._kept: dict[str, tuple[datetime, CompletedJobs]] = {}
        self._reading: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def never_sent(self, tenant_id: str) -> CompletedJobs:
        """Jobs that were completed in the last days and have no send. Says why if ServiceTrade does not tell; does not
        raise for that."""
        async with self._reading[tenant_id]:
            now = self._clock.now()
            self._kept = {key: one for key, one in self._kept.items() if now - one[0] < _KEPT}
            if tenant_id not in self._kept:
                self._kept[tenant_id] = now, await self._look(tenant_id, now)
            return self._kept[tenant_id][1]

    async def __call__(
        self, t: TenantTransaction, never_sent: CompletedJobs, since: datetime, until: datetime
    ) -> DigestFacts:
        """The facts of a summary, in the transaction that stores it."""
        return DigestFacts(
            since=since,
            until=until,
            finished=await t.notifications.ended_between(since, until),
            jobs=await t.counts.jobs(),
            notices=tuple(await t.warnings.beside_sends(limit=_MOST_NOTICES)),
            doubts=tuple(await t.ledger.doubts(limit=_MOST_DOUBTS)),
            connections=tuple(await t.connections.all()),
            never_sent=never_sent,
        )

    async def _look(self, tenant_id: str, now: datetime) -> CompletedJobs:
        async with self._transactions.begin(tenant_id) as t:
            if not await t.connections.all():
                return CompletedJobs()
            account = await t.account()
        completed: dict[str, datetime | None] = {}
        try:
            async with asyncio.timeout(_SECONDS):
                async for job in self._service_trade.changed_since(account, now - LOOK_BACK):
                    done = job.completion
                    if job.id and done and (done.completed_on is None or done.completed_on >= now - LOOK_BACK):
                        completed[job.id] = done.completed_on
                    if len(completed) >= _MOST_JOBS:
                        break
        except (JobferryError, TimeoutError) as error:
            why = error.message if isinstance(error, JobferryError) else "ServiceTrade did not answer in time."
            _log.warning("digest.jobs_unknown", tenant=tenant_id, reason=why)
            return CompletedJobs(unknown=why)
        async with self._transactions.begin(tenant_id) as t:
            known = await t.notifications.requested(completed) if completed else frozenset()
        missing = sorted(
            ((job, at) for job, at in completed.items() if job not in known),
            key=lambda one: (one[1] is not None, one[1] or now, one[0]),
            reverse=True,
        )
        return CompletedJobs(tuple(missing[:MOST_ROWS]), max(0, len(missing) - MOST_ROWS))
