"""After the clock was set back: what was requested or put off while it was ahead is due hours from now."""

from __future__ import annotations

from datetime import datetime, timedelta

import structlog

from core.model.notifications.recipient import Recipient
from core.model.sending.lifecycle.endings import LONGEST_WAIT
from core.services.connections.end_hold import end_hold
from core.services.service import Service
from ports.storage.due_work import WorkKind
from ports.storage.transactions import TenantTransaction

_log = structlog.get_logger()
_MARGIN = timedelta(minutes=5)
_PEOPLE_AT_ONCE = 200
_IN_PARTS = (WorkKind.RECONCILIATION, WorkKind.SUGGESTIONS)
"""Work without an end of its own time: each part follows the last at once, or after a pause."""
_LISTS_WAIT = timedelta(days=8)
"""At most until the next night, and then for a maintenance window, which ends within a week."""


class WakeLateWork(Service):
    """What follows ServiceTrade, Spectrum's answers and people's requests for one tenant, in one transaction."""

    async def __call__(self, tenant_id: str) -> int:
        """Make all that work due that is due later than any pause lasts, and end holds that last longer. Returns how
        many sends there were.

        Maintenance windows, which may last longer, are no stored holds.
        """
        longest = max(LONGEST_WAIT, timedelta(seconds=max(self._delays.seconds))) + _MARGIN
        found = 0
        async with self._transactions.begin(tenant_id) as t:
            now = await t.now()
            for connection in await t.connections.all():
                hold = connection.hold
                if hold is not None and hold.until is not None and hold.until > now + longest:
                    await end_hold(t, connection.id, now)
                created = await t.creations.pull_forward(connection.id, now + longest, now)
                late = await t.sends.pull_forward(connection.id, now + longest, now)
                if late or created:
                    await t.connections.wake(connection.id, now)
                    _log.warning("sends.due_again", tenant=tenant_id, connection=connection.slug, count=late + created)
                    found += late
            await self._wake_the_told(t, tenant_id, now)
            polled = max(longest, self._poll_every + _MARGIN)
            late = await t.completions.pull_forward(now + polled, now)
            late += await t.pull_forward(_IN_PARTS, now + longest)
            late += await t.pull_forward((WorkKind.CODES,), now + _LISTS_WAIT)
            if late:
                _log.warning("work.due_again", tenant=tenant_id, count=late)
        return found

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
