"""Two tenants with a connection each in a real PostgreSQL, and looks at it that go round the application."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

import psycopg
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.outbound.postgres.transactions import PostgresTransactions
from adapters.outbound.vault.aes_gcm_vault import AesGcmVault
from core.model.access.person import Person, Role
from core.model.catalogue import finding
from core.model.connections.client_secret import NewSecret
from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.connections.endpoint import Endpoint
from core.model.creations.creation import CreationState
from core.model.mappings.alias import Alias, AliasEntry, AliasKind
from core.model.mappings.listed_code import ListedCode
from core.model.operations.audit import AuditEntry
from core.model.planning.plan import SendPlan
from core.model.sending.lifecycle.event import NumberClaim
from core.model.sending.send import Attempt, DashboardWarning, Send, SendState, Step
from core.model.shared.origin import Origin
from core.model.shared.secret import Secret
from core.model.tenants.tenant import PasswordLogin, Tenant
from core.model.webhooks.event import Event, EventType
from core.model.webhooks.webhook_endpoint import WebhookEndpoint
from core.model.work_orders.cost_line import LedgerLine, LinePurpose, LineState, LineValue, PlannedLine
from core.model.work_orders.item import ItemKind
from core.model.work_orders.work_order import WorkOrderRecord
from ports.storage.due_work import WorkKind
from ports.storage.send_changes import Intent, StoredChange
from ports.storage.send_requests import BoundKey
from ports.storage.transactions import TenantTransaction, Transactions
from ports.storage.webhooks import WebhookRecord
from ports.vault import Vault
from tests.support.creation_scene import a_creation
from tests.support.notification_scene import SECRETS, a_message, a_notice, a_recipient
from tests.support.reconciliation_scene import a_listed_job, a_run
from tests.support.suggestion_scene import CLEAR, a_search, suggested

NOW = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
MASTER_KEY = b"k" * 32
PLANTED = (
    "PLANTED-password",
    "PLANTED-auth",
    "PLANTED-client",
    "PLANTED-old-signing",
    "PLANTED-new-signing",
    "PLANTED-next",
)
PROBLEM = finding("RECORD_LOCKED", "somebody has it open")


def transactions_on(engine: AsyncEngine, vault: Vault | None = None) -> PostgresTransactions:
    return PostgresTransactions(engine, vault or AesGcmVault(MASTER_KEY))


async def furnish(engine: AsyncEngine, vault: Vault | None = None) -> PostgresTransactions:
    """Tenants ten_1 and ten_2 with the connections con_1 and con_2, all with the planted secrets."""
    transactions = transactions_on(engine, vault)
    await add_two_tenants(transactions)
    return transactions


async def add_two_tenants(transactions: Transactions) -> None:
    """ten_1 with con_1 and ten_2 with con_2, all with the planted secrets."""
    for number in (1, 2):
        tenant = Tenant(id=f"ten_{number}", slug=f"tenant-{number}", name="Tenant", created_at=NOW)
        async with transactions.begin_instance() as i:
            await i.tenants.add(tenant, PasswordLogin("user", Secret(PLANTED[0])))
        async with transactions.begin(tenant.id) as t:
            await t.connections.add(
                a_connection(number), ConnectionSecrets(Secret(PLANTED[1]), "client", Secret(PLANTED[2]))
            )


def a_connection(number: int, tenant: int | None = None) -> Connection:
    return Connection(
        id=f"con_{number}",
        tenant_id=f"ten_{tenant or number}",
        slug=f"main-{number}",
        name="Spectrum",
        external_system=f"spectrum_{number}",
        endpoint=Endpoint.parse("https://spectrum.example.com:9000/ws"),
        company_code="101",
    )


def a_send(number: int = 1, **changes: Any) -> Send:
    send = Send(
        id=f"snd_{number}",
        tenant_id="ten_1",
        connection_id="con_1",
        job_id=str(number),
        requested_at=NOW,
        requested_by="test",
        due_at=NOW,
    )
    return replace(send, **changes)


def a_line(number: int = 1, **changes: Any) -> LedgerLine:
    line = LedgerLine(
        id=f"lin_{number}",
        tenant_id="ten_1",
        connection_id="con_1",
        job_id="1",
        work_order_number="T1",
        item_id=str(number),
        item_name="Valve",
        kind=ItemKind.MATERIAL,
        round=0,
        purpose=LinePurpose.NEW,
        fields={"Item_Code": "VALVE", "Quantity_Used": "12.50"},
        state=LineState.PLANNED,
        send_id="snd_1",
        place=number,
    )
    return replace(line, **changes)


def a_plan(*lines: PlannedLine, **changes: Any) -> SendPlan:
    plan = SendPlan(job_id="1", connection_id="con_1", number="T1", header=(), lines=lines)
    return replace(plan, **changes)


def a_planned_line(item_id: str = "1", **changes: Any) -> PlannedLine:
    line = PlannedLine(
        item_id=item_id,
        item_name="Valve",
        kind=ItemKind.MATERIAL,
        round=0,
        purpose=LinePurpose.NEW,
        values=(LineValue("Quantity_Used", "12.50", Origin("item.quantity")),),
    )
    return replace(line, **changes)


async def stored(t: TenantTransaction, send: Send, **parts: Any) -> Send:
    """Store a send, with these parts of its change, as the product does. Returns the stored send."""
    return (await t.changes.store(StoredChange(send=send, **parts))).send


def an_intent(line_id: str = "lin_1", **changes: Any) -> Intent:
    """The line may leave for 30 seconds, and turn up for 15 minutes."""
    intent = Intent(
        line_id=line_id,
        attempt_id="att_1",
        epoch=1,
        payload_hash="hash",
        send_by=timedelta(seconds=30),
        quiet=timedelta(minutes=15),
    )
    return replace(intent, **changes)


async def begin_line(
    t: TenantTransaction, line_id: str = "lin_1", *, send_id: str = "snd_1", **changes: Any
) -> LedgerLine:
    """Store a line's intent with its send."""
    change = StoredChange(send=await t.sends.get(send_id), intent=an_intent(line_id, **changes))
    begun = (await t.changes.store(change)).begun
    assert begun is not None
    return begun


