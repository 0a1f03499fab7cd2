"""What earlier sends may have added to a work order although our records do not show it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from core.model.connections.connection import Connection
from core.model.planning.job import JobSnapshot
from core.model.planning.plan import SendPlan
from core.model.work_orders.annotation import AnnotationState, WrittenAnnotation
from core.model.work_orders.work_order import WorkOrderRecord


def additions_unknown(
    connection: Connection, job: JobSnapshot, record: WorkOrderRecord | None, *, strange: bool
) -> bool:
    """Whether documents of the job, or texts of its note, may be in Spectrum that the accounts do not show: somebody
    gave the job a number that this database does not know (`strange`), or the database was restored since.

    What other connections added, and removed ones, is on the accounts. A number that no connection of this database
    gave may be from one that a restored backup lacks, whatever the mark outside the database says of the others.
    """
    if strange or connection.items_hold:
        return True
    if connection.restored_at is None:
        return False
    if record is not None and record.items_unknown:
        return True
    return job.completed_on is not None and job.completed_on <= connection.restored_at


def unsure(before: WrittenAnnotation | None, connection: Connection) -> bool:
    """Whether an addition of a job for which that holds may have been made: our records do not say that it was, and
    what they say is older than the restore."""
    if before is None:
        return True
    if before.state is AnnotationState.WRITTEN:
        return False
    since = connection.items_hold.since if connection.items_hold else connection.restored_at
    known_at = before.settled_at or before.begun_at
    return since is not None and (known_at is None or known_at <= since)


def with_unsure(
    record: WorkOrderRecord, plan: SendPlan, plan_id: str, now: datetime, send_id: str = ""
) -> Mapping[str, WrittenAnnotation]:
    """The record's annotations, and as unclear those of the plan that may have been added before. Each then waits for a
    person, also once nothing else shows any more that the job was sent before."""
    found = {
        one.key: WrittenAnnotation(
            place=one.place,
            text=one.text,
            state=AnnotationState.UNCLEAR,
            plan_id=plan_id,
            begun_at=now,
            send_id=send_id,
        )
        for one in plan.annotations
        if one.unsure
    }
    return {**record.annotations, **found}
