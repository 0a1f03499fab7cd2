"""Reads lists completely: an unreadable row is an error or is returned as unreadable, and is never dropped."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from hashlib import sha256
from typing import Any

from adapters.outbound.servicetrade.calls import LIST_LIMIT, MOST_PAGES, PAGE_SIZE, Calls, total_pages
from adapters.outbound.servicetrade.refusal import list_unsteady
from adapters.outbound.servicetrade.transport import Request
from adapters.outbound.servicetrade.unreachable import endless_list, wrong_address
from core.model.tenants.tenant import ServiceTradeAccount

Row = Mapping[str, Any]


async def pages(
    calls: Calls,
    account: ServiceTradeAccount,
    path: str,
    query: Mapping[str, str],
    key: str,
    what: str,
    *,
    limit: int = LIST_LIMIT,
    lenient: bool = False,
) -> AsyncIterator[Sequence[Row]]:
    """Yield the rows of each page, each row once. Ends after `totalPages`. Without it, ends after a page with no new
    rows: an empty page, or the last one again.

    Raises TenantMends (ST_BASE_URL_WRONG) if there is no list, a row is no record, or the list has more than `limit`
    bytes. Raises TimeMends (ST_UNREACHABLE) if the pages do not match: no new rows before the last page, or one id on
    two different rows. With `lenient`, an invalid row does not raise; one that is no object becomes an empty row.
    """
    seen: dict[str, bytes] = {}
    size = 0
    for page in range(1, MOST_PAGES + 1):
        request = Request("GET", path, {**query, "page": str(page), "limit": str(PAGE_SIZE)})
        envelope = await calls.call(account, request, what)
        data = envelope.data
        size += envelope.size
        if size > limit:
            break
        fresh: list[Row] = []
        for row in _records(account, data.get(key), key, lenient):
            print_of_row = sha256(repr(sorted(row.items())).encode()).digest()
            known = seen.setdefault(str(row.get("id")), print_of_row)
            if known is print_of_row:
                fresh.append(row)
            elif known != print_of_row and "id" in row:
                raise list_unsteady(what)
        yield fresh
        total = total_pages(data.get("totalPages"))
        if page >= total if total is not None else not fresh:
            return
        if not fresh:
            raise list_unsteady(what)
    raise endless_list(account.base_url, what)


def _records(account: ServiceTradeAccount, listed: object, key: str, lenient: bool) -> Sequence[Row]:
    if not isinstance(listed, list):
        raise wrong_address(account.base_url, f"answers without the requested list {key}")
    if lenient:
        return [row if isinstance(row, dict) else {} for row in listed]
    for row in listed:
        if not isinstance(row, dict) or not isinstance(row.get("id"), (int, str)):
            raise wrong_address(account.base_url, f"lists an entry in {key} that is not a ServiceTrade record")
    return listed
