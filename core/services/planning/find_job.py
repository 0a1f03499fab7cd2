"""Find a job's id by the job number that people use."""

from __future__ import annotations

from core.services.service import Service


class FindJob(Service):
    async def __call__(self, tenant_id: str, number: str) -> str:
        """The id of the job with this number. Raises NotFound (JOB_NOT_FOUND)."""
        async with self._transactions.begin(tenant_id) as t:
            account = await t.account()
        return await self._service_trade.find_job_id(account, number)
