"""Health checks: does the process run, and can it work."""

from __future__ import annotations

from typing import Literal

from adapters.inbound.api.call import Call, Reply
from adapters.inbound.schema.schema_base import Nothing, Output


class Health(Output):
    """The process is well. Otherwise the answer is a problem."""

    status: Literal["ok"] = "ok"
    """Always `ok`."""


async def check_alive(_: Call[Nothing]) -> Reply[Health]:
    """Check that the process runs.

    It does not ask the database.
    """
    return Reply(Health())


async def check_ready(call: Call[Nothing]) -> Reply[Health]:
    """Check that the process can work.

    503 if the database does not answer or has another schema. The answer is at most a second old.
    """
    await call.readiness.require()
    return Reply(Health())
