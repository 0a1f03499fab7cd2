"""A restored backup: the jobs completed since, and the confirmation of somebody who compared them."""

from __future__ import annotations

from typing import Annotated, Self

from adapters.inbound.schema.findings import ItemsHoldOut
from adapters.inbound.schema.schema_base import Input, Moment, Output
from adapters.inbound.schema.terms import ConnectionName, JobIdOut, JobNumber, WorkOrderNumber, eg
from core.services.sending.acknowledge_restore import Restored


class AcknowledgeIn(Input):
    """The confirmation that a restored backup was compared with Spectrum."""

    reason: Annotated[str, eg("Compared the nine jobs completed since with Spectrum.")]
    """What was compared, in 1 to 500 characters; the audit keeps it."""


class CompletedSinceOut(Output):
    """A job that was completed or changed after the backup was made."""

    job_id: JobIdOut
    job_number: JobNumber | None
    completed_on: Moment | None
    """When it was completed. Null: ServiceTrade does not say."""
    work_order_number: WorkOrderNumber | None
    """Spectrum's number of its work order. Null: none is known."""
    items_known: bool
    """Whether Jobferry knows a line of this job that is, or may be, in Spectrum."""


class RestoreOut(Output):
    """Whether the database came from a backup, and what it may not know."""

    connection: ConnectionName
    items_hold: ItemsHoldOut | None
    """Why the connection posts no items. Null: nothing is held, and then `jobs` is empty."""
    restored_at: Annotated[Moment, eg(None)] | None
    """When somebody last acknowledged a restored backup. Null: never."""
    since: Moment | None
    """Jobs completed or changed after this moment are listed. Null: nothing is held."""
    jobs: list[CompletedSinceOut]
    """The newest jobs that were completed or changed in ServiceTrade since."""
    more: bool
    """Whether there are others than those in `jobs`."""

    @classmethod
    def of(cls, shown: Restored) -> Self:
        return super().of(shown.connection, shown, connection=shown.connection.slug)
