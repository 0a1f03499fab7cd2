"""Suggested Spectrum codes of the transaction's tenant, by connection: the search, and each record without a code."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from core.model.mappings.alias import AliasKey, AliasKind, CodeSource
from core.model.mappings.suggested_record import (
    Grade,
    Order,
    RecordState,
    SortKey,
    SuggestedRecord,
    SuggestionSearch,
    SuggestionTally,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordFilter:
    """Which records: those in a state, of a grade if it is not None, of a kind if it is not None. `ticked`: only those
    with a code. `troubled`: only those whose confirmed code was not set. `until`: only those of that version
    and older ones. `by`: only those that this person decided last. `words`: only those that have each of these in
    their `sought`."""

    state: RecordState = RecordState.OPEN
    grade: Grade | None = None
    kind: AliasKind | None = None
    ticked: bool = False
    troubled: bool = False
    until: int | None = None
    by: str | None = None
    words: tuple[str, ...] = ()


class Suggestions(Protocol):
    @abstractmethod
    async def search(self, connection_id: str, *, lock: bool = False) -> SuggestionSearch | None:
        """The last search, None if there was none. `lock` locks it until the transaction ends."""
        ...

    @abstractmethod
    async def put_search(self, search: SuggestionSearch) -> None:
        """Store all its fields. Read it with `lock` first, unless there was none."""
        ...

    @abstractmethod
    async def next_version(self, connection_id: str) -> int:
        """Lock the search until the transaction ends, and count a change. Lock it before its records. Raises NotFound
        (CONNECTION_NOT_FOUND) if there is no search."""
        ...

    @abstractmethod
    async def set_due(self, connection_id: str, due_at: datetime | None) -> None:
        """Set when a worker continues; None: nothing is to do. There must be a search."""
        ...

    @abstractmethod
    async def wake(self, connection_id: str) -> None:
        """Something is to do now: a worker that is about to end sees what this transaction stores."""
        ...

    @abstractmethod
    async def of(
        self, connection_id: str, keys: Collection[AliasKey], *, lock: bool = False
    ) -> Sequence[SuggestedRecord]:
        """The stored ones of these records, in one query. `lock` locks them until the transaction ends."""
        ...

    @abstractmethod
    async def page(
        self,
        connection_id: str,
        wanted: RecordFilter,
        *,
        limit: int = 50,
        after: SortKey | None = None,
        order: Order = Order.NAME,
        lock: bool = False,
    ) -> Sequence[SuggestedRecord]:
        """In order of `sort_key`, in that of names without its score; `after` is that of the last record of the page
        before."""
        ...

    @abstractmethod
    async def count(self, connection_id: str, wanted: RecordFilter) -> int: ...

    @abstractmethod
    async def confirm(
        self, connection_id: str, wanted: RecordFilter, place: CodeSource, *, by: str, at: datetime, version: int
    ) -> int:
        """Confirm the codes of all these open records in one statement; return how many. Lock the search first
        (`next_version`)."""
        ...

    @abstractmethod
    async def put(self, connection_id: str, records: Sequence[SuggestedRecord]) -> None:
        """Insert or replace them with all fields. Read those that are there with `lock` first."""
        ...

    @abstractmethod
    async def remove(self, connection_id: str, keys: Collection[AliasKey]) -> None: ...

    @abstractmethod
    async def remove_unseen(self, connection_id: str, kind: AliasKind, round: int) -> int:
        """Remove those of a kind that this search did not see, unless a confirmed code is on its way; return how
        many."""
        ...

    @abstractmethod
    async def untold(self, connection_id: str, limit: int) -> Sequence[SuggestedRecord]:
        """Open ones whose external id is not known yet."""
        ...

    @abstractmethod
    async def unmatched(self, connection_id: str, kind: AliasKind, round: int, limit: int) -> Sequence[SuggestedRecord]:
        """Open ones of a kind, with a known external id, that this search has not compared yet; those of one customer
        together."""
        ...

    @abstractmethod
    async def match_again(self, connection_id: str, customer_ids: Collection[str]) -> int:
        """The open sites and contracts of these customers that are not clear are to be compared again; return how
        many."""
        ...

    @abstractmethod
    async def tally(self, connection_id: str) -> SuggestionTally: ...
