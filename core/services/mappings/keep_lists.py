"""What becomes of a connection's lists of codes when the connection is added, tested or changed."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from core.model.connections.connection import Connection
from core.model.connections.refresh_times import next_night
from core.model.connections.same_company import company_key
from core.model.mappings.list_read import LIST_SERVICES
from core.model.mappings.listed_code import ListTrouble
from core.model.shared.time_zone import zone_of
from ports.storage.transactions import TenantTransaction

_SOON = timedelta(seconds=10)
"""After the acts that often follow a change."""


async def schedule_lists(t: TenantTransaction, connection: Connection, now: datetime) -> None:
    """Let the lists of a new connection be read in the coming night."""
    zone = zone_of((await t.tenant()).time_zone)
    await t.code_lists.set_due(connection.id, next_night(connection.id, zone, connection.maintenance_windows, now))


async def heed_change(t: TenantTransaction, before: Connection, changed: Connection, now: datetime) -> None:
    """Another company has other codes. With other secrets, what was not allowed may be."""
    if before.target_version == changed.target_version:
        return
    await t.code_lists.take_turn(changed.id)
    if company_key(before) != company_key(changed):
        await t.code_lists.forget(changed.id)
        await ask_for_unread(t, changed, now)
    else:
        await ask_for_unread(t, changed, now, (ListTrouble.NOT_ALLOWED, ListTrouble.NO_SERVICE))


async def ask_for_unread(
    t: TenantTransaction,
    connection: Connection,
    now: datetime,
    troubles: tuple[ListTrouble, ...] = (ListTrouble.NEVER_READ,),
) -> None:
    """Let lists with one of these troubles be read soon."""
    await t.code_lists.take_turn(connection.id)
    states = await t.code_lists.states(connection.id)
    unread = [states[kind] for kind in LIST_SERVICES if states[kind].trouble in troubles]
    if not unread or connection.paused:
        return
    for state in unread:
        await t.code_lists.set_state(connection.id, replace(state, begun_at=now, rows_so_far=0))
    await t.code_lists.wake(connection.id, now + _SOON)
