"""The worker against the real queue: order, one writer a connection, rescue of the dead, life through an outage."""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from procrastinate.exceptions import ConnectorException
from procrastinate.manager import JobManager
from sqlalchemy.ext.asyncio import AsyncEngine
from structlog.testing import capture_logs

from adapters.bootstrap.worker import work_on
from adapters.inbound.worker import worker
from adapters.inbound.worker.worker import GiveWay, Heartbeat, Serve
from adapters.outbound.postgres.due_work import PostgresDueWork, workers_alive
from adapters.outbound.postgres.server.embedded import EmbeddedPostgres
from adapters.outbound.postgres.server.migrate import migrate
from adapters.outbound.postgres.transactions import PostgresTransactions, make_engine
from core.model.shared.errors import OperatorMends
from ports.storage.due_work import Admission, DueSubject, Slots, WorkKind
from tests.support.due_scene import run_by_a_dead_worker
from tests.support.passable import let_pass
from tests.support.read_only_database import make_read_only, make_writable
from tests.support.storage_scene import NOW, due, furnish, queued, rests

QUICK = Heartbeat(every=0.2, stalled=1.0)
PATIENCE = 20
TWO = Slots(2, 2)

STALLING_WORKER = """
import asyncio, sys
from adapters.bootstrap.worker import work_on
from adapters.inbound.worker import worker
from adapters.inbound.worker.worker import Heartbeat

async def drain(tenant_id, connection_id, give_way):
    print(connection_id, flush=True)
    await asyncio.Event().wait()

asyncio.run(work_on(sys.argv[1], drain, heartbeat=Heartbeat(every=0.2, stalled=1.0)))
"""


class Drained:
    """A drain that finds nothing more to do. It notes who was drained, and lets tests wait for it."""

    def __init__(self, transactions: PostgresTransactions) -> None:
        self.order: list[str] = []
        self._transactions = transactions
        self._changed = asyncio.Condition()

    async def __call__(self, _tenant_id: str, connection_id: str, _give_way: GiveWay) -> bool:
        await rests(self._transactions, connection_id)
        async with self._changed:
            self.order.append(connection_id)
            self._changed.notify_all()
        return False

    async def times(self, connection_id: str, count: int = 1) -> None:
        async with asyncio.timeout(PATIENCE), self._changed:
            await self._changed.wait_for(lambda: Counter(self.order)[connection_id] >= count)


@pytest.fixture
async def transactions(engine: AsyncEngine) -> PostgresTransactions:
    return await furnish(engine)


@asynccontextmanager
async def working(
    url: str, drain: Serve, *, slots: Slots = TWO, heartbeat: Heartbeat = QUICK
) -> AsyncIterator[asyncio.Event]:
    """A worker in this process; stopped gracefully at the end."""
    stop = asyncio.Event()
    running = asyncio.create_task(work_on(url, drain, slots=slots, stop=stop, heartbeat=heartbeat))
    try:
        yield stop
    finally:
        stop.set()
        async with asyncio.timeout(PATIENCE):
            await running


async def wake(transactions: PostgresTransactions, *connections: str) -> None:
    for connection in connections:
        async with transactions.begin(await transactions.tenant_of(connection)) as t:
            await t.connections.wake(connection, None)


async def set_due(transactions: PostgresTransactions, number: int) -> None:
    await rests(transactions, f"con_{number}", NOW - timedelta(days=3650))


async def test_a_woken_connection_is_drained(database_url: str, transactions: PostgresTransactions) -> None:
    drained = Drained(transactions)
    async with working(database_url, drained):
        await wake(transactions, "con_1")
        await drained.times("con_1")
        await wake(transactions, "con_1")
        await drained.times("con_1", 2)
    assert await queued(database_url) == []


async def test_a_slice_that_ends_at_the_stop_goes_on_later(
    database_url: str, transactions: PostgresTransactions
) -> None:
    await wake(transactions, "con_1")
    stop, slices = asyncio.Event(), []

    async def drain(
        _tenant_id: str, connection_id: str, _give_way: GiveWay
    ) -> bool:  # endless, and it never waits for anything
        slices.append(connection_id)
        stop.set()
        return True

    await work_on(database_url, drain, stop=stop, heartbeat=QUICK)
    assert set(slices) == {"con_1"}
    assert (await due(database_url), await queued(database_url)) == (["con_1"], [])


