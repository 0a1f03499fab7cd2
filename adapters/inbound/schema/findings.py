"""Findings, holds, warnings and origins: what is wrong, why, how to fix it; where a value comes from."""

from __future__ import annotations

from typing import Annotated, Self

from adapters.inbound.schema.schema_base import Moment, Output
from adapters.inbound.schema.terms import (
    Code,
    ConnectionName,
    JobIdOut,
    JobNumber,
    SendId,
    Sentence,
    Steps,
    WorkOrderNumber,
    eg,
)
from core.model.sending.send import DashboardWarning
from core.model.shared.finding import Owner, Retry, Severity


class FindingOut(Output):
    """Something to know about a send or a connection: what, why, and what to do."""

    code: Code
    severity: Severity
    message: Sentence
    cause: Annotated[str, eg("The location has no external id for this Spectrum, and Jobferry has no alias for it.")]
    """Why this happens, in general."""
    fix: Steps
    owner: Owner
    retry: Retry
    field: Annotated[str, eg("WO_Job_Number")] | None
    """The field of the work order or line that it is about. Null: none in particular."""
    origin: Annotated[str, eg("mapping.site")] | None
    """Where the value of that field comes from. Null: not about a value."""
    item_id: Annotated[str, eg("2412088000012289")] | None
    """ServiceTrade's id of the job's item that it is about. Null: not about an item."""


class HoldOut(Output):
    """Why a connection waits."""

    since: Moment
    """When the hold began."""
    until: Moment | None
    """When Jobferry tries again by itself. Null: only a person can end the hold."""
    finding: FindingOut
    """The cause, and what to do about it."""


class ItemsHoldOut(Output):
    """Why a connection adds nothing to Spectrum but work orders. Only a person ends this hold."""

    since: Moment
    """When the hold began."""
    quiet_until: Moment | None
    """The hold can be ended after this moment. Until then Spectrum may still add what was on its way and what the
    database does not know. Null: at once."""
    finding: FindingOut
    """The cause, and what to do about it."""


class OriginOut(Output):
    """Where a value comes from."""

    source: Annotated[str, eg("mapping.site")]
    """What it was taken from: `job.FIELD`, `mapping.RECORD`, `setting.NAME`, or `core` for a fixed value."""
    rule: Annotated[str, eg("field_mapping")]
    """The rule that set it: a plugin, or `core` for Jobferry itself."""
    version: Annotated[str, eg("1")]
    """Version of that plugin. '' for `core`."""
    reason: Annotated[str, eg("the site mapped to Plant 2")]
    """Why it has this value, in words. '' if the source says it all."""


class WarningOut(Output):
    """Something that needs somebody's attention until a later success or a person ends it."""

    id: Annotated[str, eg("wrn_01KJPV4V00EXAMPLE0000000W1")]
    """Id of the warning, given by Jobferry."""
    job_id: JobIdOut | None
    """ServiceTrade's id of the job. Null if a whole connection needs attention."""
    job_number: JobNumber | None
    connection: ConnectionName
    send_id: SendId | None
    """The send that it is about. Null if a whole connection needs attention."""
    work_order_number: WorkOrderNumber | None
    """Spectrum's number of the work order. Null if none is known."""
    raised_at: Moment
    """When it was raised."""
    finding: FindingOut
    """What needs attention, and what to do."""
    outcome: Annotated[str, eg("Nothing was written to Spectrum.")] | None
    """What became of the send: the `sentence` of its `progress`. Null without a send."""

    @classmethod
    def of(cls, warning: DashboardWarning, connection: str) -> Self:
        return super().of(
            warning,
            connection=connection,
            job_id=warning.job_id or None,
            send_id=warning.send_id or None,
            outcome=warning.outcome or None,
        )
