"""Compare records without a code with the codes that Spectrum has."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

from core.model.connections.connection import Connection
from core.model.mappings.alias import AliasKey, AliasKind, CodeSource
from core.model.mappings.listed_code import ListedCode, ListedFrom
from core.model.mappings.suggested_record import RecordState, SearchStep, SuggestedRecord, SuggestionSearch, grade_of
from core.model.mappings.suggestion import KnownCodes, RecordToMap, Suggestion
from core.services.service import Service
from ports.storage.transactions import TenantTransaction

COMPARED_AT_ONCE = 2_000
"""Each batch prepares the whole list anew, which takes seconds for 50,000 codes."""
_OF_ONE = (AliasKind.SITE, AliasKind.CONTRACT)
"""Kinds whose codes belong to one record each: a code that another record has is not ticked."""


class MatchRecords(Service):
    async def __call__(self, connection: Connection, search: SuggestionSearch, over: Callable[[], bool]) -> bool:
        """Compare until the slice is over, one batch at least; False if nothing was left. A batch is stored before the
        next begins. The list of a kind is read once a slice, so memory holds one list."""
        round = search.round if search.step is SearchStep.MATCH else 1
        for kind in AliasKind:
            codes: list[ListedCode] | None = None
            while batch := await self._next(connection, kind, round):
                if codes is None:
                    codes = await self._codes(connection, kind)
                await self._compare(connection, batch, codes)
                if over():
                    return True
        return False

    async def _next(self, connection: Connection, kind: AliasKind, round: int) -> Sequence[SuggestedRecord]:
        async with self._transactions.begin(connection.tenant_id) as t:
            return await t.suggestions.unmatched(connection.id, kind, round, COMPARED_AT_ONCE)

    async def _codes(self, connection: Connection, kind: AliasKind) -> list[ListedCode]:
        """The listed codes that a job can be sent with, as far as anybody knows."""
        async with self._transactions.begin(connection.tenant_id) as t:
            return [one async for one in t.code_lists.every(connection.id, kind) if one.active is not False]

    async def _compare(
        self, connection: Connection, batch: Sequence[SuggestedRecord], codes: Sequence[ListedCode]
    ) -> None:
        records = [one.record for one in batch]
        async with self._transactions.begin(connection.tenant_id) as t:
            taken = await _taken(t, connection, records[0].kind)
            related = await _codes_of(t, connection, records)
            known = KnownCodes(taken | related, _accepted(codes))
            owners = {(kind, code) for (kind, _), code in related.items() if kind is AliasKind.CUSTOMER}
            named = await t.code_lists.of(connection.id, owners) if owners else ()
        matcher = self._code_matcher
        found = await asyncio.to_thread(matcher.suggest, records, [*codes, *named], known) if matcher and codes else {}
        async with self._transactions.begin(connection.tenant_id) as t:
            search = await t.suggestions.search(connection.id, lock=True)
            if search is None:
                return
            was = {one.key: one for one in batch}
            stored = await t.suggestions.of(connection.id, list(was), lock=True)
            version = search.version + 1
            compared = [
                _compared(one, tuple(found.get(one.key, ())), search.round, version)
                for one in stored
                if one.state is RecordState.OPEN and one.record == was[one.key].record
            ]
            await t.suggestions.put(connection.id, compared)
            await t.suggestions.put_search(replace(search, version=version, failures=0, trouble=""))


async def _codes_of(
    t: TenantTransaction, connection: Connection, records: Collection[RecordToMap]
) -> dict[AliasKey, str]:
    """The codes of the customers and locations that these records belong to. An alias counts before an external id."""
    keys = {(AliasKind.CUSTOMER, one.customer_id) for one in records if one.customer_id}
    keys |= {(AliasKind.SITE, location) for one in records for location in one.location_ids}
    codes = {one.key: one.code for one in await t.aliases.of(connection.id, keys, source=CodeSource.SERVICETRADE)}
    return codes | {one.key: one.code for one in await t.aliases.of(connection.id, keys)}


async def _taken(t: TenantTransaction, connection: Connection, kind: AliasKind) -> dict[AliasKey, str]:
    """The codes that records of a kind have already, where a code belongs to one record. An alias counts before an
    external id."""
    if kind not in _OF_ONE:
        return {}
    found = await t.aliases.page(connection.id, kind=kind, source=None, limit=None)
    found = sorted(found, key=lambda one: one.source is CodeSource.ALIAS)
    return {one.key: one.code for one in found}


def _accepted(codes: Sequence[ListedCode]) -> dict[tuple[AliasKind, str], int]:
    return {(one.kind, one.code): 1 for one in codes if one.listed_from is ListedFrom.ACCEPTED}


def _compared(one: SuggestedRecord, found: tuple[Suggestion, ...], round: int, version: int) -> SuggestedRecord:
    """What people ticked or picked stays while the best suggestion is the same code."""
    new = one.grade is None or found != one.suggestions
    best = found[0] if found else None
    ticked = best.code if best and best.clear else ""
    same_best = one.grade is not None and best is not None and one.best is not None and one.best.code == best.code
    return replace(
        one,
        matched=round,
        grade=grade_of(found),
        suggestions=found,
        code=one.code if same_best and one.decided_by else ticked,
        version=version if new else one.version,
    )
