"""Transactions that call a function right before and right after every commit of a tenant's transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Collection
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, cast

from core.model.sending.send import Step
from ports.storage.send_changes import DueSend, FactsQuery, SendChanges, StoredChange, StoredFacts, StoredOutcome
from ports.storage.transactions import TenantTransaction, Transactions
from tests.support.wrapped_transactions import WrappedTransactions

BEFORE_COMMIT, AFTER_COMMIT = "before commit", "after commit"


class WatchedCommits(WrappedTransactions):
    """`moment` is called with BEFORE_COMMIT and AFTER_COMMIT; what it raises goes through the transaction."""

    def __init__(self, wrapped: Transactions, moment: Callable[[str], None]) -> None:
        super().__init__(wrapped)
        self._moment = moment

    def begin(self, tenant_id: str) -> AbstractAsyncContextManager[TenantTransaction]:
        return self._watched(self.wrapped.begin(tenant_id))

    def changing(
        self, tenant_id: str, query: FactsQuery
    ) -> AbstractAsyncContextManager[tuple[TenantTransaction, StoredFacts]]:
        return self._watched(self.wrapped.changing(tenant_id, query))

    @asynccontextmanager
    async def resting(
        self, tenant_id: str, connection_id: str, steps: Collection[Step]
    ) -> AsyncIterator[tuple[SendChanges, DueSend]]:
        async with self.wrapped.resting(tenant_id, connection_id, steps) as (changes, due):

            async def rest(*asked: Any) -> None:
                self._moment(BEFORE_COMMIT)
                await changes.rest(*asked)
                self._moment(AFTER_COMMIT)

            yield cast("SendChanges", _Replaced(changes, rest=rest)), due

    async def take(self, tenant_id: str, connection_id: str, steps: Collection[Step]) -> DueSend:
        self._moment(BEFORE_COMMIT)
        taken = await self.wrapped.take(tenant_id, connection_id, steps)
        self._moment(AFTER_COMMIT)
        return taken

    @asynccontextmanager
    async def _watched(self, transaction: AbstractAsyncContextManager[Any]) -> AsyncIterator[Any]:
        concluded: list[StoredChange] = []

        async def conclude(change: StoredChange, take: Collection[Step] | None = None) -> StoredOutcome:
            self._moment(BEFORE_COMMIT)
            outcome = await changes.conclude(change, take)
            concluded.append(change)
            self._moment(AFTER_COMMIT)
            return outcome

        async with transaction as begun:
            t = begun[0] if isinstance(begun, tuple) else begun
            changes: SendChanges = t.changes
            t.changes = _Replaced(changes, conclude=conclude)
            yield begun
            if not concluded:
                self._moment(BEFORE_COMMIT)
        if not concluded:
            self._moment(AFTER_COMMIT)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.wrapped, name)


class _Replaced:
    """Changes with other methods."""

    def __init__(self, wrapped: SendChanges, **methods: Any) -> None:
        self._wrapped = wrapped
        self.__dict__.update(methods)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._wrapped, name)
