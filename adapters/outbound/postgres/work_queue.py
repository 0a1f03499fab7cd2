"""Wakes a connection in the transaction that stores its work."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from ports.storage.work_queue import CONTINUATION, FIRST_SLICE, QUEUE, TASK, WorkQueue

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


class PostgresWorkQueue(WorkQueue):
    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    async def wake(self, connection_id: str, *, continuation: bool = False) -> None:
        for _ in range(2):
            queued = await self._connection.execute(_QUEUED, {"connection": connection_id})
            if queued.first():
                return
            deferred = await self._connection.execute(
                _DEFER,
                {
                    "queue": QUEUE,
                    "task": TASK,
                    "priority": CONTINUATION if continuation else FIRST_SLICE,
                    "connection": connection_id,
                },
            )
            if deferred.first():
                return
            # Another transaction queued it meanwhile: look again, to hold that row. The sweeper handles the rest.
