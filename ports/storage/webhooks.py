"""The addresses at which ServiceTrade tells us of changes: only a hash of each secret is kept."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookRecord:
    """`webhook_id` is ServiceTrade's id, None until it has confirmed the registration."""

    digest: bytes
    webhook_id: str | None
    made_at: datetime


class Webhooks(Protocol):
    """Those of the transaction's tenant."""

    @abstractmethod
    async def all(self) -> Sequence[WebhookRecord]:
        """Oldest first."""
        ...

    @abstractmethod
    async def add(self, record: WebhookRecord) -> None: ...

    @abstractmethod
    async def confirm(self, digest: bytes, webhook_id: str) -> None: ...

    @abstractmethod
    async def remove(self, digest: bytes) -> None: ...


class WebhookAddresses(Protocol):
    """Across tenants: whose secret it is that was called."""

    @abstractmethod
    async def tenant_of(self, digest: bytes) -> str | None:
        """The tenant's id; None for a secret that is not valid (any more)."""
        ...
