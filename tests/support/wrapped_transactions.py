"""Transactions that do what others do, for tests that change one part of it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import AbstractAsyncContextManager

from core.model.mappings.alias import Alias, AliasKey
from core.model.mappings.listed_check import Code, ListedCodes
from core.model.sending.send import Step
from ports.storage.send_changes import DueSend, FactsQuery, PlanInput, SendChanges, Standing, StandingQuery, StoredFacts
from ports.storage.send_requests import RequestedSends, StoredRequest
from ports.storage.transactions import InstanceTransaction, TenantTransaction, Transactions


class WrappedTransactions(Transactions):
    def __init__(self, wrapped: Transactions) -> None:
        self.wrapped = wrapped

    def begin(self, tenant_id: str) -> AbstractAsyncContextManager[TenantTransaction]:
        return self.wrapped.begin(tenant_id)

    def begin_instance(self) -> AbstractAsyncContextManager[InstanceTransaction]:
        return self.wrapped.begin_instance()

    def exported(self, tenant_id: str) -> AsyncGenerator[tuple[str, str], None]:
        return self.wrapped.exported(tenant_id)

    async def tenant_of(self, connection_id: str) -> str:
        return await self.wrapped.tenant_of(connection_id)

    async def request(self, tenant_id: str, request: RequestedSends) -> StoredRequest:
        return await self.wrapped.request(tenant_id, request)

    def changing(
        self, tenant_id: str, query: FactsQuery
    ) -> AbstractAsyncContextManager[tuple[TenantTransaction, StoredFacts]]:
        return self.wrapped.changing(tenant_id, query)

    def resting(
        self, tenant_id: str, connection_id: str, steps: Collection[Step]
    ) -> AbstractAsyncContextManager[tuple[SendChanges, DueSend]]:
        return self.wrapped.resting(tenant_id, connection_id, steps)

    async def take(self, tenant_id: str, connection_id: str, steps: Collection[Step]) -> DueSend:
        return await self.wrapped.take(tenant_id, connection_id, steps)

    async def plan_input(
        self, tenant_id: str, job_id: str, *, connection_id: str | None = None, slug: str | None = None
    ) -> PlanInput:
        return await self.wrapped.plan_input(tenant_id, job_id, connection_id=connection_id, slug=slug)

    async def aliases_of(self, tenant_id: str, connection_id: str, keys: Collection[AliasKey]) -> Sequence[Alias]:
        return await self.wrapped.aliases_of(tenant_id, connection_id, keys)

    async def listed(self, tenant_id: str, connection_id: str, codes: Collection[Code]) -> ListedCodes:
        return await self.wrapped.listed(tenant_id, connection_id, codes)

    async def standing(self, tenant_id: str, query: StandingQuery) -> Standing:
        return await self.wrapped.standing(tenant_id, query)
