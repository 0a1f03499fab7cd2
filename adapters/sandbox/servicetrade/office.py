"""Acts of people in the sandbox ServiceTrade, outside its API. Each act calls the webhooks and waits for them."""

from __future__ import annotations

from typing import Any

from adapters.sandbox.servicetrade.state import JOB, JOB_ITEM, ServiceTradeState
from adapters.sandbox.servicetrade.webhooks import Webhooks


class Office:
    """Every method returns after its events are delivered or dropped."""

    def __init__(self, state: ServiceTradeState, webhooks: Webhooks) -> None:
        self._state = state
        self._webhooks = webhooks

    async def complete(self, job: str) -> int | None:
        """Complete a job and return the time in Unix seconds. A reopened job gets a new time."""
        await self._set_status(job, "completed")
        return self._state.jobs[job].completed_on

    async def reopen(self, job: str) -> None:
        await self._set_status(job, "scheduled")

    async def add_item(self, job: str, name: str | None, **fields: Any) -> str:
        """Add an item and return its id. For `fields` see JobItem."""
        added = self._state.add_job_item(job, name, **fields)
        await self._tell(JOB_ITEM, added, "created")
        return added

    async def change_item(self, item: str, **fields: Any) -> None:
        for name, value in fields.items():
            setattr(self._state.job_items[item], name, value)
        await self._tell(JOB_ITEM, item, "updated")

    async def remove_item(self, item: str) -> None:
        self._state.remove_item(item)
        await self._tell(JOB_ITEM, item, "deleted")

    async def _set_status(self, job: str, status: str) -> None:
        if changes := self._state.set_status(job, status):
            self._webhooks.happened(JOB, job, "updated", changes)
            await self._webhooks.delivered()

    async def _tell(self, entity: int, record: str, action: str) -> None:
        self._webhooks.happened(entity, record, action)
        await self._webhooks.delivered()
