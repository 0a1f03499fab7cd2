"""How much waits, counted as on every page."""

from __future__ import annotations

from adapters.inbound.api.call import Call, Reply
from adapters.inbound.schema.schema_base import Nothing
from adapters.inbound.schema.sending.counts import CountsOut


async def show_counts(call: Call[Nothing]) -> Reply[CountsOut]:
    """Show how many jobs wait, by what they wait for and by cause.

    The same numbers as on the console's pages and, over all tenants, in the metrics.
    """
    return Reply(CountsOut.of(await call.use_cases.count_jobs(call.tenant.id)))
