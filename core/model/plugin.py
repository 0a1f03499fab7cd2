"""Plugins of an installation, as they are shown to people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class PluginCard:
    """One that a connection may use. `schema` is the JSON Schema of its configuration, None if it takes none.

    Built-in ones always run; a connection names the others.
    """

    name: str
    version: str
    summary: str
    source: str
    hooks: tuple[str, ...]
    schema: Mapping[str, Any] | None = None
    built_in: bool = False


@dataclass(frozen=True, slots=True)
class PluginProblem:
    """One that cannot be used, why, and what its author can do."""

    source: str
    message: str
    fix: str
