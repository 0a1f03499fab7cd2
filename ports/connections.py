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
    async def change(self, connection: Connection, secrets: ConnectionSecrets | None) -> Connection:
        """Store other settings under the same id, and other secrets if given; returns it with its new version. Pause,
        hold and what is counted stay as they are.

        Raises NotFound, OutOfDate if the stored one is no longer of `connection.version`, Conflict (CONNECTION_EXISTS).
        """
        ...

    @abstractmethod
    async def remove(self, connection_id: str) -> None:
        """Delete it with everything that belongs to it: sends, attempts, lines, work orders, warnings. For good."""
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
    async def set_hold(self, connection_id: str, hold: Hold | None) -> None:
        """None also forgets the plugin failures counted so far."""
        ...

    @abstractmethod
    async def count_plugin_failure(self, connection_id: str) -> int:
        """One more send in a row that a plugin failed; returns how many there are now."""
        ...

    @abstractmethod
    async def set_paused(self, connection_id: str, paused: bool) -> None:
        """Counts as a change: it gets a new version."""
        ...

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
