"""Plugins of this installation."""

from __future__ import annotations

from adapters.inbound.api.call import Call, Reply
from adapters.inbound.schema.plugins import PluginOut, PluginSchemaOut, RehearsalIn, RehearsalOut
from adapters.inbound.schema.schema_base import Nothing, Page


async def rehearse_plugins(call: Call[RehearsalIn]) -> Reply[RehearsalOut]:
    """Compare other plugins with the present ones on the latest jobs.

    Nothing is sent. Items are planned as for a completed job of which nothing was posted yet.
    """
    asked = call.input
    rehearsal = await call.use_cases.rehearse_plugins(
        call.tenant.id,
        call.path["connection"],
        [one.use() for one in asked.plugins],
        last=asked.last,
        job_ids=asked.job_ids,
    )
    return Reply(RehearsalOut.of(rehearsal))


async def list_plugins(call: Call[Nothing]) -> Reply[Page[PluginOut]]:
    """List all plugins.

    The rules that always run, and those that a connection may use.
    """
    operator = call.caller.tenant_id is None
    return Reply(Page(items=[PluginOut.of(card, with_source=operator) for card in call.use_cases.list_plugins()]))


async def show_plugin_schema(call: Call[Nothing]) -> Reply[PluginSchemaOut]:
    """Show a plugin's settings as JSON Schema. Saving a connection checks its settings against the same schema."""
    return Reply(PluginSchemaOut.of(call.use_cases.list_plugins.find(call.path["plugin"])))
