"""Client secrets of the transaction's tenant: their end, the next secret, and who is renewing one."""

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
        """Claim the renewal until `until` or its release: two calls for a new secret at once would lose one of the
        secrets. Returns False if a person or a worker has it."""
        ...

    @abstractmethod
    async def release(self, connection_id: str) -> None:
        """End the claim."""
        ...

    @abstractmethod
    async def set_due(self, connection_id: str, at: datetime | None) -> None:
        """Set the time of the next check, None for never."""
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
