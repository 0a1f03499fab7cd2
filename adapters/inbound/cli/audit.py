"""`jobferry audit`: what people decided, and why."""

from __future__ import annotations

from typing import Annotated

import typer

from adapters.inbound.cli import words
from adapters.inbound.cli.options import Json, TenantOption, group
from adapters.inbound.cli.output import data, document, say, table
from adapters.inbound.cli.workbench import Workbench, carry_out
from adapters.inbound.http.models.audit import AuditOut
from adapters.inbound.http.models.wire import Page
from core.services.list_audit import AuditPage

audit = group("What people decided, and why.")


@audit.command("list")
def list_(
    ctx: typer.Context,
    tenant: TenantOption = None,
    limit: Annotated[int, typer.Option(min=1, max=500)] = 50,
    before: Annotated[int | None, typer.Option(help="Go on from where the last page ended.")] = None,
    as_json: Json = False,
) -> None:
    """Decisions, newest first."""

    async def work(bench: Workbench) -> AuditPage:
        return await bench.use_cases.list_audit((await bench.tenant(tenant)).id, limit=limit, before=before)

    page = carry_out(ctx, work)
    if as_json:
        items = [AuditOut.of(one) for one in page.entries]
        document(Page[AuditOut](items=items, next=None if page.next_before is None else str(page.next_before)))
    elif page.entries:
        rows = (
            [
                words.moment(one.at), one.actor, one.action, one.subject,
                ", ".join(f"{key}: {value}" for key, value in one.detail.items()),
            ]
            for one in page.entries
        )  # fmt: skip
        data.print(table(("When (UTC)", "Who", "What", "On", "Detail"), rows, whole=("When (UTC)",)))
        if page.next_before is not None:
            say(f"There are more: --before {page.next_before}")
    else:
        say("Nothing was decided by hand yet.")
