"""After the clock was set back: what was requested or put off while it was ahead is due hours from now."""

from __future__ import annotations

from datetime import timedelta

import structlog

from core.model.sending.lifecycle.endings import LONGEST_WAIT
from core.services.connections.end_hold import end_hold
from core.services.service import Service

_log = structlog.get_logger()
_MARGIN = timedelta(minutes=5)


class WakeLateSends(Service):
    async def __call__(self, tenant_id: str) -> int:
        """Make those sends of a tenant due that are due later than any pause lasts, and end holds that last longer.
        Returns how many sends there were.

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
                if late := await t.sends.pull_forward(connection.id, now + longest, now):
                    await t.connections.wake(connection.id, now)
                    _log.warning("sends.due_again", tenant=tenant_id, connection=connection.slug, count=late)
                    found += late
        return found
