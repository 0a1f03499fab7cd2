"""Plugins of an installation, as shown to people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


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
