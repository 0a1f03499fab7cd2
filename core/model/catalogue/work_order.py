"""Spectrum read the work order and refused a value, or cannot take the work order in its present state."""

from __future__ import annotations

from core.model.catalogue.entry import BY_ITSELF, IMPORT_ITS_LINE, READ_THE_LIST, SEND_AGAIN, Entry
from core.model.shared.advice import Right, Step
from core.model.shared.finding import Owner, Retry

REFUSALS = (
    Entry(
        code="ERP_CUSTOMER_UNKNOWN",
        title="Spectrum does not know the customer",
        cause="The customer code was deleted, renamed or made inactive in Spectrum, or it is another company's.",
        advice=(
            "Look for the customer in Spectrum's Customer Maintenance, in the company this connection sends to.",
            READ_THE_LIST,
            "Correct the External ID on the company in ServiceTrade.",
            Step("correct the connection's company code", Right.MANAGE, "If the company is wrong,"),
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        pre=True,
    ),
    Entry(
        code="ERP_SITE_UNKNOWN_OR_INACTIVE",
        title="Site unknown or inactive in Spectrum",
        cause="The site does not exist in this Spectrum company, or it is set to inactive there.",
        advice=(
            "Look for the site in Spectrum under Work Order > Maintenance.",
            "Create it or set it to active. If its code is different, correct the External ID on the location.",
            IMPORT_ITS_LINE,
            SEND_AGAIN,
        ),
        owner=Owner.SPECTRUM_ADMIN,
        pre=True,
    ),
    Entry(
        code="ERP_CONTRACT_INVALID",
        title="Contract not valid for the site",
        cause="Spectrum has no such service contract for the work order's site.",
        advice=(
            "Compare the contract number with the site's service contracts in Spectrum.",
            "Correct the contract's External ID in ServiceTrade, or remove it to send without a contract.",
            IMPORT_ITS_LINE,
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        pre=True,
    ),
    Entry(
        code="WO_TYPE_REQUIRED",
        title="Work order type missing",
        cause="A new work order needs a type, and neither the connection nor the site in Spectrum has a default type.",
        advice=(
            Step("enter a default work order type on the connection in Jobferry", Right.MANAGE),
            "Or set a default type on the site in Spectrum.",
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
    ),
    Entry(
        code="WO_TYPE_WRONG_KIND",
        title="Work order type cannot be used",
        cause="The type does not exist in Spectrum, or it is a direct-cost type, which site work orders cannot have.",
        advice=(
            "Look up the work order types in Spectrum under Work Order > Maintenance.",
            Step("enter one that is not marked as direct cost on the connection in Jobferry", Right.MANAGE),
            SEND_AGAIN,
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="LEAD_SOURCE_REQUIRED",
        title="Lead source missing",
        cause="Spectrum's Work Order Installation requires a lead source, and neither site nor connection has one.",
        advice=(
            "Give the site a lead source in Spectrum.",
            Step("enter one on the connection in Jobferry", Right.MANAGE, "Or"),
            "Or switch this requirement off in Spectrum's Work Order Installation.",
            SEND_AGAIN,
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="GL_DEPARTMENT_REQUIRED",
        title="GL department missing",
        cause="The work order has no GL department, because it has no work order type with a GL department.",
        advice=(
            "In Spectrum give the work order type a GL department.",
            "Make sure that the connection or the site uses that type.",
            SEND_AGAIN,
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="COST_CENTER_MISMATCH",
        title="Cost centers do not agree",
        cause="The site, the customer and the GL department have different cost centers in Spectrum.",
        advice=(
            "Compare the cost center of the site, of the customer and of the GL department in Spectrum.",
            "Change the one that is wrong.",
            SEND_AGAIN,
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="MULTI_ERROR",
        title="Several problems at once",
        cause="Spectrum checks the whole work order and can report more than one problem in one answer.",
        advice=("Correct every problem in the list, not only the first.", SEND_AGAIN),
        owner=Owner.SERVICE,
    ),
    Entry(
        code="SPECTRUM_REFUSED",
        title="Spectrum refused for another reason",
        cause="Spectrum gave a reason that Jobferry does not know; the message quotes Spectrum's own words.",
        advice=(
            "Read Spectrum's words above and check the field that they name.",
            "Correct the value at its origin, which the preview shows.",
            SEND_AGAIN,
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="SPECTRUM_WARNED",
        title="Spectrum added a warning",
        cause="Spectrum's answer has a warning, which refuses nothing; the message quotes Spectrum's own words.",
        advice=(
            "Read Spectrum's words above and look at the work order in Spectrum.",
            "If a value is wrong, correct it at its origin, which the preview shows.",
            SEND_AGAIN,
        ),
        owner=Owner.SPECTRUM_ADMIN,
        retry=Retry.NO,
    ),
)

STATES = (
    Entry(
        code="PERIOD_CLOSED",
        title="Date outside the open period",
        cause="The date is before or after the processing dates that Spectrum allows at present.",
        advice=(
            "Open the period in Spectrum, or widen its processing dates.",
            "Or wait until the date is allowed. Jobferry never moves a date by itself.",
            SEND_AGAIN,
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="PROCESSING_DATES_UNSET",
        title="Spectrum is not fully set up",
        cause="On a new Spectrum, the processing dates or the Work Order Installation screen were never saved.",
        advice=(
            "Set the processing dates of the company in Spectrum.",
            "Open Work Order Installation in Spectrum and save it, even if you change nothing.",
            SEND_AGAIN,
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="WO_COMPLETED_OR_BILLED",
        title="Work order is completed or billed",
        cause="Spectrum no longer changes this work order, because it is closed or already in the billing history.",
        advice=(
            "Look at the work order's status under Work Order > Data Entry > Work Order Entry in Spectrum.",
            "If it is billed already, enter what is still to be billed on a new work order.",
            "If it can be reopened (a site work order can), reopen it.",
            SEND_AGAIN,
        ),
        owner=Owner.SPECTRUM_ADMIN,
        retry=Retry.NO,
    ),
    Entry(
        code="RECORD_LOCKED",
        title="Somebody has the record open in Spectrum",
        cause="Spectrum locks a work order while a person has its screen open, so nobody else can change it.",
        advice=(
            BY_ITSELF,
            "Ask colleagues to close the work order's screen in Spectrum.",
            "If nobody has it open, find and release the lock in Spectrum under View Locked Database Tables.",
        ),
        owner=Owner.SPECTRUM_ADMIN,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="WO_NUMBER_DIFFERS",
        title="Stored under another number",
        cause="Spectrum answered that it stored the data under another work order number than the one that was sent.",
        advice=(
            "Look up both numbers in Spectrum under Work Order > Data Entry > Work Order Entry.",
            "If the other one was made by mistake, or holds values or lines of this job, correct it in Spectrum.",
            "Find out why Spectrum assigns its own numbers, for instance a setting of Work Order Installation.",
            "Do not send the job before this is fixed.",
            SEND_AGAIN,
        ),
        owner=Owner.SPECTRUM_ADMIN,
        retry=Retry.VERIFY_FIRST,
    ),
    Entry(
        code="REF_DELETED_IN_ERP",
        title="Work order was deleted in Spectrum",
        cause="The work order that this job was linked to no longer exists in Spectrum.",
        advice=(
            "Ask who deleted the work order and whether that was intended.",
            "Remove the work order number from the job's External ID in ServiceTrade, or enter the right one.",
            SEND_AGAIN,
        ),
        owner=Owner.SPECTRUM_ADMIN,
    ),
    Entry(
        code="ERP_COPY_STALE",
        title="New code not in the copy yet",
        cause="The code is new in Spectrum, and the copy that Jobferry reads was made before it.",
        advice=(
            BY_ITSELF,
            Step("refresh the copy now", Right.OPERATE, "If you cannot wait for the nightly refresh,"),
        ),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
)
