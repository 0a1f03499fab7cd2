"""`jobferry demo`: shows Jobferry on simulated systems, in a temporary folder."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from adapters.bootstrap.installation import installation_of


def demo(
    ctx: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Stop after the tour.")] = False,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port of the console and the API.")] = None,
) -> None:
    """Show Jobferry on simulated systems.

    Two companies, forty jobs, one of each kind of failure.

    \b
    Example:
      jobferry demo --once
    """
    from adapters.bootstrap.demo.demonstration import demonstrate

    installation_of(ctx).start_log("error")
    with tempfile.TemporaryDirectory(prefix="jobferry-demo-", ignore_cleanup_errors=True) as folder:
        asyncio.run(demonstrate(Path(folder), once=once, port=port))