async def test_a_connection_has_one_writer_however_many_slots_there_are(
    database_url: str, transactions: PostgresTransactions
) -> None:
    running: Counter[str] = Counter()
    most: Counter[str] = Counter()
    both = asyncio.Barrier(2)
    slices: Counter[str] = Counter()

    async def drain(_tenant_id: str, connection_id: str, _give_way: GiveWay) -> bool:
        running[connection_id] += 1
        most[connection_id] = max(most[connection_id], running[connection_id])
        most["all"] = max(most["all"], running.total())
        slices[connection_id] += 1
        if slices[connection_id] == 1:
            await both.wait()  # different connections do run side by side
        await wake(transactions, connection_id)
        running[connection_id] -= 1
        if slices.total() >= 20:
            enough.set()
        return True

    enough = asyncio.Event()
    await wake(transactions, "con_1", "con_2")
    async with working(database_url, drain, slots=Slots(8, 8)), asyncio.timeout(PATIENCE):
        await enough.wait()
    assert (most["con_1"], most["con_2"], most["all"]) == (1, 1, 2)


async def test_what_was_due_before_the_worker_began_is_drained(
    database_url: str, transactions: PostgresTransactions
) -> None:
    await set_due(transactions, 1)
    drained = Drained(transactions)
    async with working(database_url, drained):
        await drained.times("con_1")
    assert "con_2" not in drained.order


@pytest.mark.long
async def test_another_worker_rescues_the_connection_of_a_killed_one(
    database_url: str, transactions: PostgresTransactions
) -> None:
    await set_due(transactions, 1)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", STALLING_WORKER, database_url, stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            assert await process.stdout.readline() == b"con_1\n"
            await wake(transactions, "con_1")
            assert await queued(database_url) == [("con_1", "doing")]
    finally:
        process.kill()
        await process.wait()
    drained = Drained(transactions)
    async with working(database_url, drained):
        await drained.times("con_1")


async def test_a_live_worker_is_not_robbed(database_url: str, transactions: PostgresTransactions) -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def drain(_tenant_id: str, connection_id: str, _give_way: GiveWay) -> bool:
        begun.set()
        await go_on.wait()
        await rests(transactions, connection_id)
        return False

    await wake(transactions, "con_1")
    drained = Drained(transactions)
    async with working(database_url, drain, slots=Slots(1, 1)):
        async with asyncio.timeout(PATIENCE):
            await begun.wait()
        async with working(database_url, drained):
            for time in range(1, 21):
                await wake(transactions, "con_2")
                await drained.times("con_2", time)
        go_on.set()
    assert "con_1" not in drained.order


async def test_racing_rescuers_free_a_connection_once(database_url: str, transactions: PostgresTransactions) -> None:
    await wake(transactions, "con_1")
    await run_by_a_dead_worker(database_url, DueSubject(WorkKind.DRAIN, "ten_1", "con_1"))
    drained = Drained(transactions)
    async with working(database_url, drained), working(database_url, drained), working(database_url, drained):
        await drained.times("con_1")
        await wake(transactions, "con_2")
        await drained.times("con_2")
    assert drained.order == ["con_1", "con_2"]


async def test_stopping_lets_a_running_slice_finish(database_url: str, transactions: PostgresTransactions) -> None:
    begun, go_on, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def drain(*_: object) -> bool:
        begun.set()
        await go_on.wait()
        async with transactions.begin("ten_1") as t:  # it still works with the database
            await t.tenant()
        ended.set()
        return False

    await wake(transactions, "con_1")
    stop = asyncio.Event()
    worker = asyncio.create_task(work_on(database_url, drain, stop=stop, heartbeat=QUICK))
    async with asyncio.timeout(PATIENCE):
        await begun.wait()
        stop.set()
        await wake(transactions, "con_2")
        go_on.set()
        await worker
    assert ended.is_set()
    assert (await due(database_url), await queued(database_url)) == (["con_1", "con_2"], [])
    assert await workers_alive(database_url) == 0


async def test_a_cancelled_worker_ends_its_slice_and_leaves_nothing_running(
    database_url: str, transactions: PostgresTransactions
) -> None:
    begun, go_on, ended = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def drain(*_: object) -> bool:
        begun.set()
        await go_on.wait()
        ended.set()
        return False

    await wake(transactions, "con_1")
    before = asyncio.all_tasks()
    worker = asyncio.create_task(work_on(database_url, drain, heartbeat=QUICK))
    async with asyncio.timeout(PATIENCE):
        await begun.wait()
        worker.cancel()
        go_on.set()
        with pytest.raises(asyncio.CancelledError):
            await worker
    assert ended.is_set()
    assert asyncio.all_tasks() <= before
    assert await queued(database_url) == []


