"""The audit of a tenant, and that of the operators."""

from __future__ import annotations

from adapters.inbound.api import cursor
from adapters.inbound.api.call import Call, Reply
from adapters.inbound.schema.audit import AuditOut, AuditQuery
from adapters.inbound.schema.schema_base import Page


async def list_audit(call: Call[AuditQuery]) -> Reply[Page[AuditOut]]:
    """List the decisions of people.

    Newest first, with those of keys and of Jobferry itself.
    """
    return await _page(call, call.tenant.id)


async def list_operator_audit(call: Call[AuditQuery]) -> Reply[Page[AuditOut]]:
    """List what operators did to the installation.

    Also what was done to operators. Newest first.
    """
    return await _page(call, None)


async def _page(call: Call[AuditQuery], tenant_id: str | None) -> Reply[Page[AuditOut]]:
    asked = call.input
    page = await call.use_cases.list_audit(
        tenant_id, limit=asked.limit, before=cursor.decode(asked.cursor), only=asked.only
    )
    return cursor.page_before([AuditOut.of(one) for one in page.entries], page.next_before)
