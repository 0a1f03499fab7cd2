"""Connections of the transaction's tenant: settings, secrets, holds and the lease."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from core.model.connections.connection import Connection, ConnectionSecrets, Hold, ItemsHold


class Connections(Protocol):
    @abstractmethod
    async def add(self, connection: Connection, secrets: ConnectionSecrets) -> None:
        """Raises Conflict (CONNECTION_EXISTS) if the slug, or the external system of another connection, is taken."""
        ...

    @abstractmethod
    async def change(self, connection: Connection, secrets: ConnectionSecrets | None) -> Connection:
        """Store other settings under the same id, and other secrets if given; returns it with its new version. Pause,
        holds, what is counted and `restored_at` stay as they are.

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
    async def locked(self, connection_id: str) -> Connection:
        """As it is now, and nobody else changes it until this transaction ends. Raises NotFound."""
        ...

    @abstractmethod
    async def all(self) -> Sequence[Connection]:
        """In the order they were added."""
        ...

    @abstractmethod
    async def elsewhere(self, companies: Collection[bytes]) -> frozenset[bytes]:
        """Those of these companies (see `company_key`) that a connection of another tenant leads to, too. Not whose."""
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
    async def next_intent(self, connection_id: str) -> int:
        """One more intent of a cost line is stored in this transaction; returns its number, the first one's is 1."""
        ...

    @abstractmethod
    async def raise_intents(self, connection_id: str, intents: int) -> None:
        """Go on counting after this number. Never lowers what is stored."""
        ...

    @abstractmethod
    async def set_endpoint_used(self, connection_id: str) -> None:
        """Spectrum has accepted a write at its present address. A change of the address says anew whether it has."""
        ...

    @abstractmethod
    async def set_items_hold(self, connection_id: str, hold: ItemsHold | None) -> None: ...

    @abstractmethod
    async def set_restored(self, connection_id: str, at: datetime) -> None:
        """Somebody has acknowledged that the database came from a backup."""
        ...

    @abstractmethod
    async def set_paused(self, connection_id: str, paused: bool) -> None:
        """Counts as a change: it gets a new version."""
        ...

    @abstractmethod
    async def raise_epoch(self, connection_id: str) -> int:
        """Take the lease: every earlier holder's `lock` fails from now on."""
        ...

    @abstractmethod
    async def lock(self, connection_id: str, epoch: int | None = None) -> Connection:
        """Have the connection alone until this transaction ends: whoever changes one of its sends does this first.

        Raises LeaseLost if somebody raised the epoch since `epoch`, NotFound (CONNECTION_NOT_FOUND).
        """
        ...

    @abstractmethod
    async def set_due(self, connection_id: str, due_at: datetime | None, *, only_earlier: bool) -> None:
        """Tell the sweeper when this connection has work. `only_earlier` never moves the moment back."""
        ...
