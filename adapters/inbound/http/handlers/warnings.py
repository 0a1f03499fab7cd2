"""The dashboard's warnings."""

from __future__ import annotations

from adapters.inbound.http.call import Call, Reply
from adapters.inbound.http.models.warnings import WarningOut, WarningsQuery
from adapters.inbound.http.models.wire import Nothing, Page


async def list_warnings(call: Call[WarningsQuery]) -> Reply[Page[WarningOut]]:
    """What needs attention, newest first. A later success clears its warning by itself."""
    tenant = call.tenant
    found = await call.use_cases.list_warnings(tenant.id, limit=call.input.limit)
    return Reply(Page(items=[WarningOut.of(warning, slug) for warning, slug in found]))


async def dismiss_warning(call: Call[Nothing]) -> Reply[Nothing]:
    """Put a warning aside; the send itself stays as it is."""
    tenant = call.tenant
    await call.use_cases.dismiss_warning(tenant.id, call.path["warning_id"])
    return Reply(Nothing())
