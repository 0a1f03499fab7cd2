"""What earlier sends may have added to a work order although our records do not show it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from core.model.connections.connection import Connection
from core.model.planning.job import JobSnapshot
from core.model.planning.plan import SendPlan
from core.model.work_orders.annotation import Annotation, AnnotationState, WrittenAnnotation
from core.model.work_orders.work_order import WorkOrderRecord


def additions_unknown(
    connection: Connection, job: JobSnapshot, record: WorkOrderRecord | None, *, accepted: bool
) -> bool:
    """Whether documents of the job, or texts of its note, may be in Spectrum that our records do not show: another
    connection of ours, or a removed one, sent the job (`accepted`), or the database was restored since.

    Unlike its items, these are nothing that anybody else enters, so a number from elsewhere alone is no reason.
    """
    known = record is not None and record.number is not None
    if accepted and not known:
        return True
    sent = known or bool((job.external_id or "").strip())
    if connection.items_hold:
        return True
    if connection.restored_at is None:
        return False
    if (record is not None and record.items_unknown) or (sent and not known):
        return True
    return job.completed_on is not None and job.completed_on <= connection.restored_at


def unsure(one: Annotation, before: WrittenAnnotation | None, connection: Connection) -> bool:
    """Whether this addition, of a job for which that holds, may have been made: our records do not say that it was, and
    what they say is older than the restore."""
    if before is None:
        return True
    if before.state is AnnotationState.WRITTEN and before.adds(one):
        return False
    since = _restored_since(connection)
    return since is not None and (before.begun_at is None or before.begun_at <= since)


def with_unsure(
    record: WorkOrderRecord, plan: SendPlan, plan_id: str, now: datetime
) -> Mapping[str, WrittenAnnotation]:
    """The record's annotations, and as unclear those of the plan that may have been added before. Each then waits for a
    person, or is never added again, also once nothing else shows any more that the job was sent before."""
    found = {
        one.key: WrittenAnnotation(
            place=one.place,
            text=one.text,
            state=AnnotationState.UNCLEAR,
            plan_id=plan_id,
            added=len(one.text),
            begun_at=now,
        )
        for one in plan.annotations
        if one.unsure
    }
    return {**record.annotations, **found}


def _restored_since(connection: Connection) -> datetime | None:
    return connection.items_hold.since if connection.items_hold else connection.restored_at
