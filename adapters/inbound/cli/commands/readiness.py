"""`jobferry connections readiness`: which upcoming jobs would fail, and which codes are missing."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters.inbound.cli.command_context import CommandContext
from adapters.inbound.cli.options import Json, TenantOption
from adapters.inbound.cli.views.output import data, document, say, table
from adapters.inbound.schema.readiness import ReadinessOut
from core.model.mappings.readiness import Gap

_NAMED = 5


async def readiness(
    context: CommandContext,
    slug: Annotated[str, typer.Argument(help="The connection's short name.")],
    tenant: TenantOption = None,
    as_json: Json = False,
) -> None:
    """List upcoming jobs that would fail if sent now.

    Reads only ServiceTrade. Missing codes that stop sends come first, those of the earliest job before others.
    """
    found = await context.use_cases.check_readiness((await context.tenant(tenant)).id, slug)
    if as_json:
        document(ReadinessOut.of(slug, found))
        return
    if found.gaps:
        columns = ("Missing code of", "ServiceTrade id", "Name", "Earliest job", "Jobs")
        data.print(table(columns, (_row(gap) for gap in found.gaps), whole=("ServiceTrade id",)))
    for job in found.incomplete:
        say(f"Job {job.number or job.id} names no customer or no location.")
    say(f"{found.failing} of {found.jobs} upcoming jobs would fail if they were sent now.")
    if found.partial:
        say("Not all upcoming jobs were read. Fix these first, then run the command again.")


def _row(gap: Gap) -> list[str]:
    jobs = ", ".join(job.number or job.id for job in gap.jobs[:_NAMED])
    more = f" and {len(gap.jobs) - _NAMED} more" if len(gap.jobs) > _NAMED else ""
    day = f"{gap.earliest:%Y-%m-%d}" if gap.earliest else "-"
    return [gap.kind.value, gap.record.id, gap.record.name, day, jobs + more]
