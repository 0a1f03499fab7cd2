"""The queue only wakes workers; our own rows say what is to be done."""

from __future__ import annotations

from abc import abstractmethod
from typing import Protocol

QUEUE = "drains"
TASK = "drain"
FIRST_SLICE, CONTINUATION = 0, -1
"""Priorities: a connection that was just woken goes before one that goes on."""


class WorkQueue(Protocol):
    """Part of a transaction: the wake-up is visible exactly when the rows are."""

    @abstractmethod
    async def wake(self, connection_id: str, *, continuation: bool = False) -> None:
        """Make sure a drain of this connection is queued; one that waits already serves. Never fails a transaction."""
        ...
