"""Reads the items of a job: all items, each once, or an error. Quantities and amounts are exact numbers.

A member that cannot be read is told with its item (`JobItem.unreadable`): the plan blocks the item if it needs that
member. So one odd cost does not hide the other items.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

import structlog

from adapters.net.json_shapes import identifier, key_of, quoted, sole, text, text_or_nothing
from adapters.outbound.servicetrade.calls import Part, Row, checked_id, checked_system
from adapters.outbound.servicetrade.records import detail, external_ids, named, service_line
from adapters.outbound.servicetrade.refusal import list_unsteady
from adapters.outbound.servicetrade.transport import Request
from adapters.outbound.servicetrade.unreachable import wrong_address
from core.model.shared.errors import TenantMends
from core.model.tenants.tenant import ServiceTradeAccount
from core.model.work_orders.item import ItemMember, JobItem, Unreadable, item_type

_log = structlog.get_logger(__name__)
_T = TypeVar("_T")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?", re.ASCII)
_MOST_DIGITS = 60


def exact(value: object) -> Decimal | None:
    """Return a quantity or an amount, from a number or its text, without rounding. None for nothing.

    Raises ValueError for anything else. Formatted money ("$1,250.00") occurs on quotes only, so it is not read here.
    """
    one = sole(value)
    if isinstance(one, str):
        one = one.strip()
        if len(one) > 2 * _MOST_DIGITS or not _NUMBER.fullmatch(one or "0"):
            raise ValueError("not an exact number")
    elif one is not None and (isinstance(one, bool) or not isinstance(one, (int, Decimal))):
        raise ValueError("not an exact number")
    if one is None or one == "":
        return None
    number = Decimal(one)
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int) or exponent < -_MOST_DIGITS or number.adjusted() >= _MOST_DIGITS:
        raise ValueError("a number out of all bounds")
    return number


class _Members:
    """Reads members one by one and collects those that cannot be read."""

    def __init__(self) -> None:
        self.unreadable: list[Unreadable] = []

    def read(self, member: ItemMember, how: Callable[[object], _T], value: object, otherwise: _T) -> _T:
        try:
            return how(value)
        except ValueError:
            self.unreadable.append(Unreadable(member, quoted(value)))
            return otherwise


_READINGS = 3


class Items(Part):
    async def read_items(self, account: ServiceTradeAccount, job_id: str, system: str) -> Sequence[JobItem]:
        """Read all items. A list of more than one page is read until two readings agree.

        An item that is deleted between two pages moves all later ones up, so the first of the next page is missed.
        """
        before: Sequence[JobItem] | None = None
        library: dict[str, Mapping[str, Any]] = {}
        for _ in range(_READINGS):
            items, calls = await self._reading(account, checked_id(job_id), checked_system(system), library)
            if calls == 1 or items == before:
                return items
            before = items
        raise list_unsteady(_what(job_id))

    async def _reading(
        self, account: ServiceTradeAccount, job_id: str, system: str, library: dict[str, Mapping[str, Any]]
    ) -> tuple[Sequence[JobItem], int]:
        """Return the items and the number of pages. `library` holds the library items that were read by their ids."""
        items: list[JobItem] = []
        calls = 0
        query = {"jobId": job_id}
        async for page in self._calls.pages(account, "/jobitem", query, "jobItems", _what(job_id)):
            calls += 1
            for row in page:
                items.append(_item(account, await self._with_library(account, row, library), job_id, system))
        return items, calls

    async def _with_library(self, account: ServiceTradeAccount, row: Row, library: dict[str, Mapping[str, Any]]) -> Row:
        """Return the row with the record of its library item in place of a bare id, or of a stub without a type."""
        told = sole(row.get("libItem"))
        id_ = "" if isinstance(told, dict) and "type" in told else _id_of(told)
        if id_ and id_ not in library:
            library[id_] = await self._library_item(account, id_)
        stub: Mapping[str, Any] = told if isinstance(told, dict) else {}
        return {**row, "libItem": {**stub, **library[id_]}} if library.get(id_) else row

    async def _library_item(self, account: ServiceTradeAccount, id_: str) -> Mapping[str, Any]:
        """Return a library item's record, {} if it cannot be read: that says something about its items only."""
        try:
            what = f"to read the library item {id_}"
            envelope = await self._calls.find(account, Request("GET", f"/libitem/{id_}"), what)
        except TenantMends as error:
            _log.warning("servicetrade.library_item_unread", tenant_id=account.tenant_id, id=id_, code=error.code)
            return {}
        record = detail(envelope.data, "libItem") if envelope else {}
        return record if key_of(record) == id_ else {}


def _item(account: ServiceTradeAccount, row: Row, job_id: str, system: str) -> JobItem:
    if _job_of(row) not in ("", job_id):
        raise wrong_address(account.base_url, f"lists items of another job than {job_id}")
    members = _Members()
    nothing: Mapping[str, Any] = {}
    library = members.read("type", _library, row.get("libItem"), nothing)
    ids = members.read("external_id", lambda told: external_ids(told, system), library.get("externalIds"), nothing)
    return JobItem(
        id=key_of(row),
        name=text_or_nothing(row.get("name")) or text_or_nothing(library.get("name")),
        type=item_type(members.read("type", _type, library.get("type"), "")),
        quantity=members.read("quantity", exact, row.get("quantity"), None),
        cost=members.read("cost", exact, row.get("cost"), None),
        code=members.read("code", text, library.get("code"), ""),
        external_id=ids.get(system),
        source=_kind(row.get("source")),
        service_line=service_line(named(row.get("serviceLine"))),
        unreadable=tuple(members.unreadable),
        library_id=_id_of(sole(row.get("libItem"))),
        generic=sole(library.get("isGeneric")) in (True, "1", "true"),
    )


def _job_of(row: Row) -> str:
    """The id of the item's job, '' if it tells none."""
    return _id_of(sole(row.get("job")))


def _id_of(one: object) -> str:
    """The id of an object, or a bare id; '' if it is neither."""
    try:
        return identifier(one.get("id") if isinstance(one, dict) else one)
    except ValueError:
        return ""


def _library(value: object) -> Mapping[str, Any]:
    """Read the library item. A bare id that could not be resolved does not tell the type, and a labor item must be
    known as one."""
    one = sole(value)
    if one is None or one is False:
        return {}
    if not isinstance(one, dict):
        raise ValueError("not a library item")  # noqa: TRY004 - one error for every odd shape
    return one


def _type(value: object) -> str:
    """Read a type, which may be an object with a name. A number is no type."""
    one = sole(value)
    if one is None:
        return ""
    name = sole(one.get("name")) if isinstance(one, dict) else one
    if not isinstance(name, str):
        raise ValueError("not a type")  # noqa: TRY004 - one error for every odd shape
    return name


def _kind(value: object) -> str:
    """Read a member that is a kind, or an object with the kind as `type`."""
    one = sole(value)
    return text_or_nothing(one.get("type") if isinstance(one, dict) else one)


def _what(job_id: str) -> str:
    return f"to read the items of the job {job_id}"
