"""Read the lists of a connection's Spectrum company, in a worker and beside the sends.

Each batch of codes is stored in a short transaction of its own, and only what is new or has changed is written. If the
worker dies, the codes that came so far stand beside the former ones, and the reading is made again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

import structlog

from core.model.connections.connection import Connection, SpectrumTarget
from core.model.connections.refresh_times import AGAIN, next_night
from core.model.mappings.alias import AliasKind
from core.model.mappings.list_read import LIST_SERVICES, ListRead
from core.model.mappings.listed_code import MOST_ROWS, ListedCode, ListState, ListTrouble, tidy
from core.model.mappings.seen_codes import SeenCodes
from core.model.shared.error_words import words
from core.model.shared.errors import NotFound, TimeMends
from core.model.shared.time_zone import zone_of
from core.services.mappings.learn_codes import LearnCodes
from core.services.mappings.read_whole_list import read_whole_list
from core.services.service import Dependencies, Service
from ports.storage.transactions import TenantTransaction

_log = structlog.get_logger()
_SHOWN_EVERY = 1.0
"""Seconds between two looks at how many rows have come."""
_LOOKED_AT_ONCE = 1000


class _Stopped(Exception):
    """The worker ends. Another one makes the reading again."""


class _Ended(Exception):
    """The connection is held, paused or leads elsewhere, or somebody else reads the list meanwhile."""


@dataclass(slots=True)
class _Reading:
    connection: Connection
    kind: AliasKind
    began: datetime
    seen: SeenCodes = field(default_factory=SeenCodes)
    rows: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0


class RefreshLists(Service):
    def __init__(self, d: Dependencies, learn_codes: LearnCodes) -> None:
        super().__init__(d)
        self._learn_codes = learn_codes

    async def __call__(
        self, tenant_id: str, connection_id: str, *, stopping: Callable[[], bool] = lambda: False
    ) -> None:
        """Read what is asked for, or what the night reads by itself; then store when it is due next.

        `stopping`: the worker ends, so the reading ends with the present batch and stays due.
        """
        try:
            connection, kinds = await self._begin(tenant_id, connection_id)
            for kind in kinds:
                await self._read(connection, kind, stopping)
            await self._learn_codes(connection)
        except _Stopped:
            return
        except (NotFound, _Ended) as ended:
            _log.info("codes.reading_ended", connection_id=connection_id, reason=type(ended).__name__)
        except TimeMends:  # the database is away
            raise
        except Exception as error:  # whatever it is, it is told on the page, and not tried again every minute
            _log.exception("codes.reading_failed", connection_id=connection_id, exc_info=error)
            await self._failed(tenant_id, connection_id, words(error))
        await self._rest(tenant_id, connection_id)

    async def _begin(self, tenant_id: str, connection_id: str) -> tuple[Connection, Sequence[AliasKind]]:
        async with self._transactions.begin(tenant_id) as t:
            await t.code_lists.take_turn(connection_id)
            connection, now = await t.connections.get(connection_id), await t.now()
            states = await t.code_lists.states(connection_id)
            if connection.paused or (await t.tenant()).paused or connection.hold_at(now):
                raise _Ended
            asked = [kind for kind in LIST_SERVICES if states[kind].begun_at]
            due = asked or [kind for kind in LIST_SERVICES if states[kind].reads_by_itself(now)]
            for kind in due:
                await t.code_lists.set_state(connection_id, replace(states[kind], begun_at=now, rows_so_far=0))
            return connection, due

    async def _read(self, connection: Connection, kind: AliasKind, stopping: Callable[[], bool]) -> None:
        async with self._transactions.begin(connection.tenant_id) as t:
            await t.code_lists.take_turn(connection.id)
            state = (await t.code_lists.states(connection.id))[kind]
            if state.begun_at is None:
                return
            target = SpectrumTarget.of(connection, await t.connections.secrets(connection.id))
        reading, shown = _Reading(connection, kind, state.begun_at), [self._begin_slice(_SHOWN_EVERY)]

        async def take(codes: Sequence[ListedCode]) -> None:
            if stopping():
                raise _Stopped
            due = shown[0]()
            await self._store(reading, codes, show=due)
            if due:
                shown[0] = self._begin_slice(_SHOWN_EVERY)

        read = await read_whole_list(self._spectrum, target, kind, take)
        if read.whole:
            await self._remove_missing(reading)
        await self._end(reading, read)

    async def _present(self, t: TenantTransaction, reading: _Reading) -> ListState:
        """The list's state, while nobody else changes the lists. Raises _Ended if it is not to be read any more."""
        await t.code_lists.take_turn(reading.connection.id)
        present = await t.connections.get(reading.connection.id)
        state = (await t.code_lists.states(present.id))[reading.kind]
        moved = present.target_version != reading.connection.target_version
        if moved or present.paused or (await t.tenant()).paused or state.begun_at != reading.began:
            raise _Ended
        return state

    async def _store(self, reading: _Reading, codes: Sequence[ListedCode], *, show: bool) -> None:
        tidied = {one.key: one for code in codes if (one := tidy(code))}
        for _, text in tidied:
            reading.seen.add(text)
        reading.rows += len(codes)
        async with self._transactions.begin(reading.connection.tenant_id) as t:
            state = await self._present(t, reading)
            room = MOST_ROWS - state.rows
            if room < len(tidied):
                known = {one.key for one in await t.code_lists.of(reading.connection.id, [*tidied])}
                new = [key for key in tidied if key not in known]
                for key in new[max(room, 0) :]:
                    del tidied[key]
            stored = await t.code_lists.store(reading.connection.id, [*tidied.values()])
            reading.added += stored.added
            reading.changed += stored.changed
            if show:
                await t.code_lists.set_state(reading.connection.id, replace(state, rows_so_far=reading.rows))

    async def _remove_missing(self, reading: _Reading) -> None:
        """Remove the codes that the whole list lacks, but not what was stored since the reading began."""
        connection, more = reading.connection, True
        after: str | None = None
        while more:
            async with self._transactions.begin(connection.tenant_id) as t:
                await self._present(t, reading)
                page = await t.code_lists.search(connection.id, reading.kind, limit=_LOOKED_AT_ONCE, after=after)
                gone = [one.key for one in page.codes if one.key[1] not in reading.seen]
                if gone:
                    reading.removed += await t.code_lists.remove(connection.id, gone, stored_before=reading.began)
            after, more = page.next, page.next is not None

    async def _end(self, reading: _Reading, read: ListRead) -> None:
        async with self._transactions.begin(reading.connection.tenant_id) as t:
            state, now = await self._present(t, reading), await t.now()
            trouble, detail = read.trouble, read.detail
            if trouble is None and state.rows >= MOST_ROWS:
                trouble = ListTrouble.ROW_LIMIT
                detail = f"The list has more than {MOST_ROWS:,} codes; so many are kept."
            ended = replace(state, trouble=trouble, detail=detail, tried_at=now, begun_at=None, rows_so_far=0)
            if trouble in (None, ListTrouble.ROW_LIMIT):
                ended = replace(ended, read_at=now, complete=trouble is None)
            await t.code_lists.set_state(reading.connection.id, ended)
        if trouble != state.trouble or trouble in (None, ListTrouble.ROW_LIMIT):  # what is refused again is told once
            _log.info(
                "codes.read",
                tenant=reading.connection.tenant_id,
                connection=reading.connection.slug,
                kind=reading.kind.value,
                rows=reading.rows,
                added=reading.added,
                changed=reading.changed,
                removed=reading.removed,
                trouble=trouble and trouble.value,
            )

    async def _failed(self, tenant_id: str, connection_id: str, detail: str) -> None:
        async with self._transactions.begin(tenant_id) as t:
            await t.code_lists.take_turn(connection_id)
            now = await t.now()
            for state in (await t.code_lists.states(connection_id)).values():
                if state.begun_at:
                    failed = replace(state, trouble=ListTrouble.UNREADABLE, detail=detail, tried_at=now)
                    await t.code_lists.set_state(connection_id, replace(failed, begun_at=None, rows_so_far=0))

    async def _rest(self, tenant_id: str, connection_id: str) -> None:
        """Store when the lists are read next. What was asked for meanwhile is read at once, and what was asked for of a
        connection that is paused now is not."""
        async with self._transactions.begin(tenant_id) as t:
            now = await t.now()
            try:
                connection, tenant = await t.connections.get(connection_id), await t.tenant()
            except NotFound:
                return
            again = next_night(connection_id, zone_of(tenant.time_zone), connection.maintenance_windows, now)
            await t.code_lists.set_due(connection_id, again)
            await t.code_lists.take_turn(connection_id)
            states = await t.code_lists.states(connection_id)
            hold = connection.hold_at(now)
            if connection.paused or tenant.paused or (hold and hold.until is None):
                for state in states.values():
                    if state.begun_at:
                        await t.code_lists.set_state(connection_id, replace(state, begun_at=None, rows_so_far=0))
            elif any(state.begun_at for state in states.values()):
                await t.code_lists.set_due(connection_id, hold.until if hold else now)
            elif any(_may_pass(state) for state in states.values()):
                await t.code_lists.set_due(connection_id, min(again, now + AGAIN))


def _may_pass(state: ListState) -> bool:
    return state.trouble is ListTrouble.UNREADABLE
