"""`jobferry doubts`: cost lines that may have been posted or not, and the answer of somebody who looked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import typer
from rich.text import Text

from adapters.inbound.cli.command_context import CommandContext, carry_out
from adapters.inbound.cli.options import Json, TenantOption, group, me
from adapters.inbound.cli.views import words
from adapters.inbound.cli.views.output import data, document, say
from adapters.inbound.schema.schema_base import Page
from adapters.inbound.schema.sending.doubts import DoubtOut, where_to_look
from adapters.inbound.schema.sending.lines import LedgerLineOut
from core.model.work_orders.cost_line import LedgerLine, LineState
from core.model.work_orders.line_words import line_words
from core.services.sending.list_doubts import Doubt

doubts = group("Cost lines that may have been posted or not.")


MOST_SHOWN = 1000


@doubts.command("list")
def list_(
    ctx: typer.Context,
    tenant: TenantOption = None,
    connection: Annotated[str | None, typer.Option("--connection", "-c", metavar="SLUG", help="Only this one.")] = None,
    as_json: Json = False,
) -> None:
    """List every line in doubt, and where to look for it.

    Shows what was sent, when, and the answer.
    """

    async def work(context: CommandContext) -> tuple[str, Sequence[Doubt]]:
        owner = await context.tenant(tenant)
        return owner.slug, await context.use_cases.list_doubts(owner.id, connection=connection, limit=MOST_SHOWN)

    owner, found = carry_out(ctx, work)
    if as_json:
        document(Page[DoubtOut](items=[DoubtOut.of(one) for one in found]))
    elif found:
        for one in found:
            data.print(_told(one))
        say("Look in Spectrum, then say what you found:")
        line = found[0].line.id
        say(f'jobferry doubts settle {line} --tenant {owner} --outcome posted|not_posted --reason "..."', style="bold")
    else:
        say("No line is in doubt.")


@doubts.command()
def settle(
    ctx: typer.Context,
    line: Annotated[str, typer.Argument(metavar="LINE", help="The line's id, such as lin_01J...")],
    outcome: Annotated[
        Literal["posted", "not_posted"], typer.Option(help="What you found in Spectrum: it is there, or it is not.")
    ],
    reason: Annotated[str, typer.Option(help="What you saw; the audit keeps it.")],
    tenant: TenantOption = None,
    as_json: Json = False,
) -> None:
    """Say whether a line is in Spectrum.

    A `posted` line is never sent again. With `not_posted` the send continues and posts it.
    """

    async def work(context: CommandContext) -> LedgerLine:
        owner = await context.tenant(tenant)
        return await context.use_cases.settle_doubt(owner.id, line, LineState(outcome), reason=reason, by=me())

    settled = carry_out(ctx, work)
    if as_json:
        document(LedgerLineOut.of(settled))
    elif settled.state is LineState.POSTED:
        say(f"Recorded as posted: {line_words(settled)}. The send continues and does not post it again.")
    else:
        say(f"Recorded as not posted: {line_words(settled)}. The send continues and posts it.")


def _told(doubt: Doubt) -> Text:
    line, attempt = doubt.line, doubt.attempt
    text = Text()
    text.append(f"{line_words(line)}\n", "bold yellow")
    rows = [
        ("Line", line.id),
        ("Job", f"{doubt.send.job_number or line.job_id}, send {doubt.send.id}"),
        ("Sent", f"{words.moment(line.sent_at)} UTC"),
        ("Fields", ", ".join(f"{name} {value}" for name, value in line.fields.items())),
        ("What came back", attempt.detail if attempt else "nothing: the worker stopped before an answer"),
        ("Where to look", where_to_look(doubt)),
        ("Not there?", f"say so after {words.moment(line.quiet_until)} UTC: until then Spectrum may still add it"),
    ]
    for name, value in rows:
        text.append(f"  {name + ':':16}", "dim")
        text.append(f"{value}\n")
    return text
