"""Waiting for a send: with a bar on a terminal, in silence elsewhere, and with a word where nothing can move."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

from adapters.inbound.cli.command_context import CommandContext
from adapters.inbound.cli.views.output import messages, say
from core.model.connections.connection import Connection
from core.model.sending.send import Send, Step

_LOOK_AGAIN_SECONDS = 0.2
_STEPS = {
    Step.PLAN: "planning",
    Step.HEADER: "writing",
    Step.WRITE_BACK: "noting the number",
    Step.LINES: "posting items",
    Step.REPORT: "reporting",
}


async def follow(context: CommandContext, asked: Send, seconds: float) -> None:
    """Wait until the send rests, or for so many seconds."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24))
    steps = list(_STEPS)
    waiting = asyncio.create_task(context.use_cases.wait_for_send(asked.tenant_id, asked.id, seconds))
    try:
        with Progress(*columns, console=messages, transient=True, disable=not messages.is_terminal) as progress:
            bar = progress.add_task("waiting for a worker", total=len(steps))
            while not (await asyncio.wait([waiting], timeout=_LOOK_AGAIN_SECONDS))[0]:
                now = (await context.use_cases.show_send(asked.tenant_id, asked.id)).send
                if now.begun and now.step in _STEPS:
                    progress.update(bar, description=_STEPS[now.step], completed=steps.index(now.step))
        await waiting
    finally:
        waiting.cancel()
        with suppress(asyncio.CancelledError):
            await waiting


def tell_why_it_waits(target: Connection, tenant: str) -> None:
    """A held connection moves nothing for a while: better said at once than after the waiting."""
    if hold := target.hold:
        say(f"The whole connection waits: {hold.finding.message}", label="Note:", style="yellow")
        say(f"jobferry connections resume {target.slug} --tenant {tenant}", label="Once it is mended:", style="bold")
    if items_hold := target.items_hold:
        say(f"No items are posted: {items_hold.finding.message}", label="Note:", style="yellow")
        say(f"jobferry restore show --tenant {tenant} --connection {target.slug}", label="Look:", style="bold")
