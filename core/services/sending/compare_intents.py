"""Compare the database with the intent mark in a file: a restored backup knows less than this installation has sent.

The mark is read first, the database second. An intent is noted only after its commit, so a worker that sends meanwhile
can make the database's number larger than the mark, never smaller.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

import structlog

from core.model.catalogue import finding
from core.model.connections.connection import Connection
from core.model.connections.same_company import company_keys
from core.model.shared.errors import NotFound
from core.model.shared.finding import Finding
from core.services.sending.hold_restored import HoldItems
from core.services.service import Dependencies, Service

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Comparison:
    """All `connections`, compared with the mark. `behind`: each with the mark's number. `unmarked` have sent, but this
    machine has no mark of them. `missing` are the ids that are in the mark and not in the database. `returned` were
    removed on purpose on this machine, and are there."""

    connections: tuple[Connection, ...]
    behind: tuple[tuple[Connection, int], ...]
    unmarked: tuple[Connection, ...]
    missing: tuple[str, ...]
    returned: tuple[Connection, ...] = ()

    @property
    def held(self) -> tuple[Connection, ...]:
        return tuple(one for one in self.connections if one.items_hold)


class CompareIntents(Service):
    def __init__(self, d: Dependencies) -> None:
        super().__init__(d)
        self._hold = HoldItems(d.ids, d.line_timing.quiet)

    async def __call__(self, *, sending: bool = True) -> Comparison:
        """Hold every connection that is behind. A second call changes nothing. With `sending`, also check that this
        machine can write the mark, and take over higher numbers from the database.

        Raises OperatorMends (INTENT_MARK_UNREADABLE, INTENT_MARK_UNWRITABLE).
        """
        if sending:
            self._intent_mark.ready()
        found = await self.look()
        for connection, _ in found.behind:
            with suppress(NotFound):  # removed meanwhile
                await self.check(connection)
        for connection in found.returned:
            with suppress(NotFound):
                await self._hold_returned(connection)
        for connection in found.connections if sending else ():
            self._catch_up(connection)
        for connection in found.unmarked:
            _log.warning("intents.not_comparable", connection=connection.slug, intents=connection.intents)
        for connection_id in found.missing:
            _log.error(
                "intents.connection_missing", connection_id=connection_id, intents=self._intent_mark.of(connection_id)
            )
        return found

    async def look(self) -> Comparison:
        """Only compare; store nothing. Raises OperatorMends (INTENT_MARK_UNREADABLE)."""
        marked = self._intent_mark.highest()
        forgotten = self._intent_mark.forgotten()
        numbers = {**forgotten, **marked}
        connections = await self._connections()
        return Comparison(
            connections=connections,
            behind=tuple((one, numbers[one.id]) for one in connections if one.intents < numbers.get(one.id, 0)),
            unmarked=tuple(one for one in connections if one.intents and one.id not in numbers),
            missing=tuple(sorted(marked.keys() - {one.id for one in connections})),
            returned=tuple(one for one in connections if one.id in forgotten),
        )

    async def check(self, connection: Connection) -> bool:
        """Whether the database is behind for this connection, which the caller has just read. If True, items are now
        held in the database; the caller's connection may not show that yet.

        It is cheap. Raises NotFound, and OperatorMends (INTENT_MARK_UNREADABLE, INTENT_MARK_UNWRITABLE).
        """
        marked = self._intent_mark.of(connection.id)
        if connection.intents >= marked:
            self._catch_up(connection)
            return False
        async with self._transactions.begin(connection.tenant_id) as t:
            now = await t.connections.lock(connection.id)  # the caller's may be older than the mark
            if now.intents >= marked:
                return False
            if now.items_hold and now.items_hold.intents >= marked:
                return True
            await self._hold(t, now, _finding(marked - now.intents), marked)
        await self._hold_beside(connection)
        return True

    async def _hold_returned(self, connection: Connection) -> None:
        """One that was removed on purpose is there again, so the database went back, also if it lacks none of its own
        calls: a connection that was set up in its place may have made some."""
        async with self._transactions.begin(connection.tenant_id) as t:
            now = await t.connections.lock(connection.id)
            if now.items_hold is None:
                await self._hold(t, now, _returned(), max(now.intents, self._intent_mark.of(connection.id)))
        await self._hold_beside(connection)

    async def _hold_beside(self, behind: Connection) -> None:
        """Hold the other connections to the same company: they too cannot see the lines missing in the database."""
        companies = company_keys(behind)
        for other in await self._connections():
            if other.id == behind.id or not companies & company_keys(other):
                continue
            async with self._transactions.begin(other.tenant_id) as t:
                now = await t.connections.lock(other.id)
                if now.items_hold is None:
                    await self._hold(t, now, _beside(), now.intents)

    async def _connections(self) -> tuple[Connection, ...]:
        async with self._transactions.begin_instance() as i:
            tenants = await i.tenants.all()
        connections: list[Connection] = []
        for tenant in tenants:
            async with self._transactions.begin(tenant.id) as t:
                connections += await t.connections.all()
        return tuple(connections)

    def _catch_up(self, connection: Connection) -> None:
        """Take over a higher number from the database: other machines' sends, and sends from before the mark."""
        if connection.intents > self._intent_mark.of(connection.id):
            self._intent_mark.note(connection.id, connection.intents)


def _beside() -> Finding:
    return finding(
        "DATABASE_RESTORED",
        "The database lacks a part of what was sent: another connection to the same Spectrum company has sent what is "
        "missing in it.",
    )


def _returned() -> Finding:
    return finding(
        "DATABASE_RESTORED",
        "The database is older than the removal of this connection: what another one sent in its place is missing in "
        "it.",
    )


def _finding(lost: int) -> Finding:
    calls = "1 call that adds something to Spectrum is" if lost == 1 else f"{lost} calls that add something are"
    return finding(
        "DATABASE_RESTORED",
        f"The database lacks a part of what was sent: {calls} missing in it.",
    )
