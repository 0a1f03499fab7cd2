"""Find the plugins of this installation, and check those of a connection before they are saved."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any

from core.model.connections.connection import Connection
from core.model.connections.settings import PluginUse
from core.model.plugins.plugin import PluginCard, PluginProblem
from core.model.shared.errors import BadInput, FieldError, NotFound
from core.services.service import Service
from ports.rules import Rules

_ABOUT_ITSELF = frozenset({"plugin_info", "config_model"})
Defaults = Mapping[str, Mapping[str, Any]]


class ListPlugins(Service):
    """The plugins of this installation, and those that could not be loaded."""

    def __call__(self) -> Sequence[PluginCard]:
        """All plugins: built-in ones first, then by name."""
        return self._rules.installed()

    def problems(self) -> Sequence[PluginProblem]:
        return self._rules.problems()

    def find(self, name: str) -> PluginCard:
        """Raises NotFound (PLUGIN_NOT_FOUND)."""
        return find_plugin(self._rules, name)


def find_plugin(rules: Rules, name: str) -> PluginCard:
    """Raises NotFound (PLUGIN_NOT_FOUND)."""
    for card in rules.installed():
        if card.name == name:
            return card
    raise NotFound(f"There is no plugin {name} here.", code="PLUGIN_NOT_FOUND", fix="List the installed plugins.")


async def check_plugins(rules: Rules, uses: Sequence[PluginUse], defaults: Defaults) -> None:
    """`defaults` are the tenant's. Raises BadInput (PLUGINS_INVALID) that names every wrong name, hook and field."""
    known = {card.name: card for card in rules.installed()}
    errors: list[FieldError] = []
    for place, use in enumerate(uses):
        here, card = f"/plugins/{place}", known.get(use.name)
        if problem := _problem(use, card, uses[:place]):
            errors.append(FieldError(f"{here}/name", problem))
        elif card:
            errors += _wrong_hooks(here, use, card)
            for error in await rules.check_config(use.name, use.over(defaults).config):
                errors.append(FieldError(f"{here}/config{error.pointer}", error.detail))
    _raise(errors)


async def check_plugin_defaults(rules: Rules, defaults: Defaults, connections: Sequence[Connection]) -> None:
    """Check a tenant's plugin defaults, alone and merged with each connection's own. Raises BadInput as above."""
    known = {card.name: card for card in rules.installed()}
    errors: list[FieldError] = []
    for name, config in defaults.items():
        here, card = f"/plugin_defaults/{_escaped(name)}", known.get(name)
        if card is None:
            errors.append(FieldError(here, f"{name} is not installed here"))
        elif card.schema is None:
            errors.append(FieldError(here, f"{name} takes no configuration"))
        else:
            found = [
                *await rules.check_config(name, config, partly=True),
                *[error async for error in _on_connections(rules, name, defaults, connections)],
            ]
            errors += dict.fromkeys(FieldError(f"{here}{error.pointer}", error.detail) for error in found)
    _raise(errors)


async def _on_connections(
    rules: Rules, name: str, defaults: Defaults, connections: Sequence[Connection]
) -> AsyncIterator[FieldError]:
    for connection in connections:
        for use in connection.plugins:
            if use.name == name:
                for error in await rules.check_config(name, use.over(defaults).config):
                    yield FieldError(error.pointer, f"{error.detail} (on the connection {connection.slug})")


def _problem(use: PluginUse, card: PluginCard | None, before: Sequence[PluginUse]) -> str | None:
    if card is None:
        return f"{use.name} is not installed here"
    if card.always_runs:
        return f"{use.name} always runs and must not be named"
    return f"{use.name} is named twice" if use.name in [other.name for other in before] else None


def _wrong_hooks(here: str, use: PluginUse, card: PluginCard) -> Iterator[FieldError]:
    able = [hook for hook in card.hooks if hook not in _ABOUT_ITSELF]
    for hook in use.hooks:
        if hook not in able:
            detail = f"{card.name} has no hook {hook}; it has {', '.join(able) or 'none'}"
            yield FieldError(f"{here}/hooks/{_escaped(hook)}", detail)


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def _raise(errors: Sequence[FieldError]) -> None:
    if errors:
        raise BadInput(
            f"The plugins are not valid: {'; '.join(f'{one.pointer}: {one.detail}' for one in errors)}.",
            code="PLUGINS_INVALID",
            fix="See the installed plugins and their configuration.",
            errors=errors,
        )
