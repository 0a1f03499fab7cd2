"""Connections of the transaction's tenant: settings, secrets, holds and the lease."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from core.model.connections.connection import Connection, ConnectionSecrets, Hold, ItemsHold
from core.model.connections.connection_state import CodesMissing, ConnectionTest


class Connections(Protocol):
    @abstractmethod
    async def add(self, connection: Connection, secrets: ConnectionSecrets) -> None:
        """Raises Conflict (CONNECTION_EXISTS) if the slug, or the external system of another connection, is taken."""
        ...

    @abstractmethod
    async def change(self, connection: Connection, secrets: ConnectionSecrets | None) -> Connection:
        """Store new settings under the same id, and new secrets if given. Returns the connection with its new version.
        Pause, holds, counts, `restored_at`, `codes_missing` and the last test do not change. With a new
        `target_version`, the last write is forgotten.

        Raises NotFound, OutOfDate if the stored version is not `connection.version`, Conflict (CONNECTION_EXISTS).
        """
        ...

    @abstractmethod
    async def remove(self, connection_id: str) -> None:
        """Delete it permanently, with its sends, attempts, lines, work orders and warnings."""
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
        """All connections, in the order they were added. For choices, and for work that visits each of them."""
        ...

    @abstractmethod
    async def page(self, *, limit: int, after: str | None = None) -> Sequence[Connection]:
        """In the order in which they were added; `after` is the id after which the page begins."""
        ...

    @abstractmethod
    async def leading_to(self, companies: Collection[bytes]) -> Sequence[Connection]:
        """The connections to one of these companies (see `company_key`), in the order they were added."""
        ...

    @abstractmethod
    async def elsewhere(self, companies: Collection[bytes]) -> frozenset[bytes]:
        """The given companies (see `company_key`) that another tenant's connection also leads to, without the owner."""
        ...

    @abstractmethod
    async def secrets(self, connection_id: str) -> ConnectionSecrets: ...

    @abstractmethod
    async def set_hold(self, connection_id: str, hold: Hold | None) -> None:
        """Set or remove the hold. None also resets the count of plugin failures."""
        ...

    @abstractmethod
    async def count_plugin_failure(self, connection_id: str) -> int:
        """Count one more send in a row that failed in a plugin; returns the count."""
        ...

    @abstractmethod
    async def raise_intents(self, connection_id: str, intents: int) -> None:
        """Continue counting intents of cost lines after this number. Never lowers the stored number."""
        ...

    @abstractmethod
    async def set_endpoint_used(self, connection_id: str) -> None:
        """Note that Spectrum accepted a write at the present address. A change of the address sets this again."""
        ...

    @abstractmethod
    async def set_items_hold(self, connection_id: str, hold: ItemsHold | None) -> None: ...

    @abstractmethod
    async def set_restored(self, connection_id: str, at: datetime) -> None:
        """Note when a person acknowledged a restored backup."""
        ...

    @abstractmethod
    async def set_tested(self, connection_id: str, test: ConnectionTest) -> None:
        """Keep this as the last test, unless the stored one is of a newer `target_version`. Raises NotFound."""
        ...

    @abstractmethod
    async def set_codes_missing(self, connection_id: str, found: CodesMissing) -> None:
        """Keep how many codes upcoming jobs lack. Raises NotFound."""
        ...

    @abstractmethod
    async def set_paused(self, connection_id: str, paused: bool) -> None:
        """Pause or resume. This is a change: the connection gets a new version."""
        ...

    @abstractmethod
    async def raise_epoch(self, connection_id: str) -> None:
        """Take the lease from whoever has it: that worker can store nothing more. New sends wait for the end of this
        transaction, so that none is added to a connection which is being removed. Raises NotFound."""
        ...

    @abstractmethod
    async def lock(self, connection_id: str) -> Connection:
        """Lock the connection until this transaction ends, and return it as it is then. All code does this before it
        changes one of its sends. New sends do not wait for it. Raises NotFound (CONNECTION_NOT_FOUND)."""
        ...

    @abstractmethod
    async def wake(self, connection_id: str, due_at: datetime | None) -> None:
        """Set that this connection has work at `due_at`, None for now, unless it has earlier. The workers hear of it at
        the end of this transaction."""
        ...
