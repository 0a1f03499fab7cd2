"""Puts a list of Spectrum's codes into a connection, as a reading of it would have left it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from core.model.mappings.alias import AliasKind
from core.model.mappings.listed_code import ListedCode, ListedFrom
from ports.storage.transactions import Transactions


async def put_list(
    transactions: Transactions,
    tenant_id: str,
    connection_id: str,
    kind: AliasKind,
    codes: Iterable[str | ListedCode],
    *,
    read_at: datetime,
    complete: bool = True,
) -> None:
    """`codes` are all of the list; those that were there before are gone."""
    new = [ListedCode(kind=kind, code=one, listed_from=_source(kind)) if isinstance(one, str) else one for one in codes]
    async with transactions.begin(tenant_id) as t:
        gone = [one.key async for one in t.code_lists.every(connection_id, kind)]
        await t.code_lists.remove(connection_id, gone)
        await t.code_lists.store(connection_id, new)
        state = (await t.code_lists.states(connection_id))[kind]
        await t.code_lists.set_state(
            connection_id, replace(state, read_at=read_at, complete=complete, trouble=None, detail="")
        )


def _source(kind: AliasKind) -> ListedFrom:
    return ListedFrom.SPECTRUM if kind in (AliasKind.CUSTOMER, AliasKind.ITEM) else ListedFrom.IMPORTED
