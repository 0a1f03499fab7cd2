"""What is done every hour, tenant by tenant: delete what is older than its retention period, in batches that lock
nobody out, and wake sends that a clock which was set back left behind."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime, timedelta

import structlog

from core.model.shared.time_zone import zone_of
from core.services.operations.answer_once import KEPT
from core.services.operations.show_home import bounds_of, last_days
from core.services.operations.wake_late_work import WakeLateWork
from core.services.service import Dependencies, Service
from ports.storage.operations.retention import Retention
from ports.storage.transactions import TenantTransaction

_log = structlog.get_logger()
_Forget = Callable[[datetime, int], Awaitable[int]]
BATCH = 500
"""Rows that one transaction deletes."""
_MARGIN = timedelta(days=1)
"""Clocks differ, and no completion may be forgotten while another machine would still send it."""


class KeepRetention(Service):
    """It holds the tenants that are left of the present round."""

    def __init__(self, d: Dependencies, wake_late_work: WakeLateWork) -> None:
        super().__init__(d)
        self._wake_late_work = wake_late_work
        self._left: deque[str] = deque()

    async def __call__(self) -> bool:
        """Work for a short time slice; call it about once an hour. Returns whether more is left: then call it again.

        Tenants take turns, a batch each, so that one with much to delete does not keep the others waiting.
        """
        over = self._begin_slice()
        if not self._left:
            self._left.extend(await self._begin_round(self._clock.now()))
        while self._left and not over():
            tenant_id = self._left.popleft()
            if await self._forget_batch(tenant_id):
                self._left.append(tenant_id)
        return bool(self._left)

    async def _begin_round(self, now: datetime) -> list[str]:
        async with self._transactions.begin_instance() as i:
            await i.credentials.tidy(now)
            await i.kept_answers.forget(now - KEPT, BATCH)
            if self._retention.audit is not None:
                await i.audit.forget(now - self._retention.audit, BATCH)
            return [tenant.id for tenant in await i.tenants.all()]

    async def _forget_batch(self, tenant_id: str) -> bool:
        """Delete one batch of the first kind that has any. Returns False if the tenant has nothing to delete."""
        await self._wake_late_work(tenant_id)
        await self._close_days(tenant_id)
        async with self._transactions.begin(tenant_id) as t:
            kind, deleted = await self._forget_first(t, await t.now())
        if deleted:
            _log.info("retention.deleted", tenant=tenant_id, kind=kind, count=deleted)
        return deleted > 0

    async def _close_days(self, tenant_id: str) -> None:
        """Once an hour is often enough: a day that is over is counted anew by each look until then."""
        async with self._transactions.begin(tenant_id) as t:
            zone = zone_of((await t.tenant()).time_zone)
            await t.counts.close_days(bounds_of(last_days(await t.now(), zone), zone))

    async def _forget_first(self, t: TenantTransaction, now: datetime) -> tuple[str, int]:
        for kind, period, forget in (("answers", KEPT, t.kept_answers.forget), *self._kinds(t.retention)):
            if deleted := await forget(now - period, BATCH):
                return kind, deleted
        return "", 0

    def _kinds(self, stored: Retention) -> Iterator[tuple[str, timedelta, _Forget]]:
        """The kinds that are not kept for ever, in order: the key of a repeated request goes before its send."""
        keep = self._retention
        yield "idempotency_keys", keep.idempotency_keys, stored.forget_keys
        if keep.attempts is not None:
            yield "attempts", keep.attempts, stored.forget_attempts
        if keep.sends is not None:
            yield "sends", max(keep.sends, keep.idempotency_keys), stored.forget_sends
            yield "creations", keep.sends, stored.forget_creations
        yield "deliveries", keep.deliveries, stored.forget_deliveries
        yield "messages", keep.deliveries, stored.forget_messages
        yield "reconciliations", keep.deliveries, stored.forget_reconciliations
        if keep.completions is not None:
            yield "completions", keep.completions + _MARGIN, stored.forget_completions
        if keep.audit is not None:
            yield "audit", keep.audit, stored.forget_audit
