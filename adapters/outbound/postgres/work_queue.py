"""Waking a connection inside the transaction that stores its work."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from ports.storage.work_queue import CONTINUATION, FIRST_SLICE, QUEUE, TASK, WorkQueue

# A worker takes a drain with FOR UPDATE SKIP LOCKED: one that we hold starts only after our commit and sees our rows,
# and one that is being taken at this moment makes us wait and is then no longer queued.
_QUEUED = text("SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = :connection AND status = 'todo' FOR KEY SHARE")
# No exception path: a failed statement would turn the COMMIT of everything else into a ROLLBACK.
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
            # Somebody else queued it meanwhile: look again, so that we hold theirs. The sweeper is the backstop.
