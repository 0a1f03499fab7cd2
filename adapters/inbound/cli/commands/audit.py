"""`jobferry audit`: what people decided, and why."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from adapters.inbound.cli.answers import answers
from adapters.inbound.cli.command_context import CommandContext, group
from adapters.inbound.cli.options import Before, Limit, TenantOption, in_utc
from adapters.inbound.cli.views import words
from adapters.inbound.schema.audit import AuditOut
from adapters.inbound.schema.schema_base import Page
from core.model.operations.audit import EVERYTHING, AuditFilter

audit = group("audit", "Who did what, and why.")


@audit.command("list")
@answers(Page[AuditOut])
async def list_(
    context: CommandContext,
    tenant: TenantOption = None,
    operators: Annotated[
        bool, typer.Option("--operators", help="What operators did to the installation, not to a tenant.")
    ] = False,
    limit: Limit = 50,
    before: Before = None,
    actor: Annotated[str | None, typer.Option(help="Only decisions of this person or key.")] = None,
    action: Annotated[str | None, typer.Option(help="Only this action, or all of one kind, such as person.")] = None,
    since: Annotated[datetime | None, typer.Option(help="Only from this moment on, in UTC.")] = None,
    until: Annotated[datetime | None, typer.Option(help="Only before this moment, in UTC.")] = None,
) -> None:
    """List decisions, newest first.

    \b
    Example:
      jobferry audit list --tenant cardinal --since 2026-11-30 --action send
    """
    only = AuditFilter(actor=actor, action=action, since=in_utc(since), until=in_utc(until))
    owner_id = None if operators else (await context.tenant(tenant)).id
    page = await context.use_cases.list_audit(owner_id, limit=limit, before=before, only=only)
    context.answer_list(
        map(AuditOut.of, page.entries),
        ("When (UTC)", "Who", "What", "On", "Detail"),
        (
            [
                words.moment(one.at),
                f"{one.actor_name} ({one.actor})" if one.actor_name else one.actor,
                one.action,
                one.subject,
                ", ".join(f"{key}: {value}" for key, value in one.detail.items()),
            ]
            for one in page.entries
        ),
        nothing="There is no entry yet." if only == EVERYTHING else "There is nothing like this.",
        whole=("When (UTC)",),
        next_before=page.next_before,
    )
