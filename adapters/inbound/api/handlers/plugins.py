"""Plugins of this installation."""

from __future__ import annotations

from adapters.inbound.api.call import Call, Reply
from adapters.inbound.schema.connections.plugins import PluginOut, PluginSchemaOut
from adapters.inbound.schema.connections.rehearsals import RehearsalIn, RehearsalOut
from adapters.inbound.schema.schema_base import Nothing, Page


async def rehearse_plugins(call: Call[RehearsalIn]) -> Reply[RehearsalOut]:
    """What other plugins would have made of the connection's last jobs, beside what its present ones make of them.

    Nothing is sent. Items are planned as on a completion, all of them anew.
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
    """All plugins: the built-in ones, which always run, and those that a connection may name."""
    operator = call.caller.tenant_id is None
    return Reply(Page(items=[PluginOut.of(card, with_source=operator) for card in call.use_cases.list_plugins()]))


async def show_plugin_schema(call: Call[Nothing]) -> Reply[PluginSchemaOut]:
    """What a connection may set for a plugin, as JSON Schema. The same is checked when the connection is saved."""
    return Reply(PluginSchemaOut.of(call.use_cases.list_plugins.find(call.path["plugin"])))
