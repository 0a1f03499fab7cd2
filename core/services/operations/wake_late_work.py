"""After the clock was set back: what was requested or put off while it was ahead is due hours from now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog

from core.model.connections.connection import Connection
from core.model.notifications.recipient import Recipient
from core.model.sending.lifecycle.endings import LONGEST_WAIT
from core.services.connections.end_hold import end_hold
from core.services.service import Service
from ports.storage.due_work import WorkKind
from ports.storage.transactions import TenantTransaction

_log = structlog.get_logger()
_MARGIN = timedelta(minutes=5)
_PEOPLE_AT_ONCE = 200
_LISTS_WAIT = timedelta(days=8)
"""At most until the next night, and then for a maintenance window, which ends within a week."""


class WakeLateWork(Service):
    async def __call__(self, tenant_id: str) -> int:
        """Make the work of one tenant due that is due later than any pause lasts, and end holds that last longer.
        Returns how many sends there were.

        Maintenance windows, which may last longer, are no stored holds.
        """
        longest = max(LONGEST_WAIT, timedelta(seconds=max(self._delays.seconds))) + _MARGIN
        async with self._transactions.begin(tenant_id) as t:
            now = await t.now()
            connections = await t.connections.all()
            found = sum([await self._wake_connection(t, one, now, now + longest) for one in connections])
            await self._wake_the_told(t, tenant_id, now)
            await self._wake_the_rest(t, tenant_id, [one.id for one in connections], now, now + longest)
        return found

    async def _wake_connection(self, t: TenantTransaction, found: Connection, now: datetime, beyond: datetime) -> int:
        if found.hold is not None and found.hold.until is not None and found.hold.until > beyond:
            await end_hold(t, found.id, now)
        creations = await t.creations.pull_forward(found.id, beyond, now)
        sends = await t.sends.pull_forward(found.id, beyond, now)
        if sends or creations:
            await t.connections.wake(found.id, now)
            _log.warning("sends.due_again", tenant=found.tenant_id, connection=found.slug, count=sends + creations)
        return sends

    async def _wake_the_rest(
        self, t: TenantTransaction, tenant_id: str, connections: Sequence[str], now: datetime, beyond: datetime
    ) -> None:
        runs = [one.id for one in await t.reconciliations.running()]
        late = await t.completions.pull_forward(max(beyond, now + self._poll_every + _MARGIN), now)
        late += await t.pull_forward(WorkKind.RECONCILIATION, runs, beyond)
        late += await t.pull_forward(WorkKind.SUGGESTIONS, connections, beyond)
        late += await t.pull_forward(WorkKind.CODES, connections, now + _LISTS_WAIT)
        if late:
            _log.warning("work.due_again", tenant=tenant_id, count=late)

    async def _wake_the_told(self, t: TenantTransaction, tenant_id: str, now: datetime) -> None:
        """Their pauses last for hours, too. So what counts is when they were put off: that cannot be in the future."""
        beyond, late = now + _MARGIN, 0
        for endpoint in await t.webhook_endpoints.all():
            if moved := await t.webhook_endpoints.pull_forward(endpoint.id, beyond, now):
                await t.webhook_endpoints.wake(endpoint.id, now)
                late += moved
        for recipient in await _recipients(t):
            if moved := await t.notifications.pull_forward(recipient.id, beyond, now):
                await t.notifications.wake(recipient.id, now)
                late += moved
        if late:
            _log.warning("messages.due_again", tenant=tenant_id, count=late)


async def _recipients(t: TenantTransaction) -> list[Recipient]:
    """All of a tenant: the shared ones, and what people chose for themselves."""
    found, after = list(await t.notifications.all()), None
    while people := await t.people.page(limit=_PEOPLE_AT_ONCE, after=after):
        own = [await t.notifications.of_person(one.id) for one in people]
        found += [one for one in own if one]
        after = people[-1].email
    return found
