"""A connection is removed while sends are requested over it: a caller who was told of a send keeps it."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from core.model.connections.connection import Connection
from core.model.sending.new_send import NewSend
from core.model.shared.errors import Conflict, NotFound
from core.services.connections.manage_connection import archive_and_remove
from ports.storage.send_requests import RequestedSends, StoredRequest
from ports.storage.transactions import Transactions
from tests.support.storage_scene import furnish, until_somebody_waits

PATIENCE = 20
REQUEST = RequestedSends(slug="main-1", sends=[NewSend(id="snd_1", job_id="1", requested_by="ann")])


async def remove(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await archive_and_remove(t, await t.connections.by_slug("main-1"))


async def test_a_request_that_comes_during_a_removal_finds_no_connection(
    database_url: str, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was stored and told to its caller, and then removed with the connection."""
    transactions = await furnish(engine)
    requests: list[asyncio.Task[StoredRequest]] = []

    async with asyncio.timeout(PATIENCE):
        async with transactions.begin("ten_1") as t:
            removal, connections = t.connections.remove, t.connections

            async def meanwhile(connection_id: str) -> None:
                requests.append(asyncio.create_task(transactions.request("ten_1", REQUEST)))
                blocked = asyncio.create_task(until_somebody_waits(database_url))
                await asyncio.wait({*requests, blocked}, return_when=asyncio.FIRST_COMPLETED)
                blocked.cancel()
                await removal(connection_id)

            monkeypatch.setattr(connections, "remove", meanwhile)
            await archive_and_remove(t, await connections.by_slug("main-1"))
        with pytest.raises(NotFound):
            await requests[0]


async def test_a_removal_that_comes_during_a_request_sees_its_send(database_url: str, engine: AsyncEngine) -> None:
    transactions = await furnish(engine)
    async with asyncio.timeout(PATIENCE):
        async with transactions.begin("ten_1") as t:
            await t.requests.store(REQUEST)
            removal = asyncio.create_task(remove(transactions))
            await until_somebody_waits(database_url)
        with pytest.raises(Conflict):
            await removal
        async with transactions.begin("ten_1") as t:
            assert isinstance(await t.connections.get("con_1"), Connection)
            assert [send.id for send in await t.sends.page()] == ["snd_1"]
