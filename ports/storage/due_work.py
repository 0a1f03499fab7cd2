"""What is due across all tenants, and which worker has it: claims end with their lease."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Protocol


class DueWork(Protocol):
    """`most` is how many a claim takes at most; each goes to one caller only, until the lease ends."""

    @abstractmethod
    async def claim_tenants(self, most: int) -> Sequence[tuple[str]]:
        """Tenants whose hints or poll are due: their ids."""
        ...

    @abstractmethod
    async def claim_webhook_endpoints(self, most: int) -> Sequence[tuple[str, str]]:
        """Webhook endpoints with due events: tenant and endpoint."""
        ...

    @abstractmethod
    async def claim_client_secrets(self, most: int) -> Sequence[tuple[str, str]]:
        """Client secrets that are to be looked at: tenant and connection."""
        ...

    @abstractmethod
    async def sweep(self, stalled: float) -> int:
        """Free what workers without a heartbeat for `stalled` seconds held, and wake every connection with due sends
        that is not in the queue. Returns how many of these there were."""
        ...

    @abstractmethod
    async def others_wait(self, connection_id: str) -> bool:
        """Whether another connection is in the queue and nobody drains it."""
        ...
