"""Client secrets of the transaction's tenant: their end, the next secret, and the claim of a worker."""

from __future__ import annotations

from abc import abstractmethod
from datetime import datetime
from typing import Protocol

from core.model.connections.client_secret import KeptSecret, NewSecret


class ClientSecrets(Protocol):
    """All raise NotFound (CONNECTION_NOT_FOUND)."""

    @abstractmethod
    async def get(self, connection_id: str) -> KeptSecret: ...

    @abstractmethod
    async def claim(self, connection_id: str, now: datetime, until: datetime) -> bool:
        """Claim the secret until `until` or its release. Returns False if another worker has it."""
        ...

    @abstractmethod
    async def release(self, connection_id: str, look_at: datetime | None) -> None:
        """End the claim. `look_at` is the time of the next check."""
        ...

    @abstractmethod
    async def keep_next(self, connection_id: str, new: NewSecret) -> None:
        """Store the next secret. The present one stays in use."""
        ...

    @abstractmethod
    async def promote(self, connection_id: str) -> None:
        """Put the next secret in use, with its end and without a warning stage."""
        ...

    @abstractmethod
    async def replaced(self, connection_id: str, expires_at: datetime | None, now: datetime) -> None:
        """A person entered another secret, or its end: drop the next secret, and check the present one now."""
        ...

    @abstractmethod
    async def note_warned(self, connection_id: str, stage: int) -> None: ...
