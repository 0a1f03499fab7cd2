"""The dashboard's warnings."""

from __future__ import annotations

from typing import Self

from adapters.inbound.schema.findings import FindingOut
from adapters.inbound.schema.schema_base import Moment, Output
from core.model.sending.send import DashboardWarning


class WarningOut(Output):
    """`job_id` and `send_id` are null if a whole connection needs attention."""

    id: str
    job_id: str | None
    job_number: str | None
    connection: str
    send_id: str | None
    work_order_number: str | None
    raised_at: Moment
    finding: FindingOut

    @classmethod
    def of(cls, warning: DashboardWarning, connection: str) -> Self:
        return super().of(
            warning, connection=connection, job_id=warning.job_id or None, send_id=warning.send_id or None
        )
