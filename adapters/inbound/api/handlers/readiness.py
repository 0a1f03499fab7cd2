"""The readiness of upcoming jobs, and setting the codes that they lack."""

from __future__ import annotations

from adapters.inbound.api.call import Call, Reply
from adapters.inbound.schema.readiness import CodeIn, ReadinessOut
from adapters.inbound.schema.schema_base import Nothing


async def check_readiness(call: Call[Nothing]) -> Reply[ReadinessOut]:
    """List the records without a Spectrum code.

    Each with the upcoming jobs that would fail now, the earliest job first. Reads each record without an alias from
    ServiceTrade, so it takes seconds.
    """
    slug = call.path["connection"]
    return Reply(ReadinessOut.of(slug, await call.use_cases.check_readiness(call.tenant.id, slug)))


async def set_code(call: Call[CodeIn]) -> Reply[Nothing]:
    """Write a record's Spectrum code to ServiceTrade as its external id. If another record has the code, set an alias
    instead."""
    await call.use_cases.set_code(call.tenant.id, call.path["connection"], call.input.entry(), by=call.caller.name)
    return Reply(Nothing())
