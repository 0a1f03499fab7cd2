"""`jobferry demo`: shows Jobferry on simulated systems, in a temporary folder."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from adapters.bootstrap.installation import installation_of
from core.model.shared.errors import BadInput


def demo(
    ctx: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Stop after the tour.")] = False,
    folder: Annotated[
        Path | None, typer.Option("--folder", help="A new folder for it, so that other terminals know where it is.")
    ] = None,
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
    with _new(folder) as place:
        asyncio.run(demonstrate(place, once=once, port=port))


@contextmanager
def _new(folder: Path | None) -> Iterator[Path]:
    """A folder that did not exist before and does not exist after. Raises BadInput."""
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="jobferry-demo-", ignore_cleanup_errors=True) as made:
            yield Path(made)
        return
    try:
        folder.mkdir()
    except OSError as error:
        raise BadInput(
            f"The folder {folder} cannot be made: {error.strerror}.", fix="Name one that does not exist yet."
        ) from error
    try:
        yield folder.absolute()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
