"""The plugins of this installation, and those that could not be loaded."""

from __future__ import annotations

from collections.abc import Sequence

from core.model.plugins.plugin import PluginCard, PluginProblem
from core.model.shared.errors import NotFound
from core.services.service import Service


class ListPlugins(Service):
    def __call__(self) -> Sequence[PluginCard]:
        """All plugins: built-in ones first, then by name."""
        return self._rules.installed()

    def problems(self) -> Sequence[PluginProblem]:
        return self._rules.problems()

    def find(self, name: str) -> PluginCard:
        """Raises NotFound (PLUGIN_NOT_FOUND)."""
        for card in self._rules.installed():
            if card.name == name:
                return card
        raise NotFound(f"There is no plugin {name} here.", code="PLUGIN_NOT_FOUND", fix="List the installed plugins.")
