"""The dashboard's warnings."""

from __future__ import annotations

from adapters.inbound.api.call import Call, Reply
from adapters.inbound.api.cursor import decode_position, encode_position
from adapters.inbound.schema.findings import WarningOut
from adapters.inbound.schema.schema_base import Nothing, Page, PageQuery
from core.model.shared.position import Position


async def list_warnings(call: Call[PageQuery]) -> Reply[Page[WarningOut]]:
    """List what needs attention, newest first. The next success of a job ends its warning."""
    limit, after = call.input.limit, decode_position(call.input.cursor)
    found = await call.use_cases.warnings.open(call.tenant.id, limit=limit + 1, after=after)
    page = found[:limit]
    rest = encode_position(Position(page[-1][0].raised_at, page[-1][0].id)) if len(found) > limit else None
    return Reply(Page(items=[WarningOut.of(warning, slug) for warning, slug in page], next=rest))


async def dismiss_warning(call: Call[Nothing]) -> Reply[Nothing]:
    """Dismiss a warning.

    The send itself does not change.
    """
    await call.use_cases.warnings.dismiss(call.tenant.id, call.path["warning_id"], by=call.caller.name)
    return Reply(Nothing())
