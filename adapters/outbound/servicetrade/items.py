"""Reads the items of a job: all items, each once, or an error. Quantities and amounts must be exact numbers; all others
are refused."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from adapters.outbound.servicetrade.calls import Part, Row, checked_id, checked_system
from adapters.outbound.servicetrade.records import ExternalIds, NamedMember, Record, Reference, Text, read_from
from adapters.outbound.servicetrade.refusal import list_unsteady
from adapters.outbound.servicetrade.unreachable import wrong_address
from core.model.tenants.tenant import ServiceTradeAccount
from core.model.work_orders.item import JobItem, item_type

_PLAIN_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")
_MOST_DIGITS = 60


def _exact(value: Any) -> Decimal | None:
    """Return a quantity or an amount, from a JSON number or plain text, without rounding.
    Formatted money ("$1,250.00") occurs on quotes only, so it is not read here."""
    if value is None:
        return None
    if isinstance(value, str):
        readable = len(value) <= 2 * _MOST_DIGITS and _PLAIN_NUMBER.fullmatch(value) is not None
    else:
        readable = isinstance(value, (int, Decimal)) and not isinstance(value, bool)
    if not readable:
        raise ValueError("not an exact number")
    number = Decimal(value)
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -_MOST_DIGITS or number.adjusted() >= _MOST_DIGITS:
        raise ValueError("a number out of all bounds")
    return number


def _kind(value: object) -> object:
    """Read a member that is a kind, or an object with the kind as `type`."""
    kind = value.get("type") if isinstance(value, dict) else value
    return kind if isinstance(kind, str) else ""


Number = Annotated[Decimal | None, BeforeValidator(_exact)]


class LibraryItem(Record):
    name: Text = ""
    type: Text = ""
    code: Text = ""
    externalIds: ExternalIds = Field(default_factory=dict)


class ItemRecord(Record):
    """An item of a job. `cost` is per unit. There is no price."""

    id: Annotated[str, Field(min_length=1)]
    name: Text = ""
    quantity: Number = None
    cost: Number = None
    job: Reference = None
    libItem: LibraryItem | None = None
    source: Annotated[str, BeforeValidator(_kind)] = ""
    serviceLine: NamedMember = None


_READINGS = 3


class Items(Part):
    async def read_items(self, account: ServiceTradeAccount, job_id: str, system: str) -> Sequence[JobItem]:
        """Read all items. A list of more than one page is read until two readings agree.

        An item that is deleted between two pages moves all later ones up, so the first of the next page is missed.
        """
        before: Sequence[JobItem] | None = None
        for _ in range(_READINGS):
            items, calls = await self._reading(account, checked_id(job_id), checked_system(system))
            if calls == 1 or items == before:
                return items
            before = items
        raise list_unsteady(_what(job_id))

    async def _reading(self, account: ServiceTradeAccount, job_id: str, system: str) -> tuple[Sequence[JobItem], int]:
        items: list[JobItem] = []
        calls = 0
        query = {"jobId": job_id}
        async for page in self._calls.pages(account, "/jobitem", query, "jobItems", _what(job_id)):
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
