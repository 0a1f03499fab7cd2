"""A job before it is sent: its Send menu and the preview."""

from __future__ import annotations

from adapters.inbound.http.call import Call, Reply
from adapters.inbound.http.models.plans import PreviewIn, PreviewOut
from adapters.inbound.http.models.send_menu import MenuEntryOut
from adapters.inbound.http.models.wire import Nothing, Page


async def send_menu(call: Call[Nothing]) -> Reply[Page[MenuEntryOut]]:
    """An account's only connection is preselected, as long as it can be used."""
    tenant = call.tenant
    entries = await call.use_cases.send_menu(tenant.id, call.path["job_id"])
    only = len(entries) == 1
    return Reply(
        Page(items=[MenuEntryOut.of(entry, preselected=only and entry.disabled is None) for entry in entries])
    )


async def preview_send(call: Call[PreviewIn]) -> Reply[PreviewOut]:
    """What a send would write now, field by field, and what stands in the way. Nothing is written."""
    tenant, asked = call.tenant, call.input
    preview = await call.use_cases.preview_send(
        tenant.id,
        asked.connection,
        call.path["job_id"],
        adopt=asked.adopt,
        items=asked.items,
        completing=asked.completing,
    )
    return Reply(PreviewOut.of_preview(preview))
