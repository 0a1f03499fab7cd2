"""A restored backup: look at what it may not know, and let items go on."""

from __future__ import annotations

from adapters.inbound.api.call import Call, Reply
from adapters.inbound.api.handlers.connections import shown_connection
from adapters.inbound.schema.connections.connections import ConnectionOut
from adapters.inbound.schema.schema_base import Nothing
from adapters.inbound.schema.sending.restore import AcknowledgeIn, RestoreOut


async def show_restore(call: Call[Nothing]) -> Reply[RestoreOut]:
    """Whether the database is older than what was sent on this connection, and what was completed since.

    Asks ServiceTrade where the connection is held.
    """
    [found] = await call.use_cases.acknowledge_restore.look(call.tenant.id, call.path["connection"])
    return Reply(RestoreOut.of(found))


async def acknowledge_restore(call: Call[AcknowledgeIn]) -> Reply[ConnectionOut]:
    """Say that what was completed since was looked at in Spectrum. From then on items go again."""
    [connection] = await call.use_cases.acknowledge_restore(
        call.tenant.id, call.path["connection"], reason=call.input.reason, by=call.caller.name
    )
    return await shown_connection(call, connection)
