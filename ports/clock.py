"""The clock of the core."""

from __future__ import annotations

from abc import abstractmethod
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    @abstractmethod
    def now(self) -> datetime:
        """The present time, timezone-aware, in UTC."""
        ...

    @abstractmethod
    def boot_seconds(self) -> float:
        """Seconds on a clock of this machine that never goes back and also runs while the machine sleeps."""
        ...
