"""`jobferry worker`: carries out sends. Any number may run, on every machine that reaches the database."""

from __future__ import annotations

import asyncio
import sys
from typing import Annotated

import typer

from adapters.bootstrap.installation import Installation, installation_of
from adapters.bootstrap.runtime import open_runtime
from adapters.bootstrap.signals import stop_signals


def worker(
    ctx: typer.Context,
    concurrency: Annotated[
        int | None, typer.Option(min=1, max=64, help="How many connections to serve at the same time.")
    ] = None,
) -> None:
    """Carry out sends until Ctrl-C or SIGTERM.

    It finishes the running steps before it stops.
    """
    installation = installation_of(ctx).with_flags(worker_concurrency=concurrency)
    installation.start_log()
    asyncio.run(_work(installation))


async def _work(installation: Installation) -> None:
    with stop_signals() as stop:
        async with open_runtime(installation.settings) as runtime:
            sys.stdout.write(f"Jobferry serves up to {runtime.concurrency} connections at the same time\n")
            sys.stdout.flush()
            await runtime.work(stop)
