"""Connections of the transaction's tenant: settings, secrets, holds and the lease."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from core.model.connection import Connection, ConnectionSecrets, Hold


class Connections(Protocol):
    @abstractmethod
    async def add(self, connection: Connection, secrets: ConnectionSecrets) -> None:
        """Raises Conflict (CONNECTION_EXISTS) if the slug, or the external system of another connection, is taken."""
        ...

    @abstractmethod
    async def by_slug(self, slug: str) -> Connection:
        """Raises NotFound (CONNECTION_NOT_FOUND)."""
        ...

    @abstractmethod
    async def get(self, connection_id: str) -> Connection:
        """Raises NotFound (CONNECTION_NOT_FOUND)."""
        ...

    @abstractmethod
    async def all(self) -> Sequence[Connection]:
        """In the order they were added."""
        ...

    @abstractmethod
    async def secrets(self, connection_id: str) -> ConnectionSecrets: ...

    @abstractmethod
    async def set_hold(self, connection_id: str, hold: Hold | None) -> None: ...

    @abstractmethod
    async def set_paused(self, connection_id: str, paused: bool) -> None: ...

    @abstractmethod
    async def raise_epoch(self, connection_id: str) -> int:
        """Take the lease: every earlier holder's `confirm_epoch` fails from now on."""
        ...

    @abstractmethod
    async def confirm_epoch(self, connection_id: str, epoch: int) -> None:
        """Hold the lease until this transaction ends. Raises LeaseLost if somebody raised the epoch since."""
        ...

    @abstractmethod
    async def set_due(self, connection_id: str, due_at: datetime | None, *, only_earlier: bool) -> None:
        """Tell the sweeper when this connection has work. `only_earlier` never moves the moment back."""
        ...
