"""Time, as the core sees it."""

from __future__ import annotations

from abc import abstractmethod
from datetime import datetime
from typing import Protocol


class Clock(Protocol):
    @abstractmethod
    def now(self) -> datetime:
        """The present moment, aware, in UTC."""
        ...

    @abstractmethod
    def boot_seconds(self) -> float:
        """Seconds on a clock of this machine that only goes forward and also runs while it sleeps."""
        ...
