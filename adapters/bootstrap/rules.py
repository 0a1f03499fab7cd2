"""The plugins of an installation: found and started by its settings alone, without its database."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from plugins.built_in import NAMES
from plugins.catalog import Catalog, load_catalog
from plugins.discovery import sources
from plugins.host import PluginHost

if TYPE_CHECKING:
    from adapters.bootstrap.settings import Settings


@asynccontextmanager
async def open_rules(settings: Settings) -> AsyncIterator[PluginHost]:
    """The host with all installed plugins and single files; their processes end with the block."""
    catalog = Catalog()
    if not settings.no_plugins:
        catalog = await load_catalog(
            sources(settings.plugins_folder),
            taken=NAMES,
            trusted=settings.trusted_plugins,
            hidden=settings.private_paths,
        )
    try:
        yield PluginHost(catalog=catalog, defaults=settings.plugin_defaults)
    finally:
        await catalog.close()
