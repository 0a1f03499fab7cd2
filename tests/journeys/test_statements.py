"""What one send costs the database, when it is requested and in a busy drain, counted where the driver sends it."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal

import psycopg
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from core.model.mappings.alias import AliasKind
from core.model.sending.send import SendState
from core.model.work_orders.cost_line import ItemsMode
from core.services.sending.batches import Batch, BatchRequest
from core.services.sending.request_send import SendRequest
from tests.journeys.world import World
from tests.support.code_list_scene import put_list
from tests.support.counted_statements import counting
from tests.support.databases import OTHER_SESSIONS

COMMITS, STATEMENTS, ROWS = 3, 7, 30
"""Of a send without items. Nine statements would do; but one more is not to come unseen. `ROWS` are at most read of the
table of sends, also for its request and for this test, which looks at it afterwards."""
MANY = 40
_READ = b"SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables WHERE relname = 'sends'"
_NEVER_COUNTED = """
DO $$ DECLARE one text; BEGIN
 FOR one IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
  EXECUTE format('ALTER TABLE public.%I SET (autovacuum_enabled = false)', one);
 END LOOP;
END $$;
SELECT pg_clear_relation_stats('public', tablename::text) FROM pg_tables WHERE schemaname = 'public';
SELECT pg_clear_attribute_stats('public', tablename::text, attname::text, inherited) FROM pg_stats
WHERE schemaname = 'public'
"""


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Statements and commits of this process, counted from now on."""
    return counting(monkeypatch)


async def cost(world: World, counted: Counter[str], jobs: range, items: int) -> Counter[str]:
    """What a drain of so many sends costs, each of a job with so many items."""
    state = world.servicetrade.state
    customer, site = state.add_company(spectrum="HARVIEW"), state.add_location(spectrum="HV0002")
    sends = []
    for number in jobs:
        job_id = state.add_job(str(number), customer=customer, location=site, description="Quarterly test")
        for _ in range(items):
            state.add_job_item(job_id, "Pressure gauge 300 psi", code="GAUGE-300", quantity=Decimal(2))
        state.complete(job_id)
        mode = ItemsMode.NEW_ONLY if items else ItemsMode.NONE
        sends.append(await world.request(job_id, items=mode))
    before = counted.copy()
    while await world.drain_connection((await world.connection()).id, give_way=lambda: False):
        pass
    spent = counted - before
    assert [(await world.show(send)).state for send in sends] == [SendState.SENT] * len(sends)
    return spent


async def test_a_send_costs_three_commits_and_seven_statements(world: World, counted: Counter[str]) -> None:
    await cost(world, counted, range(600001, 600002), 0)  # the first one at an address notes that it works
    one = await cost(world, counted, range(600010, 600011), 0)
    six = await cost(world, counted, range(600020, 600026), 0)
    assert six["commits"] - one["commits"] == 5 * COMMITS
    assert six["statements"] - one["statements"] == 5 * STATEMENTS


@pytest.mark.parametrize("items", [0, 2])
async def test_lists_of_codes_cost_one_statement_more_however_many_codes(
    world: World, counted: Counter[str], items: int
) -> None:
    connection = await world.connection()
    whose, now = (world.transactions, world.tenant.id, connection.id), world.clock.now()
    await cost(world, counted, range(600001, 600002), 0)
    spent = []
    for first in (600010, 600020):
        one = await cost(world, counted, range(first, first + 1), items)
        three = await cost(world, counted, range(first + 1, first + 4), items)
        spent.append(three - one)
        for kind, code in ((AliasKind.CUSTOMER, "HARVIEW"), (AliasKind.SITE, "HV0002"), (AliasKind.ITEM, "GAUGE-300")):
            await put_list(*whose, kind, [code, *(f"X{number}" for number in range(50))], read_at=now)
    without, with_lists = spent
    assert with_lists - without == {"statements": 2}, "for two sends"


async def test_a_cost_line_costs_one_commit(world: World, counted: Counter[str]) -> None:
    await cost(world, counted, range(600001, 600002), 0)
    two = await cost(world, counted, range(600010, 600011), 2)
    twelve = await cost(world, counted, range(600020, 600021), 12)
    assert twelve["commits"] - two["commits"] == 10
    assert twelve["statements"] - two["statements"] == 20


@pytest.mark.parametrize("key", [None, "key"])
async def test_a_requested_send_is_one_statement(world: World, counted: Counter[str], key: str | None) -> None:
    """It is a transaction of its own, so there is no BEGIN and no COMMIT."""
    connection = await world.connection()
    await world.request("77")
    before = counted.copy()
    wanted = SendRequest(connection=connection.slug, job_id="78", requested_by="test")
    details = await world.use_cases.request_send.details(world.tenant.id, wanted, idempotency_key=key)
    assert counted - before == {"statements": 1}
    shown = await world.use_cases.show_send(world.tenant.id, details.send.id)
    assert (details.send, details.connection) == (shown.send, shown.connection)
    assert not [*shown.attempts, *shown.lines]


async def test_a_batch_is_one_statement(world: World, counted: Counter[str]) -> None:
    connection = await world.connection()
    before = counted.copy()
    jobs = tuple(str(number) for number in range(100, 150))
    wanted = BatchRequest(connection=connection.slug, job_ids=jobs, requested_by="test")
    batch = await world.use_cases.batches.request(world.tenant.id, wanted)
    assert counted - before == {"statements": 1}
    assert await world.use_cases.batches.show(world.tenant.id, batch.id) == Batch(batch.id, batch.states)


@pytest.mark.long
@pytest.mark.parametrize("tables", ["never counted", "counted while nearly empty"])
async def test_a_send_does_not_read_the_other_sends_of_its_tenant(
    world: World, counted: Counter[str], engine: AsyncEngine, database_url: str, tables: str
) -> None:
    """In sessions whose plans are as old as the first sends: then all rows of the tenant look as few as one of them."""
    async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
        await connection.execute("VACUUM")  # files that an earlier test made long would count as many rows
        await connection.execute(_NEVER_COUNTED)  # nor does the server, meanwhile
        await cost(world, counted, range(500000, 500004), 0)
        await connection.execute("SELECT pg_stat_reset()")
        if tables == "counted while nearly empty":
            await connection.execute("ANALYZE")
        await cost(world, counted, range(600000, 600000 + MANY), 0)
        await engine.dispose()  # a session hands over its counts when it ends
        while await (await connection.execute(f"SELECT 1 {OTHER_SESSIONS}".encode())).fetchone():
            pass
        row = await (await connection.execute(_READ)).fetchone()
    assert row is not None
    assert row[0] / MANY <= ROWS
