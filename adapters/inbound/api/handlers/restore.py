"""A restored backup: show what it may not know, and let items be posted again."""

from __future__ import annotations

from adapters.inbound.api.call import Call, Reply
from adapters.inbound.api.handlers.connections import shown_connection
from adapters.inbound.schema.connections import ConnectionOut
from adapters.inbound.schema.schema_base import Nothing
from adapters.inbound.schema.sending.restore import AcknowledgeIn, RestoreOut


async def show_restore(call: Call[Nothing]) -> Reply[RestoreOut]:
    """Show whether a restored backup holds this connection's items.

    Also the jobs completed since. Reads ServiceTrade if the connection is held.
    """
    [found] = await call.use_cases.acknowledge_restore.look(call.tenant.id, call.path["connection"])
    return Reply(RestoreOut.of(found))


async def acknowledge_restore(call: Call[AcknowledgeIn]) -> Reply[ConnectionOut]:
    """Confirm that the jobs completed since were compared with Spectrum. Items are posted again from then on."""
    [connection] = await call.use_cases.acknowledge_restore(
        call.tenant.id, call.path["connection"], reason=call.input.reason, by=call.caller.name
    )
    return await shown_connection(call, connection)
