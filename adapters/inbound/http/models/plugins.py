"""Plugins out."""

from __future__ import annotations

from typing import Any

from adapters.inbound.http.models.wire import Output
from core.model.plugin import PluginCard


class PluginOut(Output):
    """`built_in` ones always run; others only where a connection names them. `source` is shown to operators only."""

    name: str
    version: str
    summary: str
    hooks: list[str]
    built_in: bool
    takes_config: bool
    source: str | None

    @classmethod
    def of(cls, card: PluginCard, *, with_source: bool = True) -> PluginOut:
        return cls(
            name=card.name,
            version=card.version,
            summary=card.summary,
            hooks=list(card.hooks),
            built_in=card.built_in,
            takes_config=card.schema is not None,
            source=card.source if with_source else None,
        )


class PluginSchemaOut(Output):
    """`config_schema` is a JSON Schema; null where the plugin takes no configuration."""

    name: str
    version: str
    config_schema: dict[str, Any] | None

    @classmethod
    def of(cls, card: PluginCard) -> PluginSchemaOut:
        return cls(name=card.name, version=card.version, config_schema=dict(card.schema) if card.schema else None)
