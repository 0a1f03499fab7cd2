"""One suite for what a connection keeps about its addresses, in memory and in PostgreSQL."""

from __future__ import annotations

from dataclasses import replace

import pytest

from core.model.connections.connection import FormerEndpoint
from core.model.connections.endpoint import Endpoint
from core.model.shared.errors import NotFound
from ports.storage.transactions import Transactions

FORMER = (
    FormerEndpoint(Endpoint.parse("https://newer.example.com:8482"), False),
    FormerEndpoint(Endpoint.parse("http://[2001:db8::1]:9000"), True),
)


async def test_nothing_is_used_or_former_at_first(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        found = await t.connections.get("con_1")
    assert (found.endpoint_used, found.former_endpoints) == (False, ())


async def test_a_change_stores_former_addresses_and_whether_it_was_used(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.connections.set_endpoint_used("con_1")
        before = await t.connections.get("con_1")
        assert before.endpoint_used
        changed = await t.connections.change(replace(before, endpoint_used=False, former_endpoints=FORMER), None)
        stored = await t.connections.get("con_1")
    for found in (changed, stored):
        assert (found.endpoint_used, found.former_endpoints) == (False, FORMER)


async def test_noting_that_an_address_is_used_is_no_change_of_settings(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        before = await t.connections.get("con_1")
        await t.connections.set_endpoint_used("con_1")
        assert (await t.connections.get("con_1")).version == before.version


async def test_another_tenants_connection_is_not_there(transactions: Transactions) -> None:
    async with transactions.begin("ten_2") as t:
        with pytest.raises(NotFound):
            await t.connections.set_endpoint_used("con_1")