async def count_intent(t: TenantTransaction, connection_id: str = "con_1") -> int:
    """Store the intent of a line of a send of its own, which is over after that. Returns the intent's number."""
    connection, name = await t.connections.get(connection_id), token_hex(8)
    ours: dict[str, Any] = {"tenant_id": connection.tenant_id, "connection_id": connection_id, "job_id": name}
    send = await t.sends.add(a_send(id=f"snd_{name}", state=SendState.CANCELLED, due_at=None, **ours))
    line = a_line(id=f"lin_{name}", send_id=send.id, work_order_number=name, **ours)
    outcome = await t.changes.store(StoredChange(send=send, lines=(line,), intent=an_intent(line.id)))
    assert outcome.begun is not None
    await t.ledger.save([replace(outcome.begun, state=LineState.POSTED)])
    return outcome.intent


async def rests(transactions: Transactions, connection_id: str, until: datetime | None = None) -> None:
    """Let the connection be due at `until`, whatever sends it has; None for never."""
    tenant_id = await transactions.tenant_of(connection_id)
    async with transactions.resting(tenant_id, connection_id, ()) as (changes, _):
        await changes.rest(connection_id, (), until)


def an_endpoint(number: int = 1, **changes: Any) -> WebhookEndpoint:
    endpoint = WebhookEndpoint(
        id=f"whe_{number}", tenant_id="ten_1", url="https://hooks.example.com/jobferry", created_at=NOW
    )
    return replace(endpoint, **changes)


def an_event(number: int = 1, **changes: Any) -> Event:
    event = Event(id=f"evt_{number}", type=EventType.SEND_FAILED, at=NOW, body=f'{{"number":{number}}}')
    return replace(event, **changes)


async def furnish_with_all_secrets(engine: AsyncEngine, vault: Vault) -> PostgresTransactions:
    """Each of PLANTED once for each of two tenants."""
    storage = await furnish(engine, vault)
    for number in (1, 2):
        async with storage.begin(f"ten_{number}") as t:
            endpoint = replace(an_endpoint(), id=f"whe_{number}", tenant_id=f"ten_{number}")
            await t.webhook_endpoints.add(endpoint, Secret(PLANTED[3]))
            await t.webhook_endpoints.rotate(endpoint.id, Secret(PLANTED[4]), NOW)
            await t.client_secrets.keep_next(f"con_{number}", NewSecret(Secret(PLANTED[5])))
    return storage


