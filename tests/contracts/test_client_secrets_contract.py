"""One suite for looked-after client secrets in memory and in PostgreSQL."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.model.connections.client_secret import KeptSecret, NewSecret
from core.model.shared.errors import NotFound
from core.model.shared.secret import Secret
from ports.storage.transactions import Transactions
from tests.support.storage_scene import NOW

END = NOW + timedelta(days=30)


async def test_a_next_secret_waits_beside_the_one_in_use_until_it_takes_its_place(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        before = await t.connections.secrets("con_1")
        assert await t.client_secrets.get("con_1") == KeptSecret()
        await t.client_secrets.keep_next("con_1", NewSecret(Secret("new"), END))
        await t.client_secrets.note_warned("con_1", 7)
    async with transactions.begin("ten_1") as t:
        assert await t.client_secrets.get("con_1") == KeptSecret(None, Secret("new"), END, 7)
        assert await t.connections.secrets("con_1") == before
        await t.client_secrets.promote("con_1")
    async with transactions.begin("ten_1") as t:
        assert (await t.connections.secrets("con_1")).client_secret == Secret("new")
        assert (await t.connections.secrets("con_1")).authorization_id == before.authorization_id
        assert await t.client_secrets.get("con_1") == KeptSecret(END), "nothing was spoken of the new one"
        assert (await t.connections.get("con_1")).client_secret_expires_at == END
        with pytest.raises(ValueError, match="no next client secret"):
            await t.client_secrets.promote("con_1")


async def test_a_secret_of_a_persons_own_drops_the_one_that_waited(transactions: Transactions) -> None:
    async with transactions.begin("ten_1") as t:
        await t.client_secrets.keep_next("con_1", NewSecret(Secret("new")))
        await t.client_secrets.note_warned("con_1", 14)
        await t.client_secrets.replaced("con_1", END, NOW)
        assert await t.client_secrets.get("con_1") == KeptSecret(END)


async def test_one_at_a_time_has_it(transactions: Transactions) -> None:
    soon = NOW + timedelta(minutes=10)
    async with transactions.begin("ten_1") as t:
        assert await t.client_secrets.claim("con_1", NOW, soon)
        assert not await t.client_secrets.claim("con_1", NOW, soon)
        assert await t.client_secrets.claim("con_1", soon, soon + timedelta(minutes=10)), "whoever had it is gone"
        await t.client_secrets.release("con_1")
        assert await t.client_secrets.claim("con_1", NOW, soon)


async def test_another_tenants_connection_is_not_there(transactions: Transactions) -> None:
    async with transactions.begin("ten_2") as t:
        for call in (
            t.client_secrets.get("con_1"),
            t.client_secrets.claim("con_1", NOW, END),
            t.client_secrets.release("con_1"),
            t.client_secrets.set_due("con_1", NOW),
            t.client_secrets.keep_next("con_1", NewSecret(Secret("x"))),
            t.client_secrets.promote("con_1"),
            t.client_secrets.replaced("con_1", None, NOW),
            t.client_secrets.note_warned("con_1", 1),
        ):
            with pytest.raises(NotFound):
                await call
