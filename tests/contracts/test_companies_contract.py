"""One suite for storage in memory and in PostgreSQL: which companies others lead to as well, and nothing more."""

from __future__ import annotations

from dataclasses import replace

from core.model.connections.connection import ConnectionSecrets
from core.model.connections.endpoint import Endpoint
from core.model.connections.same_company import company_key
from core.model.shared.secret import Secret
from ports.storage.transactions import Transactions
from tests.support.storage_scene import a_connection

COMPANY = company_key(a_connection(1))
SECRETS = ConnectionSecrets(Secret("AUTH"))


async def elsewhere(transactions: Transactions, tenant: str) -> frozenset[bytes]:
    async with transactions.begin(tenant) as t:
        return await t.connections.elsewhere([COMPANY, b"another company"])


async def test_each_of_two_tenants_hears_of_the_other_but_not_of_itself(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.connections.add(a_connection(3, tenant=1), SECRETS)
    assert await elsewhere(transactions, "ten_1") == {COMPANY}
    assert await elsewhere(transactions, "ten_2") == {COMPANY}
    async with transactions.begin("ten_2") as t:
        await t.connections.remove("con_2")
    assert await elsewhere(transactions, "ten_1") == frozenset(), "its own second one is not somebody else's"


async def test_a_connection_that_moves_takes_its_company_along(transactions: Transactions) -> None:
    async with transactions.begin("ten_2") as t:
        before = await t.connections.get("con_2")
        changed = await t.connections.change(replace(before, company_code="102"), None)
    assert await elsewhere(transactions, "ten_1") == frozenset()
    async with transactions.begin("ten_2") as t:
        await t.connections.change(replace(changed, company_code="101"), None)
    assert await elsewhere(transactions, "ten_1") == {COMPANY}


async def test_a_tenants_own_connections_to_a_company_are_found_as_they_lead_now(transactions: Transactions) -> None:
    own, other = a_connection(3, tenant=1), replace(a_connection(4, tenant=1), company_code="102")
    async with transactions.begin("ten_1") as t:
        for one in (own, other):
            await t.connections.add(one, SECRETS)
        assert [one.id for one in await t.connections.leading_to([COMPANY, b"another"])] == ["con_1", "con_3"]
        await t.connections.change(replace(await t.connections.get("con_3"), company_code="102"), None)
        assert [one.id for one in await t.connections.leading_to([COMPANY])] == ["con_1"]
        assert [one.id for one in await t.connections.leading_to([company_key(other)])] == ["con_3", "con_4"]
        assert await t.connections.leading_to([]) == []


async def test_host_port_and_company_name_it_and_the_way_there_does_not() -> None:
    one = replace(a_connection(1), company_code="abc")
    at = {"http": "http://SPECTRUM.example.com:9000/ws", "port": "https://spectrum.example.com:9001/ws"}
    assert company_key(replace(one, endpoint=Endpoint.parse(at["http"]), company_code="ABC")) == company_key(one)
    assert company_key(replace(one, endpoint=Endpoint.parse(at["port"]))) != company_key(one)
    assert company_key(replace(one, company_code="abd")) != company_key(one)


async def test_nothing_asked_is_nothing_told(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        assert await t.connections.elsewhere([]) == frozenset()
