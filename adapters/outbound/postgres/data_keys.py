"""Tenants' data keys: who seals holds the key until the end of the transaction, who changes all keys waits for them."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.outbound.postgres.tables import tenants
from ports.vault import Vault

_NEW_KEYS = 4_718_823_002
"""Held by everybody who stores a data key; shared, except for the moment in which the wrapping key changes."""


async def made_data_key(connection: AsyncConnection, vault: Vault) -> bytes:
    """A fresh one to be stored in this transaction."""
    await connection.execute(select(func.pg_advisory_xact_lock_shared(_NEW_KEYS)))
    return vault.new_data_key()


async def held_data_key(connection: AsyncConnection, tenant_id: str) -> bytes:
    """The tenant's, to seal with: nobody changes it before this transaction has ended."""
    found = await connection.execute(
        select(tenants.c.data_key).where(tenants.c.id == tenant_id).with_for_update(read=True)
    )
    data_key: bytes = found.scalar_one()
    return data_key


async def await_new_keys(connection: AsyncConnection) -> None:
    """Return once every data key that was wrapped before this call is stored or given up."""
    await connection.execute(select(func.pg_advisory_xact_lock(_NEW_KEYS)))
