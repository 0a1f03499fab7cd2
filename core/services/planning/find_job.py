"""Find a job's id by the job number that people use."""

from __future__ import annotations

from ports.service_trade import ServiceTrade
from ports.storage.transactions import Transactions


class FindJob:
    def __init__(self, transactions: Transactions, service_trade: ServiceTrade) -> None:
        self._transactions = transactions
        self._service_trade = service_trade

    async def __call__(self, tenant_id: str, number: str) -> str:
        """The id of the job with this number. Raises NotFound (JOB_NOT_FOUND)."""
        async with self._transactions.begin(tenant_id) as t:
            account = await t.account()
        return await self._service_trade.find_job_id(account, number)
