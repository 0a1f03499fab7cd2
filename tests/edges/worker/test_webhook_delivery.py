"""Every due webhook endpoint is served on PostgreSQL, whatever befalls workers and receivers."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from adapters.bootstrap.worker import work_on
from adapters.outbound.clock import SystemClock
from adapters.outbound.postgres.transactions import PostgresTransactions
from adapters.outbound.postgres.webhook_endpoints import PostgresWebhookEndpoints
from adapters.outbound.webhook_sender.aiohttp_webhook_sender import AiohttpWebhookSender
from core.model.sending.lifecycle.event import ServiceTradeTrouble
from core.model.sending.send import Lease, Step
from core.model.shared.secret import Secret
from core.model.webhooks.event import DeliveryState, EventType
from core.model.webhooks.webhook_endpoint import WebhookEndpoint
from core.services.sending.lifecycle.commit_change import CommitChange
from core.services.webhooks.deliver_events import DeliverEvents
from core.services.webhooks.webhook_endpoints import WebhookEndpoints
from ports.storage.due_work import Slots, WorkKind
from tests.support.dependencies import over
from tests.support.due_scene import QUICK
from tests.support.receiver import receiver
from tests.support.running_worker import PATIENCE, no_drain, working
from tests.support.storage_scene import PROBLEM, a_send, an_event, due, furnish, until_somebody_waits

FAILED = ServiceTradeTrouble(PROBLEM, passes=False)
SLOW = 3
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
SECRET = Secret("whsec_c2VjcmV0LXRoYXQtc3RheXMtaW5zaWRlLXRoZS12YXVsdA==")
SENDER = AiohttpWebhookSender(allowed_networks=(ip_network("127.0.0.0/8"),))

DELIVERING_WORKER = """
import asyncio, sys
from dataclasses import replace
from ipaddress import ip_network
from adapters.outbound.postgres.transactions import PostgresTransactions, make_engine
from adapters.bootstrap.worker import work_on
from adapters.outbound.vault.aes_gcm_vault import AesGcmVault
from adapters.outbound.webhook_sender.aiohttp_webhook_sender import AiohttpWebhookSender
from core.services.webhooks.deliver_events import DeliverEvents
from tests.support.dependencies import over

async def drain(*_):
    return False

async def main():
    transactions = PostgresTransactions(make_engine(sys.argv[1]), AesGcmVault(b"k" * 32))
    sender = AiohttpWebhookSender(allowed_networks=(ip_network("127.0.0.0/8"),))
    await work_on(sys.argv[1], drain, deliver_events=DeliverEvents(replace(over(transactions), webhook_sender=sender)))

