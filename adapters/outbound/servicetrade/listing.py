"""Lists of which every row counts: what cannot be read is an error, or comes along as such, never a row less."""

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
    """The rows of each page that came, each row once. Ends after `totalPages`, or where that is not told, on a page
    without news: empty, or the last one again.

    Raises TenantMends (ST_BASE_URL_WRONG) if there is no list or a row is no record, TimeMends (ST_UNREACHABLE) if
    the pages do not fit together: one that is empty before the last, or one id on two different rows. More than `limit`
    bytes in all is no ServiceTrade either. With `lenient` a row that is no record comes along as it is.
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
        raise wrong_address(account.base_url, f"answers without the list {key} that was asked for")
    if lenient:
        return [row if isinstance(row, dict) else {} for row in listed]
    for row in listed:
        if not isinstance(row, dict) or not isinstance(row.get("id"), (int, str)):
            raise wrong_address(account.base_url, f"lists something among {key} that is no record of ServiceTrade's")
    return listed
