"""Read ServiceTrade's records for a search: which of them have no code yet."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace

from core.model.connections.connection import Connection
from core.model.mappings.alias import AliasKey, AliasKind
from core.model.mappings.listed_record import ListedRecord
from core.model.mappings.suggested_record import (
    RecordState,
    SearchStep,
    SuggestedRecord,
    SuggestionSearch,
)
from core.model.mappings.suggestion import RecordToMap
from core.model.shared.errors import BadInput, TenantMends
from core.model.tenants.tenant import ServiceTradeAccount
from core.services.mappings.external_ids import FoundId, keep_copies
from core.services.service import Service
from ports.storage.transactions import TenantTransaction

ACCOUNT_WIDE = frozenset({"ST_LOGIN_REFUSED"})
"""ServiceTrade's answers that concern the account. Others concern one list or one record."""
ASKED_AT_ONCE, _READS_AT_ONCE = 32, 4


class ReadRecords(Service):
    async def list(self, connection: Connection, account: ServiceTradeAccount, search: SuggestionSearch) -> None:
        """Read the next list whole, page by page. If the process dies, that list is read again from its start.

        Raises what the ServiceTrade port raises, unless it concerns this list only: then the search tells it.
        """
        kind = next((one for one in AliasKind if one not in search.kinds and one not in search.unread), None)
        if kind is None:
            await self._change(connection, search, lambda now: _at_step(now, SearchStep.ASK))
            return
        try:
            async for page in self._service_trade.list_records(account, kind, connection.external_system):
                await self._enter(connection, search, page)
        except TenantMends as error:
            if error.code in ACCOUNT_WIDE:
                raise
            unread = {**search.unread, kind: error.message}
            await self._change(connection, search, lambda now: replace(now, unread=unread))
            return
        async with self._transactions.begin(connection.tenant_id) as t:
            now = await t.suggestions.search(connection.id, lock=True)
            if now and now.running and now.round == search.round:
                await t.suggestions.remove_unseen(connection.id, kind, search.round)
                await t.suggestions.put_search(replace(now, kinds=(*now.kinds, kind), failures=0, trouble=""))

    async def ask(self, connection: Connection, account: ServiceTradeAccount, search: SuggestionSearch) -> None:
        """Ask for the next records of which the list did not tell the external id."""
        async with self._transactions.begin(connection.tenant_id) as t:
            untold = await t.suggestions.untold(connection.id, ASKED_AT_ONCE)
        if not untold:
            await self._change(connection, search, lambda now: _at_step(now, SearchStep.MATCH))
            return
        reads = asyncio.Semaphore(_READS_AT_ONCE)

        async def read(key: AliasKey) -> ListedRecord | str | None:
            async with reads:
                try:
                    return await self._service_trade.find_record(account, *key, connection.external_system)
                except (TenantMends, BadInput) as error:
                    if error.code in ACCOUNT_WIDE:
                        raise
                    return error.message

        try:
            async with asyncio.TaskGroup() as group:
                tasks = {one.key: group.create_task(read(one.key)) for one in untold}
        except ExceptionGroup as failed:
            raise failed.exceptions[0] from None
        answers = {key: task.result() for key, task in tasks.items()}
        await self._enter(connection, search, [one for one in answers.values() if isinstance(one, ListedRecord)])
        async with self._transactions.begin(connection.tenant_id) as t:
            await t.suggestions.remove(connection.id, [key for key, one in answers.items() if one is None])
            odd = {key: one for key, one in answers.items() if isinstance(one, str)}
            # It is offered all the same: what is confirmed is read once more, and not set if that fails again.
            version = await t.suggestions.next_version(connection.id)
            stored = await t.suggestions.of(connection.id, list(odd), lock=True)
            told = [replace(one, told=True, trouble=odd[one.key], version=version) for one in stored]
            await t.suggestions.put(connection.id, told)

    async def _enter(self, connection: Connection, search: SuggestionSearch, page: Sequence[ListedRecord]) -> None:
        """Store which of these have no code. Those that have one, or need none, are not to be mapped."""
        async with self._transactions.begin(connection.tenant_id) as t:
            await t.aliases.take_turn(connection.id)
            now = await t.suggestions.search(connection.id, lock=True)
            if not page or now is None or not now.running or now.round != search.round:
                return
            keys = [one.key for one in page]
            aliased = {one.key for one in await t.aliases.of(connection.id, keys)}
            present = {one.key: one for one in await t.suggestions.of(connection.id, keys, lock=True)}
            without = [one for one in page if one.record.active and not one.code and one.key not in aliased]
            version = now.version + 1
            entered = [_entered(one, present.get(one.key), now, version) for one in without]
            await t.suggestions.put(connection.id, entered)
            gone = present.keys() - {one.key for one in without}
            ended = [key for key in gone if present[key].state is not RecordState.CONFIRMED]
            await t.suggestions.remove(connection.id, ended)
            await self._keep_copies(t, connection, page)
            await t.suggestions.put_search(replace(now, version=version, records=now.records + len(page)))

    async def _keep_copies(self, t: TenantTransaction, connection: Connection, page: Sequence[ListedRecord]) -> None:
        """The external ids are known now: the list of codes shows them, and they help to find those of others."""
        now = self._clock.now()
        found = {one.key: FoundId(one.record.name, one.code, now) for one in page if one.code is not None}
        await keep_copies(t, connection.id, found, now=now, ids=self._ids)

    async def _change(
        self, connection: Connection, search: SuggestionSearch, change: Callable[[SuggestionSearch], SuggestionSearch]
    ) -> None:
        async with self._transactions.begin(connection.tenant_id) as t:
            now = await t.suggestions.search(connection.id, lock=True)
            if now and now.running and (now.round, now.step) == (search.round, search.step):
                await t.suggestions.put_search(change(now))


def _at_step(search: SuggestionSearch, step: SearchStep) -> SuggestionSearch:
    return replace(search, step=step, failures=0, trouble="")


def _entered(
    listed: ListedRecord, former: SuggestedRecord | None, search: SuggestionSearch, version: int
) -> SuggestedRecord:
    """The record as it is now, with what was decided. A stub does not replace what is known of its record."""
    told = listed.code is not None
    if former is None:
        return SuggestedRecord(record=listed.record, round=search.round, told=told, version=version)
    record = listed.record if told or changed(former.record, listed.record) else former.record
    if former.state is RecordState.CONFIRMED:
        return replace(former, round=search.round)
    if former.state is RecordState.SET and former.decided_at and former.decided_at >= search.started_at:
        return replace(former, round=search.round)  # the list may have been read before it was set
    if former.state is RecordState.SET:  # its code was taken away again since
        return SuggestedRecord(record=record, round=search.round, told=told, version=version)
    seen = version if record != former.record else former.version
    return replace(former, record=record, round=search.round, told=told, version=seen)


def changed(known: RecordToMap, now: RecordToMap) -> bool:
    """Whether the record is not the one that people saw. What was not known of it before is no change."""
    texts = ("name", "street", "city", "state", "postal_code", "customer_id", "own_code", "number")
    pairs = [(_same(getattr(known, name)), _same(getattr(now, name))) for name in texts]
    return any(before != after for before, after in pairs if before)


def _same(text: str) -> str:
    return " ".join(text.split()).casefold()
