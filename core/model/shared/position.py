"""The position at which the next page of a list begins. The list is ordered by time, then by id."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """The position of the last record that was shown."""

    at: datetime
    id: str
