"""Health checks: does the process run, and can it work."""

from __future__ import annotations

from typing import Literal

from adapters.inbound.api.call import Call, Reply
from adapters.inbound.schema.schema_base import Nothing, Output


class Health(Output):
    status: Literal["ok"] = "ok"


async def livez(_: Call[Nothing]) -> Reply[Health]:
    """Check that the process runs."""
    return Reply(Health())


async def readyz(call: Call[Nothing]) -> Reply[Health]:
    """Check that the process can work: 503 if the database does not answer or has another schema.

    The answer is at most a second old.
    """
    await call.readiness.require()
    return Reply(Health())
