"""A send as it is requested, before it has a place in the order of its connection."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.model.sending.send import Send
from core.model.work_orders.cost_line import ItemsMode
from core.model.work_orders.job_service import TasksMode


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSend:
    """What a request says about its send. The connection and the time are known when it is stored."""

    id: str
    job_id: str
    requested_by: str
    adopt: bool = False
    expected_hash: str | None = None
    items: ItemsMode = ItemsMode.NONE
    tasks: TasksMode = TasksMode.NEW_ONLY
    completes: bool = False
    batch_id: str | None = None

    def queued(self, tenant_id: str, connection_id: str, now: datetime, seq: int = 0) -> Send:
        """The send as it is stored first: due at once."""
        return Send(
            id=self.id,
            tenant_id=tenant_id,
            connection_id=connection_id,
            job_id=self.job_id,
            requested_at=now,
            requested_by=self.requested_by,
            seq=seq,
            due_at=now,
            adopt=self.adopt,
            expected_hash=self.expected_hash,
            items=self.items,
            tasks=self.tasks,
            completes=self.completes,
            batch_id=self.batch_id,
            version=1,
        )
