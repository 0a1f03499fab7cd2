"""The queue only wakes workers; our own rows say what is due."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

QUEUE = "drains"
TASK = "drain"
FIRST_SLICE, CONTINUATION = 0, -1
"""Priorities: a connection that was just woken comes before one that continues."""


class WorkQueue(Protocol):
    """Part of a transaction: the wake-up becomes visible together with the rows."""

    @abstractmethod
    async def wake(self, connection_id: str, *, continuation: bool = False) -> None:
        """Queue a drain of this connection, unless one is waiting in the queue. Never fails a transaction."""
        ...
