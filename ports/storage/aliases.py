"""The stored codes of the transaction's tenant, and their history: aliases, and copies of external ids in ServiceTrade.

A method without `source` means aliases only.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from core.model.mappings.alias import Alias, AliasKey, AliasKind, CodeSource, FormerAlias


class Aliases(Protocol):
    @abstractmethod
    async def of(
        self, connection_id: str, keys: Collection[AliasKey], *, source: CodeSource = CodeSource.ALIAS
    ) -> Sequence[Alias]:
        """The codes of these records, as far as they have one. It is one query for any number of records."""
        ...

    @abstractmethod
    async def page(
        self,
        connection_id: str,
        *,
        source: CodeSource | None = CodeSource.ALIAS,
        kind: AliasKind | None = None,
        search: str = "",
        limit: int | None = 100,
        before: int | None = None,
    ) -> Sequence[Alias]:
        """Newest first, all if `limit` is None; `before` is the `seq` after which the page begins. `source` None: both.

        `search` selects aliases with this text in their name, code or ServiceTrade id, in any case.
        """
        ...

    @abstractmethod
    async def alike(
        self, connection_id: str, kind: AliasKind, words: Collection[str], *, limit: int = 200
    ) -> Sequence[Alias]:
        """Codes of this kind, of both sources, of records with one of these words in their name, in any case; newest
        first."""
        ...

    @abstractmethod
    async def get(self, code_id: str) -> Alias:
        """A present code of either source. Raises NotFound (ALIAS_NOT_FOUND)."""
        ...

    @abstractmethod
    async def former(self, connection_id: str, key: AliasKey) -> Sequence[FormerAlias]:
        """All former codes of the record, of both sources, newest first."""
        ...

    @abstractmethod
    async def take_turn(self, connection_id: str) -> None:
        """Wait until nobody else changes aliases of this connection; lock them until the transaction ends."""
        ...

    @abstractmethod
    async def put(self, connection_id: str, changed: Sequence[Alias]) -> None:
        """Insert or replace codes of one connection, set at one time by one person, each record at most once a source.

        A replaced alias keeps its id and `seq`; its former value goes into the history.
        """
        ...

    @abstractmethod
    async def remove(self, alias_id: str, *, at: datetime, by: str) -> Alias:
        """Move an alias into the history and return it. Raises NotFound (ALIAS_NOT_FOUND)."""
        ...

    @abstractmethod
    async def history(self, alias_id: str) -> Sequence[FormerAlias]:
        """All former codes of this code's record and source on this connection, newest first, including removed ones.
        Raises NotFound (ALIAS_NOT_FOUND) for an id that never existed."""
        ...
