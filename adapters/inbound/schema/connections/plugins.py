"""Plugins out."""

from __future__ import annotations

from typing import Any, Self

from adapters.inbound.schema.schema_base import Output
from core.model.plugins.plugin import PluginCard


class PluginOut(Output):
    """`built_in` ones come with Jobferry; of them some `always_runs`, all others run where a connection names them.
    `notes` are for the author. `source` is shown to operators only."""

    name: str
    version: str
    summary: str
    hooks: list[str]
    built_in: bool
    always_runs: bool
    takes_config: bool
    notes: list[str]
    source: str | None

    @classmethod
    def of(cls, card: PluginCard, *, with_source: bool = True) -> Self:
        source = card.source if with_source else None
        return super().of(card, takes_config=card.schema is not None, source=source)


class PluginSchemaOut(Output):
    """`config_schema` is a JSON Schema; null where the plugin takes no configuration."""

    name: str
    version: str
    config_schema: dict[str, Any] | None

    @classmethod
    def of(cls, card: PluginCard) -> Self:
        return super().of(card, config_schema=card.schema or None)
