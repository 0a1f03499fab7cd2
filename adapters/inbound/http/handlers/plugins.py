"""Plugins of this installation."""

from __future__ import annotations

from adapters.inbound.http.call import Call, Reply
from adapters.inbound.http.models.plugins import PluginOut, PluginSchemaOut
from adapters.inbound.http.models.wire import Nothing, Page


async def list_plugins(call: Call[Nothing]) -> Reply[Page[PluginOut]]:
    """All plugins: the built-in ones, which always run, and those that a connection may name."""
    operator = call.caller.tenant_id is None
    return Reply(Page(items=[PluginOut.of(card, with_source=operator) for card in call.use_cases.list_plugins()]))


async def show_plugin_schema(call: Call[Nothing]) -> Reply[PluginSchemaOut]:
    """What a connection may set for a plugin, as JSON Schema. The same is checked when the connection is saved."""
    return Reply(PluginSchemaOut.of(call.use_cases.list_plugins.find(call.path["plugin"])))
