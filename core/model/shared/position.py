"""Where a list goes on that is ordered by time, and by id where times are equal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """Of the last record that was shown."""

    at: datetime
    id: str
