"""What people see of the suggestions of a connection: how the search stands, and pages of records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from core.model.connections.connection import Connection
from core.model.mappings.alias import AliasKey, AliasKind
from core.model.mappings.listed_code import ListedCode, ListState
from core.model.mappings.suggested_record import (
    Order,
    RecordState,
    SortKey,
    SuggestedRecord,
    SuggestionSearch,
    SuggestionTally,
)
from core.services.service import Service
from ports.storage.mappings.suggestions import RecordFilter

OLD_AFTER = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class ShownSearch:
    """`search` is None if nobody has searched yet. `lists` says what is known of Spectrum's codes of each kind. `stale`
    tells why the suggestions may be out of date, in sentences."""

    connection: Connection
    search: SuggestionSearch | None
    tally: SuggestionTally
    lists: Mapping[AliasKind, ListState]
    stale: Sequence[str]

    @property
    def busy(self) -> bool:
        """Whether a worker has something to do, so that the counts change by themselves."""
        if self.search is None:
            return False
        return self.search.running or bool(self.tally.of(RecordState.CONFIRMED)) or bool(self.tally.uncompared)


@dataclass(frozen=True, slots=True)
class ShownRecord:
    """`listed` are the suggested codes with what their list tells of each, as far as they are still listed."""

    record: SuggestedRecord
    listed: Mapping[str, ListedCode]


@dataclass(frozen=True, slots=True)
class SuggestionPage:
    """`next_after` is the `after` of the next page, None at the end. `version` is the search's when it was read."""

    records: Sequence[ShownRecord]
    next_after: SortKey | None
    version: int


@dataclass(frozen=True, slots=True)
class ShownOne:
    """`found` are the listed codes that a search found."""

    connection: Connection
    record: ShownRecord
    found: Sequence[ListedCode]


class ShowSuggestions(Service):
    async def __call__(self, tenant_id: str, slug: str) -> ShownSearch:
        """Raises NotFound (CONNECTION_NOT_FOUND)."""
        async with self._transactions.begin(tenant_id) as t:
            connection = await t.connections.by_slug(slug)
            search = await t.suggestions.search(connection.id)
            tally = await t.suggestions.tally(connection.id)
            lists = await t.code_lists.states(connection.id)
            stale = _stale(connection, search, lists, await t.now()) if search else []
            return ShownSearch(connection, search, tally, lists, stale)

    async def page(
        self,
        tenant_id: str,
        slug: str,
        wanted: RecordFilter,
        *,
        limit: int = 50,
        after: SortKey | None = None,
        order: Order = Order.NAME,
    ) -> SuggestionPage:
        """Raises NotFound (CONNECTION_NOT_FOUND)."""
        async with self._transactions.begin(tenant_id) as t:
            connection = await t.connections.by_slug(slug)
            search = await t.suggestions.search(connection.id)
            found = await t.suggestions.page(connection.id, wanted, limit=limit + 1, after=after, order=order)
            page = found[:limit]
            codes = {(one.record.kind, code) for one in page for code in (one.code, *(s.code for s in one.suggestions))}
            known = await t.code_lists.of(connection.id, [code for code in codes if code[1]])
        listed = {(one.kind, one.code): one for one in known}
        shown = [
            ShownRecord(one, {code: of for (kind, code), of in listed.items() if kind is one.record.kind})
            for one in page
        ]
        return SuggestionPage(shown, page[-1].sort_key if len(found) > limit else None, search.version if search else 0)

    async def count(self, tenant_id: str, slug: str, wanted: RecordFilter) -> int:
        """How many records these are. Raises NotFound (CONNECTION_NOT_FOUND)."""
        async with self._transactions.begin(tenant_id) as t:
            return await t.suggestions.count((await t.connections.by_slug(slug)).id, wanted)

    async def record(
        self, tenant_id: str, slug: str, key: AliasKey, *, search: str = "", most: int = 20
    ) -> ShownOne | None:
        """One record and the listed codes that `search` finds, none for ''. None if it is not to be mapped.

        Raises NotFound (CONNECTION_NOT_FOUND).
        """
        async with self._transactions.begin(tenant_id) as t:
            connection = await t.connections.by_slug(slug)
            stored = await t.suggestions.of(connection.id, [key])
            if not stored:
                return None
            kind, codes = key[0], {stored[0].code, *(one.code for one in stored[0].suggestions)}
            known = await t.code_lists.of(connection.id, [(kind, code) for code in codes if code])
            usable = search if search.isprintable() else ""
            found = (await t.code_lists.search(connection.id, kind, usable, limit=most)).codes if usable else ()
        return ShownOne(connection, ShownRecord(stored[0], {one.code: one for one in known}), found)


def _stale(
    connection: Connection, search: SuggestionSearch, lists: Mapping[AliasKind, ListState], now: datetime
) -> list[str]:
    if (connection.company_code, connection.external_system) != (search.company_code, search.external_system):
        other = "The connection leads to another company or external system since."
        return [f"{other} Nothing from here is set before you search again."]
    told: list[str] = []
    if search.running:
        return told
    read = [f"{kind.value}s" for kind, state in lists.items() if state.read_at and state.read_at > search.started_at]
    if read:
        told.append(f"Spectrum's codes of {' and '.join(read)} were read or imported again since. Find codes again.")
    if search.finished_at and now - search.finished_at > OLD_AFTER:
        told.append("The search is more than two days old.")
    return told
