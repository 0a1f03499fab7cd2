"""The addresses at which ServiceTrade sends its events. Only a hash of each secret is stored."""

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
    """The webhooks of the transaction's tenant."""

    @abstractmethod
    async def all(self) -> Sequence[WebhookRecord]:
        """All webhooks, oldest first."""
        ...

    @abstractmethod
    async def add(self, record: WebhookRecord) -> None: ...

    @abstractmethod
    async def confirm(self, digest: bytes, webhook_id: str) -> None: ...

    @abstractmethod
    async def remove(self, digest: bytes) -> None: ...
