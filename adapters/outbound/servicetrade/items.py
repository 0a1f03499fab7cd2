"""Reads the items of a job: all items, each once, with exact numbers, or an error."""

from __future__ import annotations

from collections.abc import Sequence

from adapters.outbound.servicetrade.calls import Calls
from adapters.outbound.servicetrade.item_records import ItemRecord, LibraryItem
from adapters.outbound.servicetrade.listing import Row, pages
from adapters.outbound.servicetrade.records import read_from
from adapters.outbound.servicetrade.refusal import list_unsteady
from adapters.outbound.servicetrade.unreachable import wrong_address
from core.model.tenants.tenant import ServiceTradeAccount
from core.model.work_orders.item import JobItem, item_type

_READINGS = 3


class ItemReading:
    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    async def read(self, account: ServiceTradeAccount, job_id: str, system: str) -> Sequence[JobItem]:
        """Read all items. A list of more than one page is read until two readings agree.

        An item that is deleted between two pages moves all later ones up, so the first of the next page is missed.
        """
        before: Sequence[JobItem] | None = None
        for _ in range(_READINGS):
            items, calls = await self._once(account, job_id, system)
            if calls == 1 or items == before:
                return items
            before = items
        raise list_unsteady(_what(job_id))

    async def _once(self, account: ServiceTradeAccount, job_id: str, system: str) -> tuple[Sequence[JobItem], int]:
        items: list[JobItem] = []
        calls = 0
        query = {"jobId": job_id}
        async for page in pages(self._calls, account, "/jobitem", query, "jobItems", _what(job_id)):
            calls += 1
            items += [_item(account, row, job_id, system) for row in page]
        return items, calls


def _item(account: ServiceTradeAccount, row: Row, job_id: str, system: str) -> JobItem:
    item = read_from(account, ItemRecord, row, "lists an item in an unknown form")
    if item.job and item.job.id != job_id:
        raise wrong_address(account.base_url, f"lists items of another job than {job_id}")
    library = item.libItem or LibraryItem()
    return JobItem(
        id=item.id,
        name=item.name or library.name,
        type=item_type(library.type),
        quantity=item.quantity,
        cost=item.cost,
        code=library.code,
        external_id=library.externalIds.get(system),
        source=item.source,
        service_line=(item.serviceLine.name or item.serviceLine.abbr) if item.serviceLine else "",
    )


def _what(job_id: str) -> str:
    return f"to read the items of the job {job_id}"
