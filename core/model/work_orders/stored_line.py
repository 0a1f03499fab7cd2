"""A cost line as stored in Spectrum, if lines can be read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.model.work_orders.item import ItemKind


@dataclass(frozen=True, slots=True)
class StoredLine:
    """The line's fields (without empty ones), its key in Spectrum, and when it was stored."""

    kind: ItemKind
    key: str
    fields: Mapping[str, str]
    stored_at: datetime | None = None
