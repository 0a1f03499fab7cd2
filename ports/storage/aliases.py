"""Alias mappings of the transaction's tenant, and what they were before."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from core.model.mappings.alias import Alias, AliasKey, AliasKind, FormerAlias


class Aliases(Protocol):
    @abstractmethod
    async def of(self, connection_id: str, keys: Collection[AliasKey]) -> Sequence[Alias]:
        """The aliases of these records, where they have one. One question, however many records."""
        ...

    @abstractmethod
    async def page(
        self,
        connection_id: str,
        *,
        kind: AliasKind | None = None,
        search: str = "",
        limit: int | None = 100,
        before: int | None = None,
    ) -> Sequence[Alias]:
        """Newest first, all of them where `limit` is None; `before` is the `seq` to go on from.

        `search`: only those with it in their name, code or ServiceTrade id, whatever its case.
        """
        ...

    @abstractmethod
    async def get(self, alias_id: str) -> Alias:
        """Raises NotFound (ALIAS_NOT_FOUND)."""
        ...

    @abstractmethod
    async def take_turn(self, connection_id: str) -> None:
        """Wait until nobody else changes aliases of this connection, and keep others waiting until the end."""
        ...

    @abstractmethod
    async def put(self, connection_id: str, changed: Sequence[Alias]) -> None:
        """Insert or replace: aliases of one connection, set at one moment by one person, each record at most once.

        A replaced one keeps its id and `seq`; what it was goes to the history.
        """
        ...

    @abstractmethod
    async def remove(self, alias_id: str, *, at: datetime, by: str) -> Alias:
        """The removed alias, which goes to the history. Raises NotFound (ALIAS_NOT_FOUND)."""
        ...

    @abstractmethod
    async def history(self, alias_id: str) -> Sequence[FormerAlias]:
        """Everything the record of this alias was mapped to before on this connection, newest first, also under an
        alias that was removed. Raises NotFound (ALIAS_NOT_FOUND) for an id that never was."""
        ...
