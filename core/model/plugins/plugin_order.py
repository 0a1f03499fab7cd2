"""The plugins of a connection as a list whose order is the order of their calls."""

from __future__ import annotations

from collections.abc import Sequence

from core.model.connections.settings import PluginUse

Uses = tuple[PluginUse, ...]


def use_of(uses: Sequence[PluginUse], name: str) -> PluginUse | None:
    return next((use for use in uses if use.name == name), None)


def with_plugin(uses: Sequence[PluginUse], wanted: PluginUse, *, first: bool = False) -> Uses:
    """One that is used already keeps its place, a new one comes last; `first` puts it before all others."""
    if first:
        return (wanted, *without_plugin(uses, wanted.name))
    if use_of(uses, wanted.name):
        return tuple(wanted if use.name == wanted.name else use for use in uses)
    return (*uses, wanted)


def without_plugin(uses: Sequence[PluginUse], name: str) -> Uses:
    return tuple(use for use in uses if use.name != name)


def earlier(uses: Sequence[PluginUse], name: str) -> Uses:
    """One place nearer to the front, where it is not there already."""
    names = [use.name for use in uses]
    place = names.index(name) if name in names else 0
    return tuple(uses) if place == 0 else (*uses[: place - 1], uses[place], uses[place - 1], *uses[place + 1 :])
