"""Transactions that call a function right before and right after every commit of a tenant's transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from ports.storage.transactions import TenantTransaction, Transactions

BEFORE_COMMIT, AFTER_COMMIT = "before commit", "after commit"


class WatchedCommits(Transactions):
    """`moment` is called with BEFORE_COMMIT and AFTER_COMMIT; what it raises goes through the transaction."""

    def __init__(self, wrapped: Transactions, moment: Callable[[str], None]) -> None:
        self._wrapped = wrapped
        self._moment = moment

    def begin(self, tenant_id: str) -> AbstractAsyncContextManager[TenantTransaction]:
        return self._begin(tenant_id)

    @asynccontextmanager
    async def _begin(self, tenant_id: str) -> AsyncIterator[TenantTransaction]:
        async with self._wrapped.begin(tenant_id) as t:
            yield t
            self._moment(BEFORE_COMMIT)
        self._moment(AFTER_COMMIT)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._wrapped, name)

    begin_instance = property(lambda self: self._wrapped.begin_instance)
    tenant_of = property(lambda self: self._wrapped.tenant_of)
