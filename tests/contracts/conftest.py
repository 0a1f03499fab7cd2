"""What every suite over storage begins with: the same storage in memory and in PostgreSQL."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from adapters.outbound.memory.transactions import MemoryTransactions
from adapters.outbound.postgres.transactions import PostgresTransactions, make_engine
from adapters.outbound.vault.aes_gcm_vault import AesGcmVault
from ports.storage.transactions import Transactions
from tests.support.storage_scene import MASTER_KEY, add_two_tenants


@pytest.fixture(params=["memory", "postgres"])
async def storage(request: pytest.FixtureRequest) -> AsyncIterator[Transactions]:
    """Nothing in it."""
    if request.param == "memory":
        yield MemoryTransactions()
        return
    engine = make_engine(request.getfixturevalue("database_url"))
    yield PostgresTransactions(engine, AesGcmVault(MASTER_KEY))
    await engine.dispose()


@pytest.fixture
async def transactions(storage: Transactions) -> Transactions:
    """ten_1 with con_1 and ten_2 with con_2, each with all secrets of a connection."""
    await add_two_tenants(storage)
    return storage
