"""API keys: their hashes and scopes."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from core.model.access.api_key import ApiKey


class Keys(Protocol):
    """The keys of the transaction's tenant; in the instance's transaction, the operator's."""

    @abstractmethod
    async def add(self, key: ApiKey, digest: bytes) -> None: ...

    @abstractmethod
    async def get(self, key_id: str) -> ApiKey:
        """Raises NotFound (KEY_NOT_FOUND)."""
        ...

    @abstractmethod
    async def page(self, *, limit: int, before: str | None = None) -> Sequence[ApiKey]:
        """Newest first, including revoked and expired keys; `before` is the id after which the page begins."""
        ...

    @abstractmethod
    async def end(self, key_id: str, *, expires_at: datetime | None = None, revoked_at: datetime | None = None) -> None:
        """Set the given times. Raises NotFound (KEY_NOT_FOUND)."""
        ...
