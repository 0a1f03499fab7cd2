"""For whoever watches the process: does it live, can it work."""

from __future__ import annotations

from adapters.inbound.api.call import Call, Reply
from adapters.inbound.schema.health import Health
from adapters.inbound.schema.schema_base import Nothing


async def livez(_: Call[Nothing]) -> Reply[Health]:
    """Whether the process runs."""
    return Reply(Health())


async def readyz(call: Call[Nothing]) -> Reply[Health]:
    """Raises what the readiness check raises when the database does not answer."""
    await call.ready()
    return Reply(Health())
