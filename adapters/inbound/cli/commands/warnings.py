"""`jobferry warnings`: sends that failed or wait. A warning ends with the job's next success."""

from __future__ import annotations

from rich.text import Text

from adapters.inbound.cli.answers import answers
from adapters.inbound.cli.command_context import CommandContext, group
from adapters.inbound.cli.options import Limit, TenantOption
from adapters.inbound.cli.views import words
from adapters.inbound.cli.views.output import data, document_list, say
from adapters.inbound.schema.findings import WarningOut
from adapters.inbound.schema.schema_base import Page

warnings = group("warnings", "What needs somebody's attention.")


@warnings.command("list")
@answers(Page[WarningOut])
async def list_(context: CommandContext, tenant: TenantOption = None, limit: Limit = 100) -> None:
    """List open warnings with their fixes, newest first.

    \b
    Example:
      jobferry warnings list --tenant cardinal
    """
    found = await context.use_cases.warnings.open((await context.tenant(tenant)).id, limit=limit + 1)
    found, more = found[:limit], len(found) > limit
    if context.as_json:
        document_list([WarningOut.of(one, slug) for one, slug in found])
        return
    for one, slug in found:
        about = f"Job {one.job_number or one.job_id} to {slug}" if one.job_id else f"Connection {slug}"
        data.print(Text(f"{about}, {words.moment(one.raised_at)} UTC ({one.id})", "bold"))
        if one.outcome:
            data.print(one.outcome)
        data.print(words.finding(one.finding))
        data.print()
    if more:
        say(f"There are more than {limit}: --limit takes up to 500.")
    if not found:
        say("Nothing needs attention.")
