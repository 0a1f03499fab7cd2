"""Wakes a connection in the transaction that stores its work."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from ports.storage.due_work import FIRST_SLICE, QUEUE, TASK

# A worker takes a drain with FOR UPDATE SKIP LOCKED. A drain that we hold starts only after our commit and sees our
# rows. If a worker is just taking the drain, we wait, and then it is no longer queued.
_QUEUED = text("SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = :connection AND status = 'todo' FOR KEY SHARE")
# This statement must not fail: a failed statement would turn the COMMIT of everything else into a ROLLBACK.
_DEFER = text(
    "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args) "
    "VALUES (:queue, :task, :priority, :connection, :connection, "
    "        jsonb_build_object('connection_id', CAST(:connection AS text))) "
    "ON CONFLICT DO NOTHING RETURNING id"
)


async def queue_drain(connection: AsyncConnection, connection_id: str) -> None:
    """Queue a drain of this connection, unless one is waiting in the queue. Never fails a transaction."""
    drain = {"queue": QUEUE, "task": TASK, "priority": FIRST_SLICE, "connection": connection_id}
    for _ in range(2):
        if (await connection.execute(_QUEUED, {"connection": connection_id})).first():
            return
        if (await connection.execute(_DEFER, drain)).first():
            return
        # Another transaction queued it meanwhile: look again, to hold that row. The sweeper handles the rest.
