"""The fields of a Spectrum work order header, in Spectrum's order, with their lengths.

Source: Spectrum Data Exchange documentation, "Work Order Header". A test compares it with the Spectrum adapter's table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

AUTHORIZATION_ID, GUID = "Authorization_ID", "GUID"
COMPANY_CODE, NUMBER, REFERENCE_CODE, SITE = "Company_Code", "WO_Number", "WO_Reference_Code", "WO_Job_Number"
WORK_ORDER_TYPE, CUSTOMER, CONTRACT = "WO_Job_Division", "Bill_Customer_Code", "Contract_Number"
CUSTOMER_PO, DESCRIPTION, LEAD_SOURCE = "Customer_PO_Number", "Summary_Description", "Lead_Source"
GL_DEPARTMENT = "GL_Department"

SITE_WORK_ORDER = "S"
NUMBER_LENGTH = 10

LENGTHS: Mapping[str, int] = {
    AUTHORIZATION_ID: 20,
    GUID: 36,
    COMPANY_CODE: 3,
    NUMBER: NUMBER_LENGTH,
    REFERENCE_CODE: 1,
    SITE: 10,
    WORK_ORDER_TYPE: 5,
    CUSTOMER: 10,
    CONTRACT: 10,
    CUSTOMER_PO: 25,
    "Customer_Job": 10,
    "WO_Phone1": 14,
    "WO_Phone2": 14,
    "Bill_Contract": 20,
    "Zone": 3,
    "Priority_Code": 2,
    "WO_Case_Type": 10,
    "Price_Type": 1,
    "Total_Quote_Amount": 10,
    "Projected_Hours": 8,
    "Est_Arrival": 15,
    "Dispatch_Status_Code": 1,
    DESCRIPTION: 250,
    "Ordered_Date": 10,
    "Time_Entered": 6,
    "Requested_Date": 10,
    "Estimated_Complete_Time": 6,
    "Scheduled_Start_Date": 10,
    "Scheduled_Start_Time": 6,
    "Date_Assigned": 10,
    "Time_Assigned": 6,
    "Arrival_Date": 10,
    "Arrival_Time": 6,
    "Complete_Date": 10,
    "Complete_Time": 8,
    LEAD_SOURCE: 15,
    "Sales_Person": 3,
    "Taken_By": 3,
    "AR_Terms_Code": 1,
    "Sales_Tax_Code": 15,
    "Taxable_Flag": 1,
    GL_DEPARTMENT: 5,
    "Cost_Center": 10,
    "Billto_Code": 4,
    "Override_ERO_Markup": 6,
    "Material_Price_Level": 1,
    "Price_Level": 1,
    "Markup_Code": 10,
}

NUMERIC = frozenset(
    {
        "Total_Quote_Amount",
        "Projected_Hours",
        "Time_Entered",
        "Estimated_Complete_Time",
        "Scheduled_Start_Time",
        "Time_Assigned",
        "Arrival_Time",
        "Complete_Time",
        "Override_ERO_Markup",
        "Material_Price_Level",
        "Price_Level",
    }
)
DATES = frozenset(
    {
        "Ordered_Date",
        "Requested_Date",
        "Scheduled_Start_Date",
        "Date_Assigned",
        "Arrival_Date",
        "Complete_Date",
    }
)

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
    `header_until` (database time) a header write of the drain `header_epoch` may still leave; another drain waits for
    that. `items_unknown`: the number was on the job before we knew it, so somebody else may have posted items;
    `items_declared_at` is when a person declared which.
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
