"""Carry out what is to do for the suggestions of a connection, in short slices: first the codes that people confirmed,
then the search. Any part may safely run twice."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import structlog

from core.model.mappings.suggested_record import RecordState, SearchStep, SuggestionSearch
from core.model.shared.error_words import words
from core.model.shared.errors import JobferryError, NotFound, TenantMends, TimeMends
from core.services.mappings.suggestions.match_records import MatchRecords
from core.services.mappings.suggestions.read_records import ReadRecords
from core.services.mappings.suggestions.set_confirmed import SET_AT_ONCE, SetConfirmed
from core.services.service import Dependencies, Service
from ports.storage.mappings.suggestions import RecordFilter
from ports.storage.transactions import TenantTransaction

_log = structlog.get_logger()
MOST_FAILURES = 30
"""In a row; then it ends and says why. With the pauses between them, this takes hours."""
_REOPENED_AT_ONCE = 500
_CONFIRMED = RecordFilter(state=RecordState.CONFIRMED)


class CarryOutSuggestions(Service):
    def __init__(self, d: Dependencies, read: ReadRecords, match: MatchRecords, set_confirmed: SetConfirmed) -> None:
        super().__init__(d)
        self._read = read
        self._match = match
        self._set_confirmed = set_confirmed

    async def __call__(self, tenant_id: str, connection_id: str) -> None:
        """Work for one slice, then store when it continues."""
        over = self._begin_slice()
        try:
            while await self._step(tenant_id, connection_id, over):
                if over():
                    async with self._transactions.begin(tenant_id) as t:
                        await t.suggestions.set_due(connection_id, await t.now())
                    return
        except NotFound:  # removed meanwhile
            return
        except Exception as error:  # whatever it is: people must be told why it does not go on
            await self._failed(tenant_id, connection_id, error)

    async def _step(self, tenant_id: str, connection_id: str, over: Callable[[], bool]) -> bool:
        """Do the next part; False if nothing is to do."""
        async with self._transactions.begin(tenant_id) as t:
            connection, search = await t.connections.get(connection_id), await t.suggestions.search(connection_id)
            if search is None:
                return False
            account = await t.account()
            confirmed = await t.suggestions.page(connection_id, _CONFIRMED, limit=SET_AT_ONCE)
        if confirmed:
            await self._set_confirmed(connection, account, search, confirmed)
            await self._went_well(tenant_id, connection_id, search)
        elif search.step is SearchStep.READ:
            await self._read.list(connection, account, search)
        elif search.step is SearchStep.ASK:
            await self._read.ask(connection, account, search)
        elif not await self._match(connection, search, over):
            async with self._transactions.begin(tenant_id) as t:
                return await self._end(t, connection_id)
        return True

    async def _end(self, t: TenantTransaction, connection_id: str) -> bool:
        """End the search, and rest unless something came up meanwhile. Whoever adds work waits for this, or it sees
        their rows."""
        await t.suggestions.set_due(connection_id, None)
        search = await t.suggestions.search(connection_id, lock=True)
        if search is None or search.step in (SearchStep.READ, SearchStep.ASK):
            return search is not None
        if search.running:
            ended = replace(search, step=SearchStep.DONE, finished_at=await t.now(), failures=0, trouble="")
            await t.suggestions.put_search(ended)
        return bool(await t.suggestions.page(connection_id, _CONFIRMED, limit=1))

    async def _went_well(self, tenant_id: str, connection_id: str, search: SuggestionSearch) -> None:
        if search.failures:
            async with self._transactions.begin(tenant_id) as t:
                now = await t.suggestions.search(connection_id, lock=True)
                if now:
                    await t.suggestions.put_search(replace(now, failures=0, trouble=""))

    async def _failed(self, tenant_id: str, connection_id: str, error: Exception) -> None:
        if isinstance(error, JobferryError):
            _log.warning("suggestions.failed", tenant=tenant_id, code=error.code, reason=error.message)
        else:
            _log.exception("suggestions.failed", tenant=tenant_id, exc_info=error)
        asked = error.retry_after if isinstance(error, TimeMends) else None
        try:
            async with self._transactions.begin(tenant_id) as t:
                await self._tell(t, connection_id, error, asked)
        except NotFound:
            return

    async def _tell(self, t: TenantTransaction, connection_id: str, error: Exception, asked: float | None) -> None:
        """Try again later, or give up: then confirmed codes are open again, and tell why they were not set."""
        version = await t.suggestions.next_version(connection_id)
        search = await t.suggestions.search(connection_id)
        if search is None:
            return
        failures, reason, now = search.failures + 1, words(error), await t.now()
        if not isinstance(error, TenantMends) and failures < MOST_FAILURES:
            await t.suggestions.put_search(replace(search, failures=failures, trouble=reason))
            pause = timedelta(seconds=max(asked, 1.0)) if asked else self._delays.held(failures)
            await t.suggestions.set_due(connection_id, now + pause)
            return
        finished = now if search.running else search.finished_at
        ended = replace(search, failures=0, trouble=reason, step=SearchStep.DONE, finished_at=finished)
        await t.suggestions.put_search(ended)
        await t.suggestions.set_due(connection_id, None)
        while waiting := await t.suggestions.page(connection_id, _CONFIRMED, limit=_REOPENED_AT_ONCE, lock=True):
            again = [replace(one, state=RecordState.OPEN, trouble=reason, version=version) for one in waiting]
            await t.suggestions.put(connection_id, again)
