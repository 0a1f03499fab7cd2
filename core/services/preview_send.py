"""Preview: the plan a send would carry out now, with nothing written."""

from __future__ import annotations

from core.model.plan import SendPlan
from core.services.plan_send import PlanSend
from ports.transactions import Transactions


class PreviewSend:
    def __init__(self, transactions: Transactions, plan_send: PlanSend) -> None:
        self._transactions = transactions
        self._plan_send = plan_send

    async def __call__(self, tenant_id: str, connection: str, job_id: str, *, adopt: bool = False) -> SendPlan:
        """`connection` is a slug. Raises NotFound for an unknown connection or job."""
        async with self._transactions.begin(tenant_id) as t:
            found = await t.connections.by_slug(connection)
        return (await self._plan_send(found, job_id, adopt=adopt)).plan
