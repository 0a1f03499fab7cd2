"""`jobferry worker`: carries out sends; run as many as you like, on as many machines as reach the database."""

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
        int | None, typer.Option(min=1, max=64, help="How many connections to work off at once.")
    ] = None,
) -> None:
    """Carry out sends until Ctrl-C or SIGTERM.

    What has begun is ended first.
    """
    installation = installation_of(ctx).with_flags(worker_concurrency=concurrency)
    installation.start_log()
    asyncio.run(_work(installation))


async def _work(installation: Installation) -> None:
    with stop_signals() as stop:
        async with open_runtime(installation.settings) as runtime:
            sys.stdout.write(f"Jobferry works off up to {runtime.concurrency} connections at once\n")
            sys.stdout.flush()
            await runtime.work(stop)