asyncio.run(main())
"""


@pytest.fixture
async def transactions(engine: AsyncEngine) -> PostgresTransactions:
    return await furnish(engine)


async def add(transactions: PostgresTransactions, name: str, url: str = "https://a.example/", tenant: int = 1) -> None:
    endpoint = WebhookEndpoint(id=name, tenant_id=f"ten_{tenant}", url=url, created_at=LONG_AGO)
    async with transactions.begin(endpoint.tenant_id) as t:
        await t.webhook_endpoints.add(endpoint, SECRET)


async def tell(transactions: PostgresTransactions, *numbers: int, tenant: int = 1) -> None:
    for number in numbers:
        async with transactions.begin(f"ten_{tenant}") as t:
            await t.webhook_endpoints.add_event(an_event(number, at=SystemClock().now()))


async def states(transactions: PostgresTransactions, endpoint: str) -> list[tuple[str, str, int]]:
    async with transactions.begin("ten_1") as t:
        return [(one.event_id, one.state.value, one.tries) for one in await t.webhook_endpoints.deliveries(endpoint)]


async def test_an_event_arrives_and_its_endpoint_rests(database_url: str, transactions: PostgresTransactions) -> None:
    async with receiver() as hook:
        await add(transactions, "whe_1", hook.url)
        async with working(
            database_url, deliver_events=DeliverEvents(replace(over(transactions), webhook_sender=SENDER))
        ):
            await tell(transactions, 1, 2)
            await hook.times(2)
    assert all(arrived.signed_with(SECRET.reveal()) for arrived in hook.arrived)
    assert await states(transactions, "whe_1") == [("evt_2", "delivered", 1), ("evt_1", "delivered", 1)]
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        found = await connection.execute("SELECT due_at FROM due_work WHERE kind = 'webhook_delivery'")
        assert await found.fetchone() == (None,), "not due"


@pytest.mark.long
async def test_a_worker_killed_after_the_post_leaves_it_to_be_made_again_under_the_same_id(
    database_url: str, engine: AsyncEngine, transactions: PostgresTransactions
) -> None:
    async with receiver(answers=False) as hook:
        await add(transactions, "whe_1", hook.url)
        await tell(transactions, 1)
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", DELIVERING_WORKER, database_url)
        try:
            await hook.times(1)
        finally:
            process.kill()
            await process.wait()
        assert await states(transactions, "whe_1") == [("evt_1", "pending", 0)]
        hook.gate.set()
        async with working(
            database_url,
            deliver_events=DeliverEvents(replace(over(transactions), webhook_sender=SENDER)),
            heartbeat=QUICK,
        ):
            await hook.times(2)
    first, second = hook.arrived
    assert first.headers["webhook-id"] == second.headers["webhook-id"] == "evt_1"
    assert first.body == second.body
    assert await states(transactions, "whe_1") == [("evt_1", "delivered", 1)]


async def test_a_slow_receiver_holds_up_neither_a_fast_one_nor_another_tenant(
    database_url: str, transactions: PostgresTransactions
) -> None:
    """It takes one of its tenant's places for each of its endpoints."""
    async with receiver(answers=False) as slow, receiver() as fast, receiver() as other:
        for number in range(SLOW):
            await add(transactions, f"whe_slow_{number}", slow.url)
        await add(transactions, "whe_fast", fast.url)
        await add(transactions, "whe_other", other.url, tenant=2)
        async with working(
            database_url,
            deliver_events=DeliverEvents(replace(over(transactions), webhook_sender=SENDER)),
            slots=Slots(SLOW + 2, SLOW + 1),
        ):
            await tell(transactions, *range(5))
            await slow.times(SLOW)
            await tell(transactions, 1, tenant=2)
            await fast.times(5)
            await other.times(1)
            assert len(slow.arrived) == SLOW, "one at a time each"
            slow.gate.set()


async def test_removing_an_endpoint_while_an_outcome_is_stored_breaks_neither(
    database_url: str, transactions: PostgresTransactions
) -> None:
    await add(transactions, "whe_1")

    async def store() -> None:
        async with transactions.begin("ten_1") as t:
            await t.webhook_endpoints.add_event(an_event(1))

    async with transactions.begin("ten_1") as t:
        await t.webhook_endpoints.remove("whe_1")
        storing = asyncio.create_task(store())
        await until_somebody_waits(database_url)
    await storing
    await add(transactions, "whe_2")
    async with transactions.begin("ten_1") as t:
        await t.webhook_endpoints.add_event(an_event(2))
        removing = asyncio.create_task(remove(transactions, "whe_2"))
        await until_somebody_waits(database_url)
    await removing
    assert await states(transactions, "whe_2") == []


async def remove(transactions: PostgresTransactions, endpoint: str) -> None:
    async with transactions.begin("ten_1") as t:
        await t.webhook_endpoints.remove(endpoint)