async def test_workers_alive_counts_the_living(database_url: str, transactions: PostgresTransactions) -> None:
    async with await psycopg.AsyncConnection.connect(database_url) as connection:
        await connection.execute(
            "INSERT INTO procrastinate_workers (last_heartbeat) VALUES (now() - interval '1 minute')"
        )
    assert await workers_alive(database_url) == 0
    drained = Drained(transactions)
    async with working(database_url, drained):
        await wake(transactions, "con_1")
        await drained.times("con_1")
        assert await workers_alive(database_url) == 1
    assert await workers_alive(database_url) == 0


async def test_workers_alive_says_so_when_there_is_no_database() -> None:
    with pytest.raises(OperatorMends) as caught:
        await workers_alive("postgresql://me:PLANTED-password@127.0.0.1:1/nowhere")
    assert caught.value.code == "DATABASE_UNREACHABLE"
    assert "PLANTED" not in str(caught.value)


@pytest.mark.long
async def test_a_worker_outlives_an_outage_of_the_database(tmp_path: Path) -> None:
    let_pass(tmp_path)
    server = await asyncio.to_thread(EmbeddedPostgres.start, tmp_path)
    await migrate(server.url)
    engine = make_engine(server.url)
    try:
        transactions = await furnish(engine)
        drained = Drained(transactions)
        async with working(server.url, drained):
            await wake(transactions, "con_1")
            await drained.times("con_1")
            await asyncio.to_thread(server.close)
            server = await asyncio.to_thread(EmbeddedPostgres.start, tmp_path)
            await wake(transactions, "con_1")  # the pool replaces its dead connections
            await drained.times("con_1", 2)
            await set_due(transactions, 2)
            await drained.times("con_2")
    finally:
        await engine.dispose()
        await asyncio.to_thread(server.close)


async def test_a_drain_whose_end_could_not_be_stored_does_not_keep_its_connection(
    database_url: str, transactions: PostgresTransactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The queue tries once to store that a drain has ended, and the database may be away just then."""
    lost: list[int] = []
    finish = JobManager.finish_job_by_id_async

    async def finish_from_the_second_on(manager: JobManager, job_id: int, *given: Any, **more: Any) -> None:
        if not lost:
            lost.append(job_id)
            raise ConnectorException
        await finish(manager, job_id, *given, **more)

    monkeypatch.setattr(JobManager, "finish_job_by_id_async", finish_from_the_second_on)
    drained = Drained(transactions)
    with capture_logs() as log:
        async with working(database_url, drained):
            await wake(transactions, "con_1", "con_2")
            await drained.times("con_1")
            await drained.times("con_2")
            await wake(transactions, "con_1", "con_2")
            await drained.times("con_1", 2)
            await drained.times("con_2", 2)
    assert len(lost) == 1
    assert len([one for one in log if one["event"] == "drain.end_not_stored"]) == 1
    assert await queued(database_url) == []


async def test_a_database_that_is_silent_does_not_hold_up_the_stop(
    database_url: str, transactions: PostgresTransactions, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = asyncio.Event()

    async def silent(*_: object, **__: object) -> Admission:
        asked.set()
        return await asyncio.Future[Admission]()

    monkeypatch.setattr(PostgresDueWork, "admit", silent)
    monkeypatch.setattr(worker, "LAST_SWEEP_SECONDS", 0.05)
    async with working(database_url, Drained(transactions)), asyncio.timeout(PATIENCE):
        await asked.wait()


@pytest.mark.long
async def test_a_worker_outlives_a_failover_to_a_server_that_takes_no_writes_yet(
    database_url: str, transactions: PostgresTransactions
) -> None:
    drained = Drained(transactions)
    async with working(database_url, drained):
        await wake(transactions, "con_1")
        await drained.times("con_1")
        with capture_logs() as log:
            await make_read_only(database_url)
            async with asyncio.timeout(PATIENCE):
                while not any(one["event"] == "sweeper.failed" and "read-only" in one["detail"] for one in log):
                    await workers_alive(database_url)  # time passes
        await make_writable(database_url)
        await set_due(transactions, 2)
        await drained.times("con_2")
