"""The codes that the Spectrum companies of the transaction's tenant have, by connection, as far as they are known."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from core.model.mappings.alias import AliasKind
from core.model.mappings.listed_code import ListedCode, ListState

Code = tuple[AliasKind, str]


class CodeLists(Protocol):
    @abstractmethod
    async def states(self, connection_id: str) -> Mapping[AliasKind, ListState]:
        """What is known of each list; every kind is there."""
        ...

    @abstractmethod
    async def set_state(self, connection_id: str, state: ListState) -> None: ...

    @abstractmethod
    async def of(self, connection_id: str, codes: Collection[Code]) -> Sequence[ListedCode]:
        """The listed ones of these codes, in one query, without regard to upper and lower case."""
        ...

    @abstractmethod
    def every(self, connection_id: str, kind: AliasKind) -> AsyncIterator[ListedCode]:
        """All codes of a kind in order of the code, in bounded memory."""
        ...

    @abstractmethod
    async def search(
        self, connection_id: str, kind: AliasKind | None, text: str, *, limit: int = 50, after: str | None = None
    ) -> Sequence[ListedCode]:
        """Codes with this text in code or name, in any case: those that begin with it first, then by code. `after` is
        an opaque place from the last page."""
        ...

    @abstractmethod
    async def store(self, connection_id: str, codes: Sequence[ListedCode], *, at: datetime) -> None:
        """Insert or replace these codes; a code that is learned never replaces what a list tells."""
        ...

    @abstractmethod
    async def end_reading(self, connection_id: str, kind: AliasKind, *, began: datetime) -> int:
        """Remove codes of a kind that a complete reading which began then did not hold; return how many."""
        ...
