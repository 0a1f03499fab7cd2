"""Client secrets of the transaction's tenant: their end, the one that comes next, and who is at it."""

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
        """Nobody else is given it before `until` or its release; False if somebody has it."""
        ...

    @abstractmethod
    async def release(self, connection_id: str, look_at: datetime | None) -> None:
        """Whoever had it is through; `look_at` is when to look again."""
        ...

    @abstractmethod
    async def keep_next(self, connection_id: str, new: NewSecret) -> None:
        """Beside the one in use, which stays in use."""
        ...

    @abstractmethod
    async def promote(self, connection_id: str) -> None:
        """The next one takes the place of the one in use, with its end; nothing was spoken of it yet."""
        ...

    @abstractmethod
    async def replaced(self, connection_id: str, expires_at: datetime | None, now: datetime) -> None:
        """A person gave another secret, or told its end: a next one is dropped, and it is looked at now."""
        ...

    @abstractmethod
    async def note_warned(self, connection_id: str, stage: int) -> None: ...
