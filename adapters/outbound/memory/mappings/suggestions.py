"""Searches for Spectrum codes, and the records without a code that they found, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from adapters.outbound.memory.repository import Repository, connection_missing
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
from ports.storage.due_work import WorkKind
from ports.storage.mappings.suggestions import RecordFilter, Suggestions

_KIND = WorkKind.SUGGESTIONS


class MemorySuggestions(Repository, Suggestions):
    async def search(self, connection_id: str, *, lock: bool = False) -> SuggestionSearch | None:
        return self._rows.suggestion_searches.get(connection_id) if self._ours(connection_id) else None

    async def put_search(self, search: SuggestionSearch) -> None:
        self._connection(search.connection_id)
        self._rows.suggestion_searches[search.connection_id] = search

    async def next_version(self, connection_id: str) -> int:
        search = await self.search(connection_id)
        if search is None:
            raise connection_missing(connection_id)
        self._rows.suggestion_searches[connection_id] = replace(search, version=search.version + 1)
        return search.version + 1

    async def set_due(self, connection_id: str, due_at: datetime | None) -> None:
        if self._ours(connection_id):
            self._set_due(_KIND, connection_id, due_at)

    async def wake(self, connection_id: str) -> None:
        if self._ours(connection_id):
            self._wake(_KIND, connection_id, None)

    async def of(
        self, connection_id: str, keys: Collection[AliasKey], *, lock: bool = False
    ) -> Sequence[SuggestedRecord]:
        wanted = set(keys)
        return [one for one in self._stored(connection_id) if one.key in wanted]

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
        skipped = int(order is Order.NAME)
        found = [
            one
            for one in self._wanted(connection_id, wanted)
            if after is None or one.sort_key[skipped:] > after[skipped:]
        ]
        return sorted(found, key=lambda one: one.sort_key[skipped:])[:limit]

    async def count(self, connection_id: str, wanted: RecordFilter) -> int:
        return len(self._wanted(connection_id, wanted))

    async def confirm(
        self, connection_id: str, wanted: RecordFilter, place: CodeSource, *, by: str, at: datetime, version: int
    ) -> int:
        changes: dict[str, Any] = {
            "place": place,
            "decided_by": by,
            "decided_at": at,
            "trouble": "",
            "version": version,
        }
        chosen = [one for one in self._wanted(connection_id, wanted) if one.code]
        if chosen:
            await self.put(connection_id, [replace(one, state=RecordState.CONFIRMED, **changes) for one in chosen])
        return len(chosen)

    def _wanted(self, connection_id: str, wanted: RecordFilter) -> list[SuggestedRecord]:
        return [
            one
            for one in self._stored(connection_id)
            if one.state is wanted.state
            and wanted.grade in (None, one.grade)
            and wanted.kind in (None, one.record.kind)
            and (one.code or not wanted.ticked)
            and (one.trouble or not wanted.troubled)
            and (wanted.until is None or one.version <= wanted.until)
            and wanted.by in (None, one.decided_by)
            and all(word in one.sought for word in wanted.words)
        ]

    async def put(self, connection_id: str, records: Sequence[SuggestedRecord]) -> None:
        self._connection(connection_id)
        for one in records:
            self._rows.suggested_records[connection_id, one.key] = one

    async def remove(self, connection_id: str, keys: Collection[AliasKey]) -> None:
        if self._ours(connection_id):
            for key in keys:
                self._rows.suggested_records.pop((connection_id, key), None)

    async def remove_unseen(self, connection_id: str, kind: AliasKind, round: int) -> int:
        unseen = [
            one.key
            for one in self._stored(connection_id)
            if one.record.kind is kind and one.round < round and one.state is not RecordState.CONFIRMED
        ]
        await self.remove(connection_id, unseen)
        return len(unseen)

    async def untold(self, connection_id: str, limit: int) -> Sequence[SuggestedRecord]:
        return [one for one in self._stored(connection_id) if not one.told][:limit]

    async def unmatched(self, connection_id: str, kind: AliasKind, round: int, limit: int) -> Sequence[SuggestedRecord]:
        found = [
            one
            for one in self._stored(connection_id)
            if one.record.kind is kind and one.state is RecordState.OPEN and one.told and one.matched < round
        ]
        return sorted(found, key=lambda one: (one.record.customer_id, one.record.id))[:limit]

    async def match_again(self, connection_id: str, customer_ids: Collection[str]) -> int:
        again = [
            replace(one, matched=0)
            for one in self._stored(connection_id)
            if one.record.customer_id in customer_ids
            and one.state is RecordState.OPEN
            and one.grade is not Grade.CLEAR
            and one.matched > 0
        ]
        if again:
            await self.put(connection_id, again)
        return len(again)

    async def tally(self, connection_id: str) -> SuggestionTally:
        stored = self._stored(connection_id)
        opened = [one for one in stored if one.state is RecordState.OPEN]
        return SuggestionTally(
            states=Counter((one.record.kind, one.state) for one in stored),
            grades=Counter((one.record.kind, one.grade) for one in opened),
            ticked=Counter((one.record.kind, one.grade) for one in opened if one.code),
            troubled=sum(bool(one.trouble) for one in opened),
            unasked=sum(not one.told for one in stored),
            uncompared=sum(one.matched == 0 for one in opened),
        )

    def _ours(self, connection_id: str) -> bool:
        stored = self._rows.connections.get(connection_id)
        return stored is not None and stored.connection.tenant_id == self._tenant_id

    def _stored(self, connection_id: str) -> list[SuggestedRecord]:
        if not self._ours(connection_id):
            return []
        return [one for (owner, _), one in self._rows.suggested_records.items() if owner == connection_id]
