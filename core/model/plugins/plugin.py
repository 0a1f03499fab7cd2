"""Plugins of an installation, as they are shown to people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class PluginCard:
    """One that a connection may use. `schema` is the JSON Schema of its configuration, None if it takes none.

    `built_in` ones come with Jobferry, and of them some `always_runs`; a connection names the others.
    `notes` are for the author, such as a hook that is about to go.
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
    """One that cannot be used, why, and what its author can do."""

    source: str
    message: str
    fix: str
