"""Findings, holds, warnings and origins: what is wrong, why, how to fix it; where a value comes from."""

from __future__ import annotations

from typing import Self

from adapters.inbound.schema.schema_base import Moment, Output
from core.model.sending.send import DashboardWarning
from core.model.shared.finding import Owner, Retry, Severity


class FindingOut(Output):
    code: str
    severity: Severity
    message: str
    cause: str
    fix: list[str]
    owner: Owner
    retry: Retry
    field: str | None
    origin: str | None


class HoldOut(Output):
    """Why a connection waits. `until` is null if only a person can end the hold."""

    since: Moment
    until: Moment | None
    finding: FindingOut


class ItemsHoldOut(Output):
    """Why a connection posts no items; work orders are still sent. Only a person ends this hold, after `quiet_until`.
    Until then Spectrum may still add lines that were sent and that the database does not know."""

    since: Moment
    quiet_until: Moment | None
    finding: FindingOut


class OriginOut(Output):
    source: str
    rule: str
    version: str
    reason: str


class WarningOut(Output):
    """`job_id` and `send_id` are null if a whole connection needs attention. `outcome` says what became of the send:
    the sentence of its `progress`, null without a send."""

    id: str
    job_id: str | None
    job_number: str | None
    connection: str
    send_id: str | None
    work_order_number: str | None
    raised_at: Moment
    finding: FindingOut
    outcome: str | None

    @classmethod
    def of(cls, warning: DashboardWarning, connection: str) -> Self:
        return super().of(
            warning,
            connection=connection,
            job_id=warning.job_id or None,
            send_id=warning.send_id or None,
            outcome=warning.outcome or None,
        )
