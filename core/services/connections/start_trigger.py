"""Switch a connection's completion trigger on or off: set its start date and schedule the poll for completed jobs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from core.model.connections.connection import Connection
from core.model.sending.send import Topic
from ports.storage.transactions import TenantTransaction


def started(wanted: Connection, before: Connection | None, now: datetime) -> Connection:
    """The connection with its trigger's start date: now, each time it is switched on. Earlier completions do not count.

    A different start date in the same change is kept. Removing the start date sets it to now.
    """
    if not wanted.acts_on_completion:
        return wanted
    given, former = wanted.completion_start_date, before.completion_start_date if before else None
    stands = given is not None or former is None if _on(before) else given not in (None, former)
    return wanted if stands else replace(wanted, completion_start_date=now)


async def heed_trigger(t: TenantTransaction, after: Connection, before: Connection | None, now: datetime) -> None:
    """In the transaction that stores the change, let the poll go back to a new start date.

    Completions that other connections have sent stay recorded. What was seen while the trigger was off does not count.
    """
    if not _on(after):
        for topic in (Topic.POLL, Topic.RECORD):
            await t.warnings.clear(after.id, None, topic)
        return
    start = after.completion_start_date
    if start and (before is None or not _on(before) or start != before.completion_start_date):
        await t.completions.forget_reopenings(after.id)
        await t.completions.go_back(start)
    await t.completions.set_due(now, only_earlier=True)


def _on(connection: Connection | None) -> bool:
    return connection is not None and connection.acts_on_completion
