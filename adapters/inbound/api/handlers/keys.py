"""API keys of the operator and of each tenant."""

from __future__ import annotations

from datetime import timedelta

from adapters.inbound.api import cursor
from adapters.inbound.api.call import Call, Reply
from adapters.inbound.schema.keys import KeyOut, NewKeyOut, OperatorKeyIn, RotateKeyIn, TenantKeyIn
from adapters.inbound.schema.schema_base import Nothing, Page, PageQuery
from core.services.access.api_keys import KeyRequest


async def create_operator_key(call: Call[OperatorKeyIn]) -> Reply[NewKeyOut]:
    """Make an operator key. Only this answer contains the key."""
    request = KeyRequest(name=call.input.name, expires_at=call.input.expires_at)
    return Reply(NewKeyOut.of_new(await call.use_cases.api_keys.create(request, call.caller)))


async def list_operator_keys(call: Call[PageQuery]) -> Reply[Page[KeyOut]]:
    """List all operator keys.

    Newest first, also those that have ended.
    """
    return await _listed(call, None)


async def rotate_operator_key(call: Call[RotateKeyIn]) -> Reply[NewKeyOut]:
    """Make a key that replaces another one. The old key still works until the overlap is over."""
    return await _rotated(call, None)


async def revoke_operator_key(call: Call[Nothing]) -> Reply[Nothing]:
    """Revoke an operator key. It stops working within seconds, on every machine."""
    await call.use_cases.api_keys.revoke(None, call.path["key_id"], call.caller)
    return Reply(Nothing())


async def create_key(call: Call[TenantKeyIn]) -> Reply[NewKeyOut]:
    """Make a key of this tenant. It cannot have scopes that the calling key lacks."""
    asked = call.input
    request = KeyRequest(
        name=asked.name, tenant_id=call.tenant.id, scopes=frozenset(asked.scopes), expires_at=asked.expires_at
    )
    return Reply(NewKeyOut.of_new(await call.use_cases.api_keys.create(request, call.caller)))


async def list_keys(call: Call[PageQuery]) -> Reply[Page[KeyOut]]:
    """List the tenant's keys.

    Newest first, also those that have ended.
    """
    return await _listed(call, call.tenant.id)


async def rotate_key(call: Call[RotateKeyIn]) -> Reply[NewKeyOut]:
    """Make a key that replaces another one. The old key still works until the overlap is over."""
    return await _rotated(call, call.tenant.id)


async def revoke_key(call: Call[Nothing]) -> Reply[Nothing]:
    """Revoke a key of this tenant. It stops working within seconds, on every machine."""
    await call.use_cases.api_keys.revoke(call.tenant.id, call.path["key_id"], call.caller)
    return Reply(Nothing())


async def _rotated(call: Call[RotateKeyIn], tenant_id: str | None) -> Reply[NewKeyOut]:
    overlap = timedelta(seconds=call.input.overlap_seconds)
    made = await call.use_cases.api_keys.rotate(tenant_id, call.path["key_id"], overlap, call.caller)
    return Reply(NewKeyOut.of_new(made))


async def _listed(call: Call[PageQuery], tenant_id: str | None) -> Reply[Page[KeyOut]]:
    asked = call.input
    page = await call.use_cases.api_keys.page(tenant_id, limit=asked.limit, before=cursor.decode_id(asked.cursor))
    return cursor.page_by(list(map(KeyOut.of, page.keys)), page.next_before)