def a_person(number: int = 1, **changes: Any) -> Person:
    person = Person(
        id=f"per_{number}",
        tenant_id="ten_1",
        email=f"ann{number}@example.com",
        name="Ann",
        role=Role.SENDER,
        created_at=NOW,
        created_by="test",
    )
    return replace(person, **changes)


async def fill(t: TenantTransaction) -> None:
    """At least one row of ten_1 in every table of a tenant."""
    send = await t.sends.add(a_send())
    attempt = Attempt(send_id="snd_1", step=Step.HEADER, started_at=NOW, ended_at=NOW, outcome="unknown", detail="lost")
    await stored(
        t,
        replace(send, plan_id="pln_1", plan=a_plan()),
        plan=a_plan(),
        attempts=(attempt,),
        lines=(a_line(),),
        record=WorkOrderRecord(tenant_id="ten_1", connection_id="con_1", job_id="1", number="T1"),
        take=NumberClaim((b"number",), b"ten_1"),
    )
    await t.sends.bind_key(BoundKey("key", "hash", "snd_1"))
    await t.sends.join_batch("bat_1", "snd_1")
    await t.kept_answers.begin("answer_1", "hash", NOW, NOW)
    await t.warnings.put(
        DashboardWarning(
            id="wrn_1",
            tenant_id="ten_1",
            connection_id="con_1",
            job_id="1",
            send_id="snd_1",
            finding=PROBLEM,
            raised_at=NOW,
        )
    )
    await t.people.add(a_person())
    await t.completions.add_change("1", NOW)
    await t.completions.record("con_1", "1", NOW)
    await t.completions.set_due(NOW, only_earlier=False)
    await t.completions.go_back(NOW)
    await t.webhooks.add(WebhookRecord(digest=b"digest", webhook_id="77", made_at=NOW))
    for alias, code in (("als_1", "OLD"), ("als_2", "HARVIEW")):
        entry = AliasEntry(AliasKind.CUSTOMER, "7", "Harborview", code)
        await t.aliases.put("con_1", [Alias(id=alias, connection_id="con_1", entry=entry, set_at=NOW, set_by="ann")])
    await t.code_lists.store("con_1", [ListedCode(kind=AliasKind.CUSTOMER, code="HARVIEW")])
    await t.client_secrets.keep_next("con_1", NewSecret(Secret(PLANTED[5]), NOW))
    await t.client_secrets.set_due("con_1", NOW)
    await t.webhook_endpoints.add(an_endpoint(), Secret(PLANTED[3]))
    await t.webhook_endpoints.rotate("whe_1", Secret(PLANTED[4]), NOW)
    await t.webhook_endpoints.add_event(an_event())
    await t.reconciliations.add(a_run(), NOW)
    await t.reconciliations.enter("rec_1", 1, [a_listed_job()])
    await t.suggestions.put_search(a_search())
    await t.suggestions.put("con_1", [suggested(1, CLEAR)])
    await t.creations.add(a_creation(state=CreationState.REJECTED, due_at=None))
    await t.notifications.add(a_recipient(), SECRETS)
    await t.notifications.tell(a_notice())
    await t.notifications.add_message(a_message())
    await t.audit.record(AuditEntry(at=NOW, actor="ann", action="doubt.settled", subject="lin_1"))


async def queued(database_url: str) -> list[tuple[str, str]]:
    """(subject, status) of every job in the queue, in order, seen by the superuser."""
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        found = await connection.execute("SELECT args ->> 'subject', status::text FROM procrastinate_jobs ORDER BY id")
        return [(subject, status) for subject, status in await found.fetchall()]


async def due(database_url: str, kind: WorkKind = WorkKind.DRAIN) -> list[str]:
    """The subjects of this kind that are due now, in their order, seen by the superuser."""
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        found = await connection.execute(
            "SELECT subject FROM due_work WHERE kind = %s AND due_at <= now() ORDER BY due_at, subject", (kind,)
        )
        return [subject for (subject,) in await found.fetchall()]


async def until_somebody_waits(database_url: str) -> None:
    """Return once a session of this database waits for another one's lock."""
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        waiting = "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        while await (await connection.execute(waiting)).fetchone() is None:
            pass
