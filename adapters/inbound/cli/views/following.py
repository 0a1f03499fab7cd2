"""Waiting for a send, with a progress bar on a terminal, and for other work; and a note if something holds it up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn

from adapters.inbound.cli.views.output import messages, say
from core.model.connections.connection import Connection
from core.model.sending.send import Send, Step

if TYPE_CHECKING:
    from core.services.wiring import UseCases

_Work = TypeVar("_Work")
_LOOK_SECONDS = 0.5
_STEPS = {
    Step.PLAN: "planning",
    Step.HEADER: "writing",
    Step.WRITE_BACK: "storing the number in ServiceTrade",
    Step.LINES: "posting items",
    Step.ANNOTATE: "writing note and documents",
    Step.REPORT: "reporting to ServiceTrade",
}


async def follow(use_cases: UseCases, asked: Send, seconds: float) -> None:
    """Wait until the send stops moving, `seconds` at most."""
    columns = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(bar_width=24))
    steps = list(_STEPS)
    with Progress(*columns, console=messages, transient=True, disable=not messages.is_terminal) as progress:
        bar = progress.add_task("waiting for a worker", total=len(steps))

        def tell(now: Send) -> None:
            if now.begun and now.step in _STEPS:
                progress.update(bar, description=_STEPS[now.step], completed=steps.index(now.step))

        await use_cases.wait_for_send(asked.tenant_id, asked.id, seconds, tell=tell)


async def until_ended(
    look: Callable[[], Awaitable[_Work]],
    runs: Callable[[_Work], bool],
    trouble: Callable[[_Work], str] = lambda _: "",
) -> _Work:
    """Look at work that a worker carries out until it has ended; say each new `trouble` that it waits for.

    It asks again and again: the change feed does not tell of such work. A worker that reads hundreds of records stores
    its progress all the time, and transactions that tell of a change commit one after the other.
    """
    told = ""
    while runs(found := await look()):
        if (why := trouble(found)) and why != told:
            told = why
            say(f"It waits, and continues by itself: {why}", label="Note:", style="yellow")
        await asyncio.sleep(_LOOK_SECONDS)
    return found


def tell_why_it_waits(target: Connection, tenant: str) -> None:
    """Say that the connection is held. Printed before the wait, because a held connection sends nothing for a while."""
    if hold := target.hold:
        say(f"The whole connection waits: {hold.finding.message}", label="Note:", style="yellow")
        if hold.finding.blocks:
            say(f"jobferry connections resume {target.slug} --tenant {tenant}", label="Once it is fixed:", style="bold")
    if items_hold := target.items_hold:
        say(f"Only work orders are sent: {items_hold.finding.message}", label="Note:", style="yellow")
        say(f"jobferry restore show --tenant {tenant} --connection {target.slug}", label="Look:", style="bold")
