"""Data keys of tenants. A writer that seals holds the key until the end of its transaction; a rotation waits for it."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.outbound.postgres.tables.setup import tenants
from ports.vault import Vault

_NEW_KEYS = 4_718_823_002
"""Advisory lock for storing a data key. It is shared; a change of the wrapping key takes it exclusively."""


async def made_data_key(connection: AsyncConnection, vault: Vault) -> bytes:
    """Return a new data key, to be stored in this transaction."""
    await connection.execute(select(func.pg_advisory_xact_lock_shared(_NEW_KEYS)))
    return vault.new_data_key()


async def held_data_key(connection: AsyncConnection, tenant_id: str) -> bytes:
    """Return the tenant's data key for sealing. It cannot change before the end of this transaction."""
    found = await connection.execute(
        select(tenants.c.data_key).where(tenants.c.id == tenant_id).with_for_update(read=True)
    )
    data_key: bytes = found.scalar_one()
    return data_key


async def await_new_keys(connection: AsyncConnection) -> None:
    """Wait until every data key that was wrapped before this call is stored or dropped."""
    await connection.execute(select(func.pg_advisory_xact_lock(_NEW_KEYS)))
