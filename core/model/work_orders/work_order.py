"""The work order header: its fields in Spectrum's order, what they hold, and our record of a job's work order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from core.model.work_orders.annotation import WrittenAnnotation
from core.model.work_orders.spectrum_field import FieldType
from core.model.work_orders.spectrum_fields import HEADER, SPECTRUM_FIELDS

AUTHORIZATION_ID, GUID = "Authorization_ID", "GUID"
COMPANY_CODE, NUMBER, REFERENCE_CODE, SITE = "Company_Code", "WO_Number", "WO_Reference_Code", "WO_Job_Number"
WORK_ORDER_TYPE, CUSTOMER, CONTRACT = "WO_Job_Division", "Bill_Customer_Code", "Contract_Number"
CUSTOMER_PO, DESCRIPTION, LEAD_SOURCE = "Customer_PO_Number", "Summary_Description", "Lead_Source"

SITE_WORK_ORDER = "S"
LENGTHS: Mapping[str, int] = {one.name: one.length for one in SPECTRUM_FIELDS[HEADER]}
NUMERIC = frozenset(one.name for one in SPECTRUM_FIELDS[HEADER] if one.type is FieldType.NUMERIC)
DATES = frozenset(one.name for one in SPECTRUM_FIELDS[HEADER] if one.type is FieldType.DATE)
NUMBER_LENGTH = LENGTHS[NUMBER]

SCHEDULE_FIELDS = frozenset(
    {
        "Est_Arrival",
        "Dispatch_Status_Code",
        "Requested_Date",
        "Estimated_Complete_Time",
        "Scheduled_Start_Date",
        "Scheduled_Start_Time",
        "Date_Assigned",
        "Time_Assigned",
        "Arrival_Date",
        "Arrival_Time",
        "Complete_Date",
        "Complete_Time",
    }
)
"""Appointments are never sent, so these stay empty unless a plugin of the connection fills them on purpose."""

FREE_TEXT = frozenset({DESCRIPTION, CUSTOMER_PO, "Bill_Contract", "Est_Arrival"})
"""Text for people. Every other text field holds a code."""

ALWAYS_SENT = (COMPANY_CODE, NUMBER, REFERENCE_CODE, SITE)
"""Required on every call, also on updates."""

PROTECTED = frozenset({AUTHORIZATION_ID, GUID, COMPANY_CODE, REFERENCE_CODE, NUMBER})
"""No header patch can set these (the number has its own hook)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkOrderRecord:
    """Our record of a job's work order on one connection.

    `number` is None until Spectrum may have accepted it. `sent` maps header fields to the source values of the last
    successful send (also '' for a field that was empty then). `failure_reported`: the job may have a failure comment.

    `claim_owner` is the owner of our claim on the number; it stays valid if ServiceTrade's address changes. Until
    `header_until` (database time) a write of the drain `header_epoch` to the header, the note or the marker may still
    leave; another drain waits for that. `items_unknown`: the number was on the job before we knew it, so somebody else
    may have posted items; `items_declared_at` is when a person declared which. `annotations` are the note, the
    marker and the documents that were written last, by their keys.
    """

    tenant_id: str
    connection_id: str
    job_id: str
    number: str | None = None
    sent: Mapping[str, str] | None = None
    last_send_id: str | None = None
    sent_at: datetime | None = None
    failure_reported: bool = False
    claim_owner: bytes | None = None
    header_until: datetime | None = None
    header_epoch: int | None = None
    items_unknown: bool = False
    items_declared_at: datetime | None = None
    annotations: Mapping[str, WrittenAnnotation] = field(default_factory=dict)
