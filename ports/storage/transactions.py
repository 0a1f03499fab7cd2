"""Database transactions, with the storage ports that they give access to."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncGenerator, Collection, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Protocol

from core.model.mappings.alias import Alias, AliasKey
from core.model.mappings.listed_check import Code, ListedCodes
from core.model.operations.stats import InstallationStats, WorkerHeartbeat
from core.model.sending.send import Step
from core.model.tenants.tenant import ServiceTradeAccount, Tenant
from ports.storage.aliases import Aliases
from ports.storage.audit import Audit, OperatorAudit
from ports.storage.client_secrets import ClientSecrets
from ports.storage.code_lists import CodeLists
from ports.storage.completions import Completions
from ports.storage.connections import Connections
from ports.storage.creations import Creations
from ports.storage.credentials import Credentials
from ports.storage.due_work import WorkKind
from ports.storage.kept_answers import KeptAnswers
from ports.storage.keys import Keys
from ports.storage.ledger import Ledger
from ports.storage.mappings.suggestions import Suggestions
from ports.storage.notifications import Notifications
from ports.storage.operations.counts import Counts
from ports.storage.operations.reconciliations import Reconciliations
from ports.storage.operations.retention import Retention
from ports.storage.people import People
from ports.storage.send_changes import (
    DueSend,
    FactsQuery,
    PlanInput,
    SendChanges,
    Standing,
    StandingQuery,
    StoredFacts,
)
from ports.storage.send_requests import RequestedSends, SendRequests, StoredRequest
from ports.storage.sends import Sends
from ports.storage.tenants import Tenants
from ports.storage.warnings import Warnings
from ports.storage.webhook_endpoints import WebhookEndpoints
from ports.storage.webhooks import Webhooks
from ports.storage.work_orders import WorkOrders


class TenantTransaction(Protocol):
    """Access to the rows of one tenant only. Commits at the end of its block, rolls back if the block raises."""

    sends: Sends
    changes: SendChanges
    requests: SendRequests
    connections: Connections
    work_orders: WorkOrders
    ledger: Ledger
    warnings: Warnings
    completions: Completions
    webhooks: Webhooks
    aliases: Aliases
    code_lists: CodeLists
    client_secrets: ClientSecrets
    webhook_endpoints: WebhookEndpoints
    notifications: Notifications
    audit: Audit
    keys: Keys
    people: People
    retention: Retention
    counts: Counts
    kept_answers: KeptAnswers
    reconciliations: Reconciliations
    suggestions: Suggestions
    creations: Creations

    @abstractmethod
    async def now(self) -> datetime:
        """The database's time, the same for the whole transaction, because the machines' clocks differ."""
        ...

    @abstractmethod
    async def tenant(self) -> Tenant: ...

    @abstractmethod
    async def pull_forward(self, kind: WorkKind, subjects: Collection[str], beyond: datetime) -> int:
        """Make the work on these subjects due now if it is due after `beyond`. Returns how much there was."""
        ...

    @abstractmethod
    async def account(self) -> ServiceTradeAccount:
        """The tenant's ServiceTrade account with its decrypted credentials."""
        ...


class InstanceTransaction(Protocol):
    """The operator's view: tenants and operator keys, but no tenant's jobs."""

    tenants: Tenants
    keys: Keys
    credentials: Credentials
    people: People
    audit: OperatorAudit
    kept_answers: KeptAnswers

    @abstractmethod
    async def stats(self) -> InstallationStats:
        """Counts over all tenants."""
        ...

    @abstractmethod
    async def workers(self) -> Sequence[WorkerHeartbeat]:
        """All listed processes, latest heartbeat first. A crashed one stays listed until another one removes it."""
        ...


class Transactions(Protocol):
    @abstractmethod
    def begin(self, tenant_id: str) -> AbstractAsyncContextManager[TenantTransaction]:
        """A transaction that sees only `tenant_id`; row-level security enforces this."""
        ...

    @abstractmethod
    def begin_instance(self) -> AbstractAsyncContextManager[InstanceTransaction]: ...

    @abstractmethod
    async def tenant_of(self, connection_id: str) -> str:
        """The tenant of a connection, for the worker: its wake-up names only the connection. Raises NotFound."""
        ...

    @abstractmethod
    def exported(self, tenant_id: str) -> AsyncGenerator[tuple[str, str], None]:
        """The kind of each of the tenant's rows and the row as JSON, without secrets, all as of one moment."""
        ...

    # The frequent parts of a send's life. Each is one statement with a transaction of its own.

    @abstractmethod
    async def request(self, tenant_id: str, request: RequestedSends) -> StoredRequest:
        """As `store` of `SendRequests`, which raises what it raises."""
        ...

    @abstractmethod
    def changing(
        self, tenant_id: str, query: FactsQuery
    ) -> AbstractAsyncContextManager[tuple[TenantTransaction, StoredFacts]]:
        """As `begin`, with the first statement already made: `facts` of `SendChanges`, which raises what it raises."""
        ...

    @abstractmethod
    def resting(
        self, tenant_id: str, connection_id: str, steps: Collection[Step]
    ) -> AbstractAsyncContextManager[tuple[SendChanges, DueSend]]:
        """A transaction that ends a drain, with the first statement already made: `next_due` of `SendChanges`, after
        nobody else can wake the connection until the transaction ends. Raises NotFound."""
        ...

    @abstractmethod
    async def take(self, tenant_id: str, connection_id: str, steps: Collection[Step]) -> DueSend:
        """Take the connection's lease, so that every earlier holder loses it; then as `next_due` of `SendChanges`.
        Raises NotFound."""
        ...

    @abstractmethod
    async def plan_input(
        self, tenant_id: str, job_id: str, *, connection_id: str | None = None, slug: str | None = None
    ) -> PlanInput:
        """The connection is named by its id or its slug. Raises NotFound (CONNECTION_NOT_FOUND)."""
        ...

    @abstractmethod
    async def aliases_of(self, tenant_id: str, connection_id: str, keys: Collection[AliasKey]) -> Sequence[Alias]:
        """The connection's aliases of these records."""
        ...

    @abstractmethod
    async def listed(self, tenant_id: str, connection_id: str, codes: Collection[Code]) -> ListedCodes:
        """What the connection's lists say of these codes, all as of one moment."""
        ...

    @abstractmethod
    async def standing(self, tenant_id: str, query: StandingQuery) -> Standing: ...
