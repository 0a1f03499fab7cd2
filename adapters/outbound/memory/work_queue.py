"""The queue, in memory: a list of connections to drain."""

from __future__ import annotations

from ports.storage.work_queue import WorkQueue


class MemoryWorkQueue(WorkQueue):
    def __init__(self, woken: list[str]) -> None:
        self._woken = woken

    async def wake(self, connection_id: str, *, continuation: bool = False) -> None:
        if connection_id not in self._woken:
            self._woken.append(connection_id)
