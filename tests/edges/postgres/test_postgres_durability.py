"""What is stored is on disk, whatever the server's defaults; and a server that takes no writes is one that is away."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from adapters.bootstrap.database_checks import durability, outlasts_power_cuts, takes_writes
from adapters.bootstrap.examination import examine_installation
from adapters.bootstrap.settings import Settings
from adapters.outbound.postgres.due_work import PostgresDueWork
from adapters.outbound.postgres.server.engines import service_engine
from adapters.outbound.postgres.server.migrate import migrate
from adapters.outbound.postgres.server.role import as_role
from adapters.outbound.postgres.transactions import PostgresTransactions
from adapters.outbound.vault.master_key import new_key, text_of
from core.model.shared.check_step import CheckState
from core.model.shared.errors import OperatorMends, TimeMends
from ports.storage.due_work import Admission, Slots, WorkKind
from ports.storage.transactions import InstanceTransaction, TenantTransaction
from tests.support.read_only_database import make_read_only, make_writable, set_for_new_sessions
from tests.support.storage_scene import a_send, furnish, transactions_on

PATIENCE = 20
AWAY = ("57P01", "57P02", "57P03", "53300", "40P01", "40001", "25006", "08006", "55P03", "57014")
"""Shut down, crashed, starting, too many connections, deadlock, serialization, read-only, lost, locked, cancelled."""
OUR_FAULT = ("23505", "42P01", "22003", "42501")


def session_of(t: TenantTransaction | InstanceTransaction) -> AsyncConnection:
    session = vars(t)["_connection"]
    assert isinstance(session, AsyncConnection)
    return session


async def shown(session: AsyncConnection, name: str = "synchronous_commit") -> str:
    value: str = (await session.execute(text(f"SHOW {name}"))).scalar_one()
    return value


@pytest.mark.parametrize(
    ("default", "ours"),
    [("off", "on"), ("local", "on"), ("remote_write", "on"), ("on", "on"), ("remote_apply", "remote_apply")],
)
async def test_commits_are_on_disk_whatever_the_server_says(
    database_url: str, engine: AsyncEngine, default: str, ours: str
) -> None:
    transactions = await furnish(engine)
    await engine.dispose()
    await set_for_new_sessions(database_url, "synchronous_commit", default)
    async with engine.connect() as session:
        assert await shown(session) == default, "the test changes nothing"
    async with transactions.begin("ten_1") as t:
        assert await shown(session_of(t)) == ours
    async with transactions.begin_instance() as i:
        assert await shown(session_of(i)) == ours


async def test_a_session_that_goes_back_carries_nothing_over(database_url: str) -> None:
    await set_for_new_sessions(database_url, "synchronous_commit", "off")
    only = create_async_engine(as_role(database_url), pool_size=1, max_overflow=0)
    transactions = await furnish(only)

    async def left_behind() -> tuple[str, str]:
        async with transactions._session("ten_1") as session:
            asked = text("SELECT current_setting('app.tenant', true)")
            tenant = (await session.connection.execute(asked)).scalar_one()
            return tenant or "", await shown(session.connection)

    assert await left_behind() == ("", "off")
    with pytest.raises(ZeroDivisionError):
        async with transactions.begin("ten_1") as t:
            await t.sends.page()
            raise ZeroDivisionError
    assert await left_behind() == ("", "off")
    with pytest.raises(DBAPIError):
        async with transactions.begin("ten_1") as t:
            await session_of(t).execute(text("SELECT 1 / 0"))
    assert await left_behind() == ("", "off")
    await only.dispose()


@pytest.mark.parametrize("sqlstate", AWAY)
async def test_what_passes_by_itself_is_a_database_that_is_away(engine: AsyncEngine, sqlstate: str) -> None:
    with pytest.raises(TimeMends) as caught:
        await raise_in_a_transaction(await furnish(engine), sqlstate)
    assert caught.value.code == "DATABASE_UNREACHABLE"


@pytest.mark.parametrize("sqlstate", OUR_FAULT)
async def test_what_no_time_mends_is_not(engine: AsyncEngine, sqlstate: str) -> None:
    with pytest.raises(SQLAlchemyError):
        await raise_in_a_transaction(await furnish(engine), sqlstate)


async def raise_in_a_transaction(transactions: PostgresTransactions, sqlstate: str) -> None:
    """The server itself answers with this error."""
    async with transactions.begin("ten_1") as t:
        await session_of(t).execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'so' USING ERRCODE = '{sqlstate}'; END $$"))


async def add_send(transactions: PostgresTransactions, number: int = 1) -> None:
    async with transactions.begin("ten_1") as t:
        await t.sends.add(a_send(number))


async def test_a_read_only_database_is_one_that_is_away_and_reading_goes_on(
    database_url: str, engine: AsyncEngine
) -> None:
    transactions = await furnish(engine)
    await make_read_only(database_url)
    with pytest.raises(TimeMends) as caught:
        await add_send(transactions)
    assert caught.value.code == "DATABASE_UNREACHABLE"
    async with transactions.begin("ten_1") as t:
        assert await t.sends.page() == []


async def test_no_session_stays_read_only_when_the_database_is_writable_again(
    database_url: str, engine: AsyncEngine
) -> None:
    transactions = await furnish(engine)
    await make_read_only(database_url)
    async with transactions.begin("ten_1"), transactions.begin("ten_2"):
        pass  # two sessions that began read-only are in the pool now
    await make_writable(database_url)
    with pytest.raises(TimeMends):
        await add_send(transactions)
    await add_send(transactions)
    await add_send(transactions, 2)


async def test_whoever_goes_on_after_a_lost_session_is_told_so(database_url: str, engine: AsyncEngine) -> None:
    transactions = await furnish(engine)
    await make_read_only(database_url)
    with pytest.raises(TimeMends):
        async with transactions.begin("ten_1") as t:
            with pytest.raises(SQLAlchemyError):
                await t.sends.add(a_send())


async def test_a_read_only_database_is_also_known_to_pools_of_others(database_url: str) -> None:
    plain = create_async_engine(as_role(database_url))
    await furnish(plain)
    await make_read_only(database_url)
    await plain.dispose()
    with pytest.raises(TimeMends):
        await add_send(transactions_on(plain))
    await plain.dispose()


async def test_the_sweeper_of_a_worker_leaves_a_read_only_server(database_url: str) -> None:
    engine = service_engine(database_url, pool_size=1)
    due = PostgresDueWork(engine)
    await make_read_only(database_url)
    with pytest.raises(SQLAlchemyError, match="read-only"):
        await due.admit([WorkKind.DRAIN], Slots(1, 1), worker_id=None, stalled=12)
    await make_writable(database_url)
    found = await due.admit([WorkKind.DRAIN], Slots(1, 1), worker_id=None, stalled=12)
    await engine.dispose()
    assert found == Admission(), "the session that was refused is not used again"


async def test_init_says_that_the_database_is_read_only(new_database: Callable[[], str]) -> None:
    url = new_database()
    await make_read_only(url)
    with pytest.raises(OperatorMends) as caught:
        await migrate(url)
    assert (caught.value.code, "failover" in caught.value.fix) == ("DATABASE_READ_ONLY", True)


async def test_the_doctor_says_that_the_database_is_read_only(database_url: str, tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path, database_url=SecretStr(database_url), encryption_key=SecretStr(text_of([new_key()]))
    )
    writing = {step.name: step for step in (await examine_installation(settings))[0].steps}["writing"]
    assert writing.state is CheckState.OK
    await make_read_only(database_url)
    (installation,) = await examine_installation(settings)
    failed = [step for step in installation.steps if step.state is CheckState.FAILED]
    assert [(step.name, step.code) for step in failed] == [("writing", "DATABASE_READ_ONLY")]
    assert "read-only" in failed[0].detail
    assert "failover" in failed[0].fix[0]
    assert await takes_writes(database_url) == failed[0]


async def test_the_doctor_warns_of_a_server_that_forgets(database_url: str) -> None:
    """The server of the tests runs without fsync."""
    step = await outlasts_power_cuts(database_url)
    assert (step.state, step.code, "fsync = on" in step.fix[0]) == (CheckState.FAILED, "DATABASE_NOT_DURABLE", True)


@pytest.mark.parametrize(
    ("default", "fsync", "pages", "state", "words"),
    [
        ("on", "on", "on", CheckState.OK, "on (the server's default is on)"),
        ("off", "on", "on", CheckState.OK, "on (the server's default is off)"),
        ("remote_apply", "on", "on", CheckState.OK, "remote_apply"),
        ("on", "on", "off", CheckState.UNKNOWN, "full_page_writes is off"),
        ("on", "off", "on", CheckState.FAILED, "fsync is off"),
        ("on", "off", "off", CheckState.FAILED, "fsync is off"),
    ],
)
def test_what_the_servers_settings_mean(default: str, fsync: str, pages: str, state: CheckState, words: str) -> None:
    step = durability(default, fsync=fsync, full_page_writes=pages)
    assert (step.state, words in step.detail, bool(step.fix)) == (state, True, state is not CheckState.OK)
