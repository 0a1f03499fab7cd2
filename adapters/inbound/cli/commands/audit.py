"""`jobferry audit`: what people decided, and why."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from adapters.inbound.cli.command_context import CommandContext, carry_out
from adapters.inbound.cli.options import Json, TenantOption, group
from adapters.inbound.cli.views import words
from adapters.inbound.cli.views.output import data, document, say, table
from adapters.inbound.schema.audit import AuditOut
from adapters.inbound.schema.schema_base import Page
from core.model.operations.audit import EVERYTHING, AuditFilter
from core.services.operations.list_audit import AuditPage

audit = group("What people decided, and why.")


@audit.command("list")
def list_(
    ctx: typer.Context,
    tenant: TenantOption = None,
    limit: Annotated[int, typer.Option(min=1, max=500, help="How many at most.")] = 50,
    before: Annotated[
        int | None, typer.Option(help="For the next page: the number that the last page printed.")
    ] = None,
    actor: Annotated[str | None, typer.Option(help="Only decisions of this person or key.")] = None,
    action: Annotated[str | None, typer.Option(help="Only this action, or all of one kind, such as person.")] = None,
    since: Annotated[datetime | None, typer.Option(help="Only from this moment on, in UTC.")] = None,
    until: Annotated[datetime | None, typer.Option(help="Only before this moment, in UTC.")] = None,
    as_json: Json = False,
) -> None:
    """List decisions, newest first."""

    only = AuditFilter(
        actor=actor, action=action, since=since and since.replace(tzinfo=UTC), until=until and until.replace(tzinfo=UTC)
    )

    async def work(context: CommandContext) -> AuditPage:
        owner = await context.tenant(tenant)
        return await context.use_cases.list_audit(owner.id, limit=limit, before=before, only=only)

    page = carry_out(ctx, work)
    if as_json:
        items = [AuditOut.of(one) for one in page.entries]
        document(Page[AuditOut](items=items, next=None if page.next_before is None else str(page.next_before)))
    elif page.entries:
        rows = (
            [
                words.moment(one.at),
                one.actor,
                one.action,
                one.subject,
                ", ".join(f"{key}: {value}" for key, value in one.detail.items()),
            ]
            for one in page.entries
        )
        data.print(table(("When (UTC)", "Who", "What", "On", "Detail"), rows, whole=("When (UTC)",)))
        if page.next_before is not None:
            say(f"There are more: --before {page.next_before}")
    else:
        say("There is no entry yet." if only == EVERYTHING else "There is nothing like this.")
