"""A cost line as it stands in Spectrum, where one can look."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.model.work_orders.item import ItemKind


@dataclass(frozen=True, slots=True)
class StoredLine:
    """Its fields (empty ones left out), Spectrum's key for it, and when it was stored."""

    kind: ItemKind
    key: str
    fields: Mapping[str, str]
    stored_at: datetime | None = None
