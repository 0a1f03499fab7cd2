"""A restored backup: the jobs completed since, and the confirmation of somebody who compared them."""

from __future__ import annotations

from typing import Self

from adapters.inbound.schema.findings import ItemsHoldOut
from adapters.inbound.schema.schema_base import Input, Moment, Output
from core.services.sending.acknowledge_restore import Restored


class AcknowledgeIn(Input):
    """`reason` says what was compared, in 1 to 500 characters."""

    reason: str


class CompletedSinceOut(Output):
    """`items_known`: Jobferry knows a line of this job that is, or may be, in Spectrum."""

    job_id: str
    job_number: str | None
    completed_on: Moment | None
    work_order_number: str | None
    items_known: bool


class RestoreOut(Output):
    """`items_hold` is null if nothing is held; then `jobs` is empty. `jobs` are the newest jobs that were completed or
    changed in ServiceTrade after `since`; `more` says that there are others."""

    connection: str
    items_hold: ItemsHoldOut | None
    restored_at: Moment | None
    since: Moment | None
    jobs: list[CompletedSinceOut]
    more: bool

    @classmethod
    def of(cls, shown: Restored) -> Self:
        return super().of(shown.connection, shown, connection=shown.connection.slug)
