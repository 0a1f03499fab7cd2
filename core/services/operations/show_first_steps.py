"""The first steps of a tenant, as far as they are done now."""

from __future__ import annotations

from core.model.operations.first_steps import FirstSteps, first_steps
from core.model.sending.send import SendState
from core.model.sending.send_filter import SendFilter
from core.services.service import Service

_SENT = (SendState.SENT, SendState.SENT_WITH_WARNINGS, SendState.DONE_BY_HAND)


class ShowFirstSteps(Service):
    async def __call__(self, tenant_id: str) -> FirstSteps:
        """Read our own rows only, few of them, so that the start page opens at once."""
        async with self._transactions.begin(tenant_id) as t:
            tenant, connections = await t.tenant(), await t.connections.all()
            sent = any(one.proven for one in connections) or bool(await t.sends.page(SendFilter(states=_SENT), limit=1))
            people = len(await t.people.page(limit=2))
        return first_steps(
            connections,
            signed_in_at=tenant.signed_in_at,
            sent=sent,
            people=people,
            hidden=tenant.first_steps_hidden,
        )
