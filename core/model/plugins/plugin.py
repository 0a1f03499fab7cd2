"""Plugins of an installation, as shown to people, and those of a connection in the order in which they are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.model.connections.settings import PluginUse


@dataclass(frozen=True, slots=True)
class PluginCard:
    """A plugin that a connection may use. `schema` is the JSON Schema of its configuration, None if it has none.

    `built_in` plugins come with Jobferry; those with `always_runs` need not be named by a connection. `notes` are for
    the author, for example that a hook will be removed.
    """

    name: str
    version: str
    summary: str
    source: str
    hooks: tuple[str, ...]
    schema: Mapping[str, Any] | None = None
    built_in: bool = False
    always_runs: bool = False
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PluginProblem:
    """A plugin that cannot be used, why, and what its author can do."""

    source: str
    message: str
    fix: str


Uses = tuple[PluginUse, ...]


def use_of(uses: Sequence[PluginUse], name: str) -> PluginUse | None:
    return next((use for use in uses if use.name == name), None)


def with_plugin(uses: Sequence[PluginUse], wanted: PluginUse, *, first: bool = False) -> Uses:
    """The list with `wanted`: a plugin in use keeps its place, a new one comes last; `first` puts it first."""
    if first:
        return (wanted, *without_plugin(uses, wanted.name))
    if use_of(uses, wanted.name):
        return tuple(wanted if use.name == wanted.name else use for use in uses)
    return (*uses, wanted)


def without_plugin(uses: Sequence[PluginUse], name: str) -> Uses:
    return tuple(use for use in uses if use.name != name)


def earlier(uses: Sequence[PluginUse], name: str) -> Uses:
    """The list with this plugin moved one place to the front, if it is not first already."""
    names = [use.name for use in uses]
    place = names.index(name) if name in names else 0
    return tuple(uses) if place == 0 else (*uses[: place - 1], uses[place], uses[place - 1], *uses[place + 1 :])
