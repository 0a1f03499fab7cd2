"""Why a job's items and tasks may not be posted now, while its header may be sent: they may have been posted before."""

from __future__ import annotations

from datetime import datetime

from core.model.catalogue import finding
from core.model.connections.connection import Connection, ItemsHold
from core.model.planning.job import JobSnapshot
from core.model.shared.errors import Conflict
from core.model.shared.finding import Finding
from core.model.shared.moments import moment_words
from core.model.work_orders.work_order import WorkOrderRecord

ITEMS_UNKNOWN = "ITEMS_BEFORE_UNKNOWN"
"""A person ends this by declaring which of the job's items are in Spectrum."""


def refuse_while_fresh(hold: ItemsHold | None, now: datetime) -> None:
    """Raises Conflict (RESTORE_TOO_FRESH) while nobody can know what is in Spectrum."""
    if hold is None or hold.quiet_until is None or not hold.too_fresh(now):
        return
    until = moment_words(hold.quiet_until, seconds=True)
    raise Conflict(
        f"It is too early to say what is in Spectrum: until {until} it may still add what was on its way when the "
        "database lost it.",
        code="RESTORE_TOO_FRESH",
        fix=f"Look in Spectrum after {until}, and then enter what you found.",
    )


def items_held(
    connection: Connection, job: JobSnapshot, record: WorkOrderRecord | None, *, strange: bool
) -> Finding | None:
    """The reason to hold items that would be posted; None if there is none.

    `strange`: the job has a number for this connection that our records do not know. Until a person has declared what
    is in Spectrum, posting could make a second set.
    """
    if connection.items_hold:
        return connection.items_hold.finding
    if strange or (record is not None and record.items_unknown):
        message = (
            f"The job already has the work order number {(job.external_id or '').strip() or '(removed since)'}, "
            "and Jobferry does not know which of its items and tasks are in Spectrum. They wait until a person enters "
            "that."
        )
        return finding(ITEMS_UNKNOWN, message)
    if _before_the_restore(connection, job, record):
        message = (
            "The job was completed before the database was restored from a backup, so its items and tasks may "
            "have been posted after that backup. They wait until a person enters which of them are in Spectrum."
        )
        return finding(ITEMS_UNKNOWN, message)
    return None


def _before_the_restore(connection: Connection, job: JobSnapshot, record: WorkOrderRecord | None) -> bool:
    restored = connection.restored_at
    if restored is None or (job.completed_on is not None and job.completed_on > restored):
        return False
    declared = record.items_declared_at if record else None
    return declared is None or declared < restored
