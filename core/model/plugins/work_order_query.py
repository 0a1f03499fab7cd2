"""What the hook `posted_lines` gets: the work order whose cost lines are wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.model.planning.draft import ConnectionView


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkOrderQuery:
    """One work order of the connection's company. `config` is the asked plugin's own configuration."""

    connection: ConnectionView
    work_order_number: str
    config: Mapping[str, Any] = field(default_factory=dict)
