"""Plugins of a test: written into a folder, looked at, and closed again."""

from __future__ import annotations

import textwrap
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

from plugins.catalog import Catalog, load_catalog
from plugins.discovery import Source

HEAD = """
from plugins.hookspecs import DoNotSend, FieldPatch, Finding, HeaderPatch, LeaveOut, LinePatch, NumberPatch
from plugins.hookspecs import PluginInfo, Severity, hookimpl

@hookimpl
def plugin_info():
    return PluginInfo({name!r}, "1.2", "For a test.")
"""


def write_plugin(folder: Path, name: str, body: str) -> Source:
    """A plugin of one file whose hooks stand in `body`."""
    file = folder / f"{name}.py"
    file.write_text(HEAD.format(name=name) + textwrap.dedent(body))
    return Source(str(file), f"file:{file}", known_as=file.name)


@asynccontextmanager
async def plugins_in(
    folder: Path, bodies: Mapping[str, str], *, trusted: Collection[str] = ()
) -> AsyncIterator[Catalog]:
    """Each body as a plugin of that name, looked at."""
    sources = [write_plugin(folder, name, body) for name, body in bodies.items()]
    catalog = await load_catalog(sources, trusted=trusted)
    try:
        yield catalog
    finally:
        await catalog.close()
