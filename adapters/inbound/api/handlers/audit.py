"""The audit."""

from __future__ import annotations

from adapters.inbound.api import cursor
from adapters.inbound.api.call import Call, Reply
from adapters.inbound.schema.audit import AuditOut, AuditQuery
from adapters.inbound.schema.schema_base import Page


async def list_audit(call: Call[AuditQuery]) -> Reply[Page[AuditOut]]:
    """List the decisions of people, newest first."""
    tenant, asked = call.tenant, call.input
    page = await call.use_cases.list_audit(
        tenant.id, limit=asked.limit, before=cursor.decode(asked.cursor), only=asked.only
    )
    return cursor.page_before([AuditOut.of(one) for one in page.entries], page.next_before)
