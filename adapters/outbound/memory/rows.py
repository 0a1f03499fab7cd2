"""The stored data of the storage in memory: what the tables are to PostgreSQL."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from core.model.access.api_key import ApiKey
from core.model.access.person import Person, Session, SignInLink
from core.model.connections.client_secret import KeptSecret
from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.creations.creation import Creation
from core.model.mappings.alias import Alias, AliasKey, AliasKind, CodeSource, FormerAlias
from core.model.mappings.listed_code import ListedCode, ListState
from core.model.mappings.suggested_record import SuggestedRecord, SuggestionSearch
from core.model.notifications.message import Message
from core.model.notifications.notice import Notice
from core.model.notifications.recipient import Recipient, RecipientSecrets
from core.model.operations.audit import AuditEntry
from core.model.planning.account import AccountEntry
from core.model.planning.plan import SendPlan
from core.model.reconciliation.entry import ReconciledJob
from core.model.reconciliation.run import ListedJob, Reconciliation
from core.model.sending.send import Attempt, DashboardWarning, Send
from core.model.tenants.tenant import Login, Tenant
from core.model.webhooks.event import Delivery
from core.model.webhooks.webhook_endpoint import SigningSecrets, WebhookEndpoint
from core.model.work_orders.cost_line import LedgerLine
from core.model.work_orders.work_order import WorkOrderRecord
from ports.storage.completions import JobChange, PollState
from ports.storage.due_work import WorkKind
from ports.storage.kept_answers import KeptAnswer
from ports.storage.send_requests import BoundKey
from ports.storage.webhooks import WebhookRecord


@dataclass(frozen=True, slots=True)
class StoredTenant:
    tenant: Tenant
    login: Login


@dataclass(frozen=True, slots=True)
class StoredApiKey:
    key: ApiKey
    digest: bytes


@dataclass(slots=True)
class PeopleRows:
    people: dict[str, tuple[Person, str | None]] = field(default_factory=dict)
    sessions: dict[bytes, Session] = field(default_factory=dict)
    links: dict[bytes, SignInLink] = field(default_factory=dict)

    def __copy__(self) -> PeopleRows:
        return PeopleRows({**self.people}, {**self.sessions}, {**self.links})

    def forget(self, tenant_id: str) -> None:
        self.people = {id: one for id, one in self.people.items() if one[0].tenant_id != tenant_id}
        self.sessions = {key: one for key, one in self.sessions.items() if one.tenant_id != tenant_id}
        self.links = {key: one for key, one in self.links.items() if one.tenant_id != tenant_id}


@dataclass(frozen=True, slots=True)
class StoredConnection:
    connection: Connection
    secrets: ConnectionSecrets
    epoch: int = 0


@dataclass(frozen=True, slots=True)
class StoredSecret:
    """`kept.expires_at` is stored in the connection."""

    kept: KeptSecret = field(default_factory=KeptSecret)
    claimed_until: datetime | None = None


@dataclass(frozen=True, slots=True)
class StoredClaim:
    """`former` is the owner before a takeover whose write Spectrum has not accepted yet."""

    owner: bytes
    accepted: bool = False
    former: bytes | None = None


@dataclass(frozen=True, slots=True)
class StoredEntry:
    owner: bytes
    entry: AccountEntry


@dataclass(frozen=True, slots=True)
class StoredJobChange:
    change: JobChange
    due_at: datetime


@dataclass(frozen=True, slots=True)
class StoredCompletion:
    reopened: bool = False
    version: int = 1

    def acts_again(self) -> StoredCompletion:
        return StoredCompletion(version=self.version + 1)


CompletionKey = tuple[str, str, str, datetime | None]
"""Tenant, connection, job and time of completion."""


@dataclass(frozen=True, slots=True)
class StoredAlias:
    tenant_id: str
    alias: Alias


@dataclass(frozen=True, slots=True)
class StoredListedCode:
    tenant_id: str
    listed: ListedCode
    stored_at: datetime


AliasRecord = tuple[str, AliasKey, CodeSource]
"""The connection, the record in ServiceTrade, and where its code is from."""


@dataclass(frozen=True, slots=True)
class StoredEndpoint:
    endpoint: WebhookEndpoint
    secrets: SigningSecrets


Endpoints = dict[str, StoredEndpoint]
StoredDeliveries = dict[tuple[str, str], Delivery]
"""By endpoint and event, in order of creation."""


@dataclass(frozen=True, slots=True)
class StoredRecipient:
    recipient: Recipient
    secrets: RecipientSecrets


@dataclass(frozen=True, slots=True)
class StoredReconciledJob:
    """`found` is None until the job is checked."""

    listed: ListedJob
    round: int
    found: ReconciledJob | None = None


StoredWebhook = tuple[str, WebhookRecord]
"""The tenant and the record."""


@dataclass(frozen=True, slots=True)
class StoredIdempotencyKey:
    bound: BoundKey
    stored_at: datetime


WarningKey = tuple[str, str, str]
"""Connection, job and topic."""


@dataclass(slots=True)
class Rows:
    """The stored data of all tenants."""

    tenants: dict[str, StoredTenant] = field(default_factory=dict)
    api_keys: dict[str, StoredApiKey] = field(default_factory=dict)
    people: PeopleRows = field(default_factory=PeopleRows)
    plans: dict[str, SendPlan] = field(default_factory=dict)
    retired: set[str] = field(default_factory=set)
    accounts: dict[tuple[str, bytes], StoredEntry] = field(default_factory=dict)
    connections: dict[str, StoredConnection] = field(default_factory=dict)
    sends: dict[str, Send] = field(default_factory=dict)
    attempts: list[tuple[str, Attempt]] = field(default_factory=list)
    keys: dict[tuple[str, str], StoredIdempotencyKey] = field(default_factory=dict)
    kept_answers: dict[tuple[str | None, str], KeptAnswer] = field(default_factory=dict)
    batches: dict[tuple[str, str], None] = field(default_factory=dict)
    work_orders: dict[tuple[str, str], WorkOrderRecord] = field(default_factory=dict)
    claims: dict[bytes, StoredClaim] = field(default_factory=dict)
    ledger: dict[str, LedgerLine] = field(default_factory=dict)
    warnings: dict[WarningKey, DashboardWarning] = field(default_factory=dict)
    job_changes: dict[tuple[str, str], StoredJobChange] = field(default_factory=dict)
    completions: dict[CompletionKey, StoredCompletion] = field(default_factory=dict)
    polls: dict[str, PollState] = field(default_factory=dict)
    webhooks: dict[bytes, StoredWebhook] = field(default_factory=dict)
    aliases: dict[AliasRecord, StoredAlias] = field(default_factory=dict)
    alias_history: list[tuple[str, FormerAlias]] = field(default_factory=list)
    listed_codes: dict[tuple[str, tuple[AliasKind, str]], StoredListedCode] = field(default_factory=dict)
    list_states: dict[tuple[str, str, AliasKind], ListState] = field(default_factory=dict)
    client_secrets: dict[str, StoredSecret] = field(default_factory=dict)
    webhook_endpoints: Endpoints = field(default_factory=dict)
    deliveries: StoredDeliveries = field(default_factory=dict)
    recipients: dict[str, StoredRecipient] = field(default_factory=dict)
    notices: list[tuple[str, Notice]] = field(default_factory=list)
    messages: dict[tuple[str, str], Message] = field(default_factory=dict)
    reconciliations: dict[str, Reconciliation] = field(default_factory=dict)
    reconciled_jobs: dict[tuple[str, str], StoredReconciledJob] = field(default_factory=dict)
    suggestion_searches: dict[str, SuggestionSearch] = field(default_factory=dict)
    suggested_records: dict[tuple[str, AliasKey], SuggestedRecord] = field(default_factory=dict)
    creations: dict[str, Creation] = field(default_factory=dict)
    audit: list[tuple[str, AuditEntry]] = field(default_factory=list)
    operator_audit: list[AuditEntry] = field(default_factory=list)
    due_work: dict[tuple[WorkKind, str], datetime] = field(default_factory=dict)
    woken: list[str] = field(default_factory=list)

    def forget_connection(self, connection_id: str) -> None:
        """Drop everything that belongs to a connection, but not the connection itself."""
        gone = {send.id for send in self.sends.values() if send.connection_id == connection_id}
        self.attempts = [one for one in self.attempts if one[1].send_id not in gone]
        for send_id in gone:
            del self.sends[send_id]
        for member in [member for member in self.batches if member[1] in gone]:
            del self.batches[member]
        for line_id in [line.id for line in self.ledger.values() if line.connection_id == connection_id]:
            del self.ledger[line_id]
        self.work_orders = {key: one for key, one in self.work_orders.items() if key[0] != connection_id}
        self.warnings = {key: one for key, one in self.warnings.items() if key[0] != connection_id}
        for record in [record for record in self.aliases if record[0] == connection_id]:
            del self.aliases[record]
        self.creations = {id: one for id, one in self.creations.items() if one.connection_id != connection_id}
        for done in [done for done in self.completions if connection_id in done]:
            del self.completions[done]
        self.forget_code_lists(self.connections[connection_id].connection.tenant_id, connection_id)
        self.suggestion_searches.pop(connection_id, None)
        kept = {key: one for key, one in self.suggested_records.items() if key[0] != connection_id}
        self.suggested_records = kept
        for kind in (WorkKind.DRAIN, WorkKind.EXPIRY, WorkKind.CODES, WorkKind.SUGGESTIONS):
            self.due_work.pop((kind, connection_id), None)

    def forget_code_lists(self, tenant_id: str, connection_id: str) -> None:
        """Drop the codes that a connection's company has, and what is known of the lists."""
        for key, one in [*self.listed_codes.items()]:
            if (one.tenant_id, key[0]) == (tenant_id, connection_id):
                del self.listed_codes[key]
        for state in [state for state in self.list_states if state[:2] == (tenant_id, connection_id)]:
            del self.list_states[state]

    def forget_tenant(self, tenant_id: str) -> None:
        """Drop what a tenant has in addition to its connections."""
        self.api_keys = {id: stored for id, stored in self.api_keys.items() if stored.key.tenant_id != tenant_id}
        self.keys = {key: stored for key, stored in self.keys.items() if key[0] != tenant_id}
        self.kept_answers = {key: one for key, one in self.kept_answers.items() if key[0] != tenant_id}
        self.job_changes = {key: hint for key, hint in self.job_changes.items() if key[0] != tenant_id}
        self.polls.pop(tenant_id, None)
        self.due_work.pop((WorkKind.COMPLETIONS, tenant_id), None)
        self.webhooks = {key: hook for key, hook in self.webhooks.items() if hook[0] != tenant_id}
        endpoints = {id: one for id, one in self.webhook_endpoints.items() if one.endpoint.tenant_id != tenant_id}
        self.webhook_endpoints = endpoints
        self.deliveries = {key: one for key, one in self.deliveries.items() if key[0] in endpoints}
        for recipient in [one for one in self.recipients.values() if one.recipient.tenant_id == tenant_id]:
            self.forget_recipient(recipient.recipient.id)
        for run_id in [one.id for one in self.reconciliations.values() if one.tenant_id == tenant_id]:
            self.forget_reconciliation(run_id)
        self.audit = [one for one in self.audit if one[0] != tenant_id]
        self.people.forget(tenant_id)

    def forget_reconciliation(self, run_id: str) -> None:
        """Drop a reconciliation with its jobs."""
        del self.reconciliations[run_id]
        self.reconciled_jobs = {key: one for key, one in self.reconciled_jobs.items() if key[0] != run_id}
        self.due_work.pop((WorkKind.RECONCILIATION, run_id), None)

    def forget_recipient(self, recipient_id: str) -> None:
        """Drop a recipient with all that waits for it, and its messages."""
        self.recipients.pop(recipient_id, None)
        self.notices = [one for one in self.notices if one[0] != recipient_id]
        self.messages = {key: one for key, one in self.messages.items() if key[0] != recipient_id}
        self.due_work.pop((WorkKind.NOTIFICATION, recipient_id), None)
