"""Retention on PostgreSQL: batches that take turns, wait for nobody and spare what the database itself protects."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from adapters.bootstrap.worker import work_on
from adapters.inbound.worker import worker
from adapters.outbound.postgres.server.failures import violates
from adapters.outbound.postgres.transactions import PostgresTransactions
from core.model.operations.audit import AuditEntry
from core.model.operations.retention import RetentionPeriods
from core.model.sending.send import Attempt, SendState, Step
from core.services.operations.keep_retention import BATCH, KeepRetention
from core.services.operations.wake_late_work import WakeLateWork
from ports.storage.send_requests import BoundKey
from tests.support.dependencies import over
from tests.support.running_worker import PATIENCE, no_drain
from tests.support.storage_scene import NOW, a_send, furnish, stored

LONG_AGO = NOW - timedelta(days=500)
NOTHING = timedelta()
AT_ONCE = RetentionPeriods(attempts=NOTHING, sends=NOTHING, deliveries=NOTHING, idempotency_keys=NOTHING)


@pytest.fixture
async def transactions(engine: AsyncEngine) -> PostgresTransactions:
    return await furnish(engine)


def keeping(transactions: PostgresTransactions, keep: RetentionPeriods = AT_ONCE) -> KeepRetention:
    parts = replace(over(transactions), retention=keep)
    return KeepRetention(parts, WakeLateWork(parts))


async def until_done(keep: KeepRetention) -> Sequence[Any]:
    """What the log says of it: tenant, kind and count."""
    with capture_logs() as log:
        while await keep():
            pass
    return [(one["tenant"], one["kind"], one["count"]) for one in log if one["event"] == "retention.deleted"]


async def store_keys(transactions: PostgresTransactions, tenant_id: str, count: int) -> None:
    async with transactions.begin(tenant_id) as t:
        for number in range(count):
            await t.sends.bind_key(BoundKey(f"key-{number}", "hash", "snd_1"))


async def test_tenants_take_turns_batch_by_batch(transactions: PostgresTransactions) -> None:
    await store_keys(transactions, "ten_1", BATCH + 3)
    await store_keys(transactions, "ten_2", 2)
    assert await until_done(keeping(transactions)) == [
        ("ten_1", "idempotency_keys", BATCH),
        ("ten_2", "idempotency_keys", 2),
        ("ten_1", "idempotency_keys", 3),
    ]
    assert await until_done(keeping(transactions)) == []


async def test_what_is_kept_for_ever_is_not_looked_at(transactions: PostgresTransactions) -> None:
    for_ever = replace(AT_ONCE, attempts=None, sends=None, completions=None, audit=None)
    async with transactions.begin("ten_1") as t:
        for number in (1, 2):
            send = await t.sends.add(a_send(number, job_id="1", due_at=None))
            attempt = Attempt(send_id=send.id, step=Step.HEADER, started_at=LONG_AGO)
            await stored(t, replace(send, state=SendState.SENT, finished_at=LONG_AGO), attempts=[attempt])
        await t.completions.record("con_1", "1", LONG_AGO)
        await t.audit.record(AuditEntry(LONG_AGO, "ann", "doubt.settled", "lin_1"))
    assert await until_done(keeping(transactions, for_ever)) == []


async def test_a_send_stays_as_long_as_its_idempotency_key(transactions: PostgresTransactions) -> None:
    keep = keeping(transactions, replace(AT_ONCE, idempotency_keys=timedelta(days=1)))
    async with transactions.begin("ten_1") as t:
        for number in (1, 2):
            send = await t.sends.add(a_send(number, job_id="1", due_at=None))
            await stored(t, replace(send, state=SendState.SENT, finished_at=await t.now()))
        await t.sends.bind_key(BoundKey("key", "hash", "snd_1"))
    assert await until_done(keep) == []
    async with transactions.begin("ten_1") as t:
        found = await t.sends.find_key("key")
        assert found
        assert (await t.sends.get(found.bound_to)).id == "snd_1"


async def test_a_row_that_somebody_has_locked_is_left_for_the_next_time(
    transactions: PostgresTransactions, database_url: str
) -> None:
    async with transactions.begin("ten_1") as t:
        for number in (1, 2):
            send = await t.sends.add(a_send(number, job_id=str(number), due_at=None))
            await stored(t, replace(send, state=SendState.SENT, finished_at=LONG_AGO))
    async with await psycopg.AsyncConnection.connect(database_url) as somebody:
        await somebody.execute("SELECT FROM sends WHERE id = 'snd_1' FOR UPDATE")
        async with asyncio.timeout(PATIENCE):
            assert await until_done(keeping(transactions)) == [("ten_1", "sends", 1)]
    assert await until_done(keeping(transactions)) == [("ten_1", "sends", 1)]


async def test_the_audit_of_the_last_thirty_days_stays_whatever_the_program_asks(
    transactions: PostgresTransactions,
) -> None:
    async with transactions.begin("ten_1") as t:
        await t.audit.record(AuditEntry(await t.now() - timedelta(days=29), "ann", "doubt.settled", "lin_1"))
    with pytest.raises(IntegrityError) as caught:
        async with transactions.begin("ten_1") as t:
            await t.retention.forget_audit(await t.now() - timedelta(days=29), BATCH)
    assert violates(caught.value, "audit_is_kept")
    async with transactions.begin("ten_1") as t:
        assert len(await t.audit.page()) == 1


async def test_a_worker_calls_it_until_nothing_is_left(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "EVERY_HOUR", "* * * * * *")
    calls, done, stop = [True, True, False], asyncio.Event(), asyncio.Event()

    async def keep() -> bool:
        more = calls.pop(0) if calls else False
        if not calls:
            done.set()
        return more

    running = asyncio.create_task(work_on(database_url, no_drain, keep_retention=keep, stop=stop))
    async with asyncio.timeout(PATIENCE):
        await done.wait()
        stop.set()
        await running