async def test_an_outcome_that_is_not_stored_tells_nothing_and_one_that_is_tells_once(
    engine: AsyncEngine, transactions: PostgresTransactions
) -> None:
    await add(transactions, "whe_1")
    commit = CommitChange(over(transactions))
    async with transactions.begin("ten_1") as t:
        send = await t.sends.add(a_send())
    epoch = (await transactions.take("ten_1", "con_1", tuple(Step))).epoch
    with pytest.raises(Exception, match="taken over"):
        await commit(Lease("ten_1", "con_1", epoch - 1), send, FAILED)
    assert await states(transactions, "whe_1") == []
    with pytest.raises(ZeroDivisionError):
        async with transactions.begin("ten_1") as t:
            await commit.within(t, send.id, FAILED)
            assert len(await t.webhook_endpoints.deliveries("whe_1")) == 1
            raise ZeroDivisionError
    assert await states(transactions, "whe_1") == []
    async with transactions.begin("ten_1") as t:
        assert (await t.sends.get(send.id)).state is send.state
        await commit.within(t, send.id, FAILED)
    async with transactions.begin("ten_1") as t:
        [told] = await t.webhook_endpoints.deliveries("whe_1")
    assert (told.type, told.state) == (EventType.SEND_FAILED, DeliveryState.PENDING)


async def test_stopping_lets_a_running_delivery_finish(database_url: str, transactions: PostgresTransactions) -> None:
    begun, go_on, stop = asyncio.Event(), asyncio.Event(), asyncio.Event()
    ended: list[str] = []

    async def deliver(tenant_id: str, endpoint_id: str) -> None:
        begun.set()
        await go_on.wait()
        ended.append(endpoint_id)

    await add(transactions, "whe_1")
    await tell(transactions, 1)
    task = asyncio.create_task(work_on(database_url, no_drain, deliver_events=deliver, stop=stop))
    async with asyncio.timeout(PATIENCE):
        await begun.wait()
        stop.set()
        go_on.set()
        await task
    assert ended == ["whe_1"]


async def test_no_secret_is_in_the_text_of_the_database(database_url: str, transactions: PostgresTransactions) -> None:
    await add(transactions, "whe_1")
    async with transactions.begin("ten_1") as t:
        await t.webhook_endpoints.rotate("whe_1", Secret("whsec_bmV3"), LONG_AGO + timedelta(days=1))
        await t.webhook_endpoints.add_event(an_event())
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        found = await connection.execute(
            "SELECT e::text, encode(e.secret, 'escape'), encode(e.previous_secret, 'escape'), d::text"
            " FROM webhook_endpoints e JOIN webhook_deliveries d ON d.endpoint_id = e.id"
        )
        stored = str(await found.fetchall())
    assert "evt_1" in stored
    for secret in (SECRET.reveal(), "whsec_bmV3"):
        assert secret not in stored
        assert secret.encode().hex() not in stored


async def test_an_endpoint_that_is_resumed_beside_the_end_of_its_work_is_due(
    database_url: str, transactions: PostgresTransactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between the look whether it is paused and the lock, in whatever order these come."""
    await add(transactions, "whe_1")
    await tell(transactions, 1)
    change = WebhookEndpoints(over(transactions)).change
    await change("ten_1", "whe_1", paused=True)
    resumes = [False]
    get, wake = PostgresWebhookEndpoints.get, PostgresWebhookEndpoints.wake

    async def resume() -> None:
        while resumes:
            await change("ten_1", "whe_1", paused=resumes.pop())

    async def get_and_resume(self: PostgresWebhookEndpoints, name: str, *, lock: bool = False) -> WebhookEndpoint:
        found = await get(self, name, lock=lock)
        if not lock and looked:
            await resume()
        looked.append(name)
        return found

    async def resume_and_wake(self: PostgresWebhookEndpoints, name: str, now: datetime) -> None:
        await resume()
        await wake(self, name, now)

    looked: list[str] = []
    monkeypatch.setattr(PostgresWebhookEndpoints, "get", get_and_resume)
    monkeypatch.setattr(PostgresWebhookEndpoints, "wake", resume_and_wake)
    await DeliverEvents(replace(over(transactions), webhook_sender=SENDER))("ten_1", "whe_1")
    assert resumes == []
    assert await due(database_url, WorkKind.DELIVERY) == ["whe_1"]
