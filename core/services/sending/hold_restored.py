"""Hold items because the database came from a backup: what was posted since then is missing in it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from core.model.catalogue import finding
from core.model.connections.connection import Connection, ItemsHold
from core.model.creations.creation import CreationState
from core.model.notifications.notice import held, new_record_in_doubt
from core.model.operations.audit import AuditEntry
from core.model.sending.send import DashboardWarning, Topic
from core.model.shared.errors import NotFound
from core.model.shared.finding import Finding
from ports.ids import Ids
from ports.intent_mark import IntentMark
from ports.storage.transactions import TenantTransaction, Transactions

_log = structlog.get_logger()


class HoldItems:
    """Holds one connection. `quiet` is how long Spectrum may still add what left right before the loss."""

    def __init__(self, ids: Ids, quiet: timedelta) -> None:
        self._ids = ids
        self._quiet = quiet

    async def __call__(
        self, t: TenantTransaction, connection: Connection, said: Finding, marked: int, *, untold: bool = False
    ) -> None:
        """`connection` is locked. `marked` is the highest number of an intent that is known anywhere. `untold`: nobody
        was told of it, even if it is held already."""
        at = await t.now()
        hold = connection.items_hold or ItemsHold(said, at)
        hold = replace(hold, finding=said, intents=max(marked, hold.intents), quiet_until=at + self._quiet)
        await t.connections.set_items_hold(connection.id, hold)
        await _doubt_new_records(t, connection.id, said, hold.quiet_until)
        warning = DashboardWarning.of_connection(connection, self._ids.new("wrn"), said, at, Topic.RESTORE)
        await t.warnings.put(warning)
        if untold or connection.items_hold is None:
            await t.notifications.tell(held(connection.id, said, at))
        detail = {"connection": connection.slug, "known": str(connection.intents), "sent": str(marked)}
        await t.audit.record(AuditEntry(at, "jobferry", "restore.found", connection.id, detail))
        missing = marked - connection.intents
        _log.error("restore.found", tenant_id=connection.tenant_id, connection=connection.slug, missing=missing)


async def _doubt_new_records(
    t: TenantTransaction, connection_id: str, said: Finding, quiet_until: datetime | None
) -> None:
    """Sites and customers that this database takes for not sent may have been sent after the backup. A person looks in
    Spectrum, and nothing is created a second time."""
    for queued in await t.creations.queued(connection_id):
        doubt = replace(queued, state=CreationState.IN_DOUBT, due_at=None, findings=(said,), quiet_until=quiet_until)
        await t.creations.save(doubt)
        await t.notifications.tell(new_record_in_doubt(doubt, await t.now()))


class HoldRestored:
    """For a database that was just restored. The mark alone is not enough: a new machine has none, and another
    machine's may be higher."""

    def __init__(self, transactions: Transactions, intent_mark: IntentMark, hold: HoldItems) -> None:
        self._transactions = transactions
        self._intent_mark = intent_mark
        self._hold = hold

    async def __call__(self, *, loaded: bool = False) -> Sequence[Connection]:
        """Hold every connection of every tenant, and return them. A second call changes nothing but the times.
        `loaded`: the backup was loaded just now, with all connections held.

        Raises OperatorMends (INTENT_MARK_UNREADABLE).
        """
        self._intent_mark.highest()  # raises before anything is held
        async with self._transactions.begin_instance() as i:
            tenants = await i.tenants.all()
        held: list[Connection] = []
        for tenant in tenants:
            async with self._transactions.begin(tenant.id) as t:
                ids = sorted(one.id for one in await t.connections.all())
            for connection_id in ids:
                with suppress(NotFound):  # removed meanwhile
                    held.append(await self._hold_one(tenant.id, connection_id, loaded))
        return held

    async def _hold_one(self, tenant_id: str, connection_id: str, loaded: bool) -> Connection:
        async with self._transactions.begin(tenant_id) as t:
            now = await t.connections.lock(connection_id)
            marked = max(now.intents, self._intent_mark.of(connection_id))
            await self._hold(t, now, restored(), marked, untold=loaded)
            return await t.connections.get(connection_id)


def restored() -> Finding:
    """Why the connections of a restored database post no items."""
    return finding(
        "DATABASE_RESTORED",
        "The database was restored from a backup: what was sent after the backup is missing in it.",
    )
