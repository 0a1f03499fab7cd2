"""`jobferry demo`: shows Jobferry on simulated systems, in a temporary folder."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from adapters.bootstrap.installation import installation_of


def demo(
    ctx: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Stop after the tour.")] = False,
    folder: Annotated[
        Path | None, typer.Option("--folder", help="A new folder for it, so that other terminals know where it is.")
    ] = None,
    port: Annotated[int | None, typer.Option(min=0, max=65535, help="Port of the console and the API.")] = None,
    browser: Annotated[
        bool | None,
        typer.Option("--browser/--no-browser", help="Open the console in a browser; else only if somebody looks."),
    ] = None,
) -> None:
    """Show Jobferry on simulated systems.

    Two companies, forty jobs, one of each kind of failure.

    \b
    Example:
      jobferry demo --once
    """
    from adapters.bootstrap.demo.demonstration import demonstrate
    from adapters.bootstrap.demo.folders import demo_folder

    installation_of(ctx).start_log("error")
    with demo_folder(folder) as place:
        asyncio.run(demonstrate(place, once=once, port=port, browser=browser))
