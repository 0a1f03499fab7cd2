"""Counts over all tenants, through the one database function that may read them. It returns only numbers."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from adapters.outbound.postgres.operations.counts import ATTENTION, NEW_RECORDS, UNCLEAR
from core.model.operations.job_counts import Waiting
from core.model.operations.stats import InstallationStats, WorkerHeartbeat
from core.model.sending.send import SendState

SILENT_SECONDS = 12.0
"""A worker without a heartbeat for this time counts as dead. The queue waits for the same time."""
_CENSUS = text("SELECT subject, kind, number, oldest FROM census(make_interval(secs => :silent))")
_WORKERS = text(
    "SELECT w.id, w.last_heartbeat, array_remove(array_agg(j.args ->> 'subject' ORDER BY j.lock), NULL) AS in_hand"
    " FROM procrastinate_workers w LEFT JOIN procrastinate_jobs j ON j.worker_id = w.id AND j.status = 'doing'"
    " GROUP BY w.id ORDER BY w.last_heartbeat DESC, w.id LIMIT 100"
)


async def collect_stats(connection: AsyncConnection) -> InstallationStats:
    rows = (await connection.execute(_CENSUS, {"silent": SILENT_SECONDS})).all()
    counted = {(row.subject, row.kind): int(row.number) for row in rows}
    return InstallationStats(
        sends={SendState(kind): number for (subject, kind), number in counted.items() if subject == "send"},
        jobs={waiting: counted.get(("job", waiting.value), 0) for waiting in Waiting},
        attention=counted.get(("job", ATTENTION), 0),
        new_records=counted.get(("job", NEW_RECORDS), 0),
        unclear_annotations=counted.get(("job", UNCLEAR), 0),
        oldest_due=next((row.oldest for row in rows if row.subject == "due"), None),
        doubts=counted["line", "in_doubt"],
        connections=counted["connection", "all"],
        held=counted["connection", "held"],
        paused=counted["connection", "paused"],
        workers=counted["worker", "alive"],
    )


async def list_workers(connection: AsyncConnection) -> Sequence[WorkerHeartbeat]:
    rows = await connection.execute(_WORKERS)
    return [WorkerHeartbeat(row.id, row.last_heartbeat, tuple(row.in_hand)) for row in rows]
