"""The codes that the Spectrum companies of the transaction's tenant have, by connection, as far as they are known.

Codes that differ only in upper and lower case are one.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.model.mappings.alias import AliasKind
from core.model.mappings.listed_check import Code
from core.model.mappings.listed_code import ListedCode, ListState


@dataclass(frozen=True, slots=True)
class CodePage:
    """A part of a list. `next` is where the next page begins, None after the last one."""

    codes: Sequence[ListedCode]
    next: str | None = None


@dataclass(frozen=True, slots=True)
class StoredCodes:
    """What storing some codes did to a list; the others were there already and cost no write."""

    added: int = 0
    changed: int = 0


class CodeLists(Protocol):
    @abstractmethod
    async def take_turn(self, connection_id: str) -> None:
        """Wait until nobody else changes lists of this connection; lock them until the transaction ends."""
        ...

    @abstractmethod
    async def states(self, connection_id: str) -> Mapping[AliasKind, ListState]:
        """What is known of each list; every kind is there."""
        ...

    @abstractmethod
    async def set_state(self, connection_id: str, state: ListState) -> None:
        """Store it. `rows` is counted by `store` and `remove`, and is not taken from `state`."""
        ...

    @abstractmethod
    async def of(self, connection_id: str, codes: Collection[Code]) -> Sequence[ListedCode]:
        """The listed ones of these codes, in one query."""
        ...

    @abstractmethod
    def every(self, connection_id: str, kind: AliasKind) -> AsyncIterator[ListedCode]:
        """All codes of a kind in order of the code, in bounded memory."""
        ...

    @abstractmethod
    async def search(
        self, connection_id: str, kind: AliasKind | None, text: str = "", *, limit: int = 50, after: str | None = None
    ) -> CodePage:
        """Codes that begin with this text, then those with words in code or name that begin with its words; all of them
        for ''. It looks at no case, accent or punctuation. `after` is `next` of the page before. Raises ValueError for
        an `after` that is no such place."""
        ...

    @abstractmethod
    async def store(self, connection_id: str, codes: Sequence[ListedCode]) -> StoredCodes:
        """Insert or replace codes that are `tidy`, each at most once. One that was learned (ACCEPTED) never replaces
        what a list tells."""
        ...

    @abstractmethod
    async def remove(
        self, connection_id: str, codes: Collection[Code], *, stored_before: datetime | None = None
    ) -> int:
        """Remove these codes, but not one that was stored or changed at this time or later. Return how many there
        were."""
        ...

    @abstractmethod
    async def forget(self, connection_id: str) -> None:
        """Remove all codes and states of a connection, which leads to another company now."""
        ...

    @abstractmethod
    async def wake(self, connection_id: str, at: datetime | None) -> None:
        """Let a worker read the lists at `at`, None for now, unless it does so earlier."""
        ...

    @abstractmethod
    async def set_due(self, connection_id: str, at: datetime | None) -> None:
        """The lists were read. A worker reads them next at `at`, None for never."""
        ...
