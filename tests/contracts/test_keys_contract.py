"""One suite for API keys in memory and in PostgreSQL: whose they are, when they end, and that none is another's."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from core.model.access.api_key import ApiKey, Scope
from core.model.shared.errors import NotFound
from ports.storage.transactions import Transactions
from tests.support.storage_scene import NOW

KEY = ApiKey(
    id="key_1",
    prefix="jf_abcdefgh",
    name="billing",
    tenant_id="ten_1",
    scopes=frozenset({Scope.READ, Scope.SEND}),
    created_at=NOW,
    created_by="operator:init",
)
LATER = NOW + timedelta(hours=1)


async def add(transactions: Transactions, key: ApiKey, digest: bytes) -> None:
    if key.tenant_id is None:
        async with transactions.begin_instance() as i:
            await i.keys.add(key, digest)
        return
    async with transactions.begin(key.tenant_id) as t:
        await t.keys.add(key, digest)


async def test_a_key_comes_back_whole_and_is_found_by_its_hash_alone(transactions: Transactions) -> None:
    await add(transactions, KEY, b"one")
    async with transactions.begin("ten_1") as t:
        assert await t.keys.get("key_1") == KEY
    async with transactions.begin_instance() as i:
        assert await i.credentials.key(b"one") == KEY
        assert await i.credentials.key(b"two") is None


async def test_a_tenant_sees_its_own_keys_newest_first_and_no_others(transactions: Transactions) -> None:
    newer = replace(KEY, id="key_2", created_at=LATER)
    operators = replace(KEY, id="key_3", tenant_id=None, scopes=frozenset())
    others = replace(KEY, id="key_4", tenant_id="ten_2")
    for number, key in enumerate((KEY, newer, operators, others)):
        await add(transactions, key, bytes([number]))
    async with transactions.begin("ten_1") as t:
        assert await t.keys.page(limit=50) == [newer, KEY]
        assert await t.keys.page(limit=1) == [newer]
        assert await t.keys.page(limit=1, before="key_2") == [KEY]
        assert await t.keys.page(limit=1, before="key_1") == []
        for missing in ("key_3", "key_4", "key_5"):
            with pytest.raises(NotFound):
                await t.keys.get(missing)
            with pytest.raises(NotFound):
                await t.keys.end(missing, revoked_at=NOW)
    async with transactions.begin_instance() as i:
        assert await i.keys.page(limit=50) == [operators]


async def test_a_key_ends_when_it_is_told(transactions: Transactions) -> None:
    await add(transactions, KEY, b"one")
    async with transactions.begin("ten_1") as t:
        await t.keys.end("key_1", expires_at=LATER)
        assert await t.keys.get("key_1") == replace(KEY, expires_at=LATER)
        await t.keys.end("key_1", revoked_at=NOW)
        assert await t.keys.get("key_1") == replace(KEY, expires_at=LATER, revoked_at=NOW)


async def test_the_last_use_is_kept(transactions: Transactions) -> None:
    await add(transactions, KEY, b"one")
    async with transactions.begin_instance() as i:
        await i.credentials.key_used("key_1", LATER)
        assert await i.credentials.key(b"one") == replace(KEY, last_used_at=LATER)
