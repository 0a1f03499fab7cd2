"""Who changes a connection's lists of codes at the same time, in PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from adapters.outbound.memory.remote.spectrum import MemorySpectrum
from adapters.outbound.postgres.transactions import PostgresTransactions, make_engine
from core.model.connections.connection import Connection, ConnectionSecrets
from core.model.connections.endpoint import Endpoint
from core.model.mappings.alias import AliasKind
from core.model.mappings.listed_code import ListedCode
from core.services.wiring import Services
from ports.storage.due_work import WorkKind
from tests.support.dependencies import over
from tests.support.storage_scene import due, furnish, until_somebody_waits

CODES = [ListedCode(kind=AliasKind.CUSTOMER, code=f"C{number}", name=f"Customer {number}") for number in range(40)]


@pytest.fixture
async def transactions(database_url: str) -> AsyncIterator[PostgresTransactions]:
    engine = make_engine(database_url)
    yield await furnish(engine)
    await engine.dispose()


async def rows(transactions: PostgresTransactions) -> int:
    async with transactions.begin("ten_1") as t:
        return len((await t.code_lists.search("con_1", None, limit=100)).codes)


async def test_two_who_store_the_same_codes_leave_the_words_of_the_last_one(
    transactions: PostgresTransactions, database_url: str
) -> None:
    async def second() -> None:
        async with transactions.begin("ten_1") as t:
            await t.code_lists.take_turn("con_1")
            await t.code_lists.store("con_1", [replace(one, name="Second") for one in CODES])

    async with transactions.begin("ten_1") as t:
        await t.code_lists.take_turn("con_1")
        waiting = asyncio.create_task(second())
        await until_somebody_waits(database_url)
        await t.code_lists.store("con_1", CODES)
    await waiting
    async with transactions.begin("ten_1") as t:
        assert (await t.code_lists.search("con_1", None, "customer")).codes == []
        assert len((await t.code_lists.search("con_1", None, "second")).codes) == 40
        assert (await t.code_lists.states("con_1"))[AliasKind.CUSTOMER].rows == 40


async def test_a_change_of_the_company_waits_for_a_batch_and_then_forgets_it(
    transactions: PostgresTransactions, database_url: str
) -> None:
    use_cases = Services(over(transactions)).use_cases

    def edit(before: Connection, secrets: ConnectionSecrets) -> tuple[Connection, ConnectionSecrets]:
        return replace(before, endpoint=Endpoint.parse("https://other.example.com")), secrets

    async with transactions.begin("ten_1") as t:
        await t.code_lists.take_turn("con_1")
        await t.connections.get("con_1")
        changing = asyncio.create_task(
            use_cases.change_connection("ten_1", "main-1", edit, version=None, by="ann", check=False)
        )
        await until_somebody_waits(database_url)
        await t.code_lists.store("con_1", CODES)
    await changing
    assert await rows(transactions) == 0


async def test_a_reading_that_is_asked_for_is_due_at_once_and_then_in_the_night(
    transactions: PostgresTransactions, database_url: str
) -> None:
    spectrum = MemorySpectrum()
    spectrum.lists.put("101", CODES)
    services = Services(replace(over(transactions), spectrum=spectrum))
    assert await due(database_url, WorkKind.CODES) == []
    await services.use_cases.look_up_codes.refresh("ten_1", "main-1", by="ann")
    assert await due(database_url, WorkKind.CODES) == ["con_1"]
    await services.refresh_lists("ten_1", "con_1")
    assert await due(database_url, WorkKind.CODES) == []
    assert await rows(transactions) == 40
