"""Lines whose outcome is unknown: list them, settle one."""

from __future__ import annotations

from adapters.inbound.api.call import Call, Reply
from adapters.inbound.api.cursor import decode_position, encode_position
from adapters.inbound.schema.schema_base import Page
from adapters.inbound.schema.sending.doubts import DoubtOut, DoubtsQuery, VerdictIn
from adapters.inbound.schema.sending.plans import LedgerLineOut
from core.model.shared.position import Position


async def list_doubts(call: Call[DoubtsQuery]) -> Reply[Page[DoubtOut]]:
    """List the lines that may have been posted or not.

    Oldest first. Look in Spectrum, then settle each.
    """
    limit, after = call.input.limit, decode_position(call.input.cursor)
    found = await call.use_cases.doubts.list(
        call.tenant.id, connection=call.input.connection, limit=limit + 1, after=after
    )
    page, rest = found[:limit], None
    if len(found) > limit and (sent_at := page[-1].line.sent_at):
        rest = encode_position(Position(sent_at, page[-1].line.id))
    return Reply(Page(items=[DoubtOut.of(doubt) for doubt in page], next=rest))


async def settle_doubt(call: Call[VerdictIn]) -> Reply[LedgerLineOut]:
    """Say whether a line is in Spectrum. A `posted` line is never sent again; with `not_posted` the send posts it."""
    tenant, said = call.tenant, call.input
    line = await call.use_cases.doubts.settle(
        tenant.id, call.path["line_id"], said.state, reason=said.reason, by=call.caller.name
    )
    return Reply(LedgerLineOut.of(line))
