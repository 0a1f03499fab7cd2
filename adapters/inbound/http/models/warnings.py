"""The dashboard's warnings."""

from __future__ import annotations

from adapters.inbound.http.models.findings import FindingOut
from adapters.inbound.http.models.wire import Moment, Output
from core.model.send import Warning


class WarningOut(Output):
    id: str
    job_id: str
    job_number: str | None
    connection: str
    send_id: str
    work_order_number: str | None
    raised_at: Moment
    finding: FindingOut

    @classmethod
    def of(cls, warning: Warning, connection: str) -> WarningOut:
        return cls(
            id=warning.id,
            job_id=warning.job_id,
            job_number=warning.job_number,
            connection=connection,
            send_id=warning.send_id,
            work_order_number=warning.work_order_number,
            raised_at=warning.raised_at,
            finding=FindingOut.of(warning.finding),
        )
