"""The due work of all tenants, and which worker has claimed it. A claim ends with its lease."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Sequence
from typing import Protocol

QUEUE = "drains"
TASK = "drain"
FIRST_SLICE, CONTINUATION = 0, -1
"""Priorities: a connection that was just woken comes before one that continues."""


class DueWork(Protocol):
    """`most` is the largest number that one call claims. Each is claimed by one caller only, until the lease ends."""

    @abstractmethod
    async def claim_tenants(self, most: int) -> Sequence[tuple[str]]:
        """The ids of tenants whose hints or poll are due."""
        ...

    @abstractmethod
    async def claim_webhook_endpoints(self, most: int) -> Sequence[tuple[str, str]]:
        """Webhook endpoints with due events: tenant id and endpoint id."""
        ...

    @abstractmethod
    async def claim_client_secrets(self, most: int) -> Sequence[tuple[str, str]]:
        """Client secrets that are due for a check: tenant id and connection id."""
        ...

    @abstractmethod
    async def sweep(self, stalled: float, ended: Collection[int] = ()) -> int:
        """Free the claims of workers without a heartbeat for `stalled` seconds, and those of the drains `ended` (their
        ids in the queue), if they are still there. Wake every connection with due sends that is not in the queue.
        Returns the number of these connections."""
        ...

    @abstractmethod
    async def others_wait(self, connection_id: str) -> bool:
        """Whether another connection is in the queue and no worker drains it."""
        ...
