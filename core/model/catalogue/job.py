"""Failures of the job and of its links to Spectrum codes."""

from __future__ import annotations

from core.model.catalogue.entry import SEND_AGAIN, Entry
from core.model.shared.advice import Right, Step
from core.model.shared.finding import Owner

CODE_FIELDS = "in the field on the page of the job or of the send, or under Codes"

LINKS = (
    Entry(
        code="JOB_NOT_FOUND",
        title="Job not found in ServiceTrade",
        cause="ServiceTrade has no such job, or the user that Jobferry signs in with may not see it.",
        advice=(
            "Check the job number or id against the job's page in ServiceTrade.",
            "Check that the job belongs to this ServiceTrade account.",
            SEND_AGAIN,
        ),
        owner=Owner.DISPATCHER,
    ),
    Entry(
        code="JOB_NUMBER_MISSING",
        title="Job without a number",
        cause="Jobferry makes the work order number from the job number, and no job number was found for this job.",
        advice=(
            "Open the job in ServiceTrade and check that it shows a job number. If it is still a draft, save it.",
            Step(
                "check the connection's rules: one of them leaves the number empty",
                Right.MANAGE,
                "If it has a job number,",
            ),
            SEND_AGAIN,
        ),
        owner=Owner.DISPATCHER,
        pre=True,
    ),
    Entry(
        code="CUSTOMER_MISSING",
        title="Job without a customer",
        cause="A work order needs a customer to bill, and the job has none.",
        advice=("Open the job in ServiceTrade and give it a customer.", SEND_AGAIN),
        owner=Owner.DISPATCHER,
        pre=True,
    ),
    Entry(
        code="SITE_MISSING",
        title="Job without a location",
        cause="A work order needs a Spectrum site, and the job has no location that is linked to one.",
        advice=("Open the job in ServiceTrade and give it a location.", SEND_AGAIN),
        owner=Owner.DISPATCHER,
        pre=True,
    ),
    Entry(
        code="MAP_CUSTOMER_MISSING",
        title="Customer not linked to Spectrum",
        cause="The company in ServiceTrade has no Spectrum customer code for this connection, and no alias.",
        advice=(
            "Look up the customer code in Spectrum's Customer Maintenance.",
            Step(
                f"enter it in Jobferry, {CODE_FIELDS}",
                Right.MANAGE,
            ),
            "Or enter it in ServiceTrade: open Customers > Companies and the customer's page, press the chain link "
            "button, and enter the code as the External ID of this connection's external system.",
            Step(
                "set an alias for this customer in Jobferry instead",
                Right.MANAGE,
                "If another company has this code already,",
            ),
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        pre=True,
    ),
    Entry(
        code="MAP_SITE_MISSING",
        title="Location not linked to Spectrum",
        cause="The location in ServiceTrade has no Spectrum site code for this connection, and no alias.",
        advice=(
            "Look for the site under Work Order > Maintenance in Spectrum. If it is missing, create it there first.",
            Step(
                f"enter its code in Jobferry, {CODE_FIELDS}",
                Right.MANAGE,
            ),
            "Or enter it in ServiceTrade: open Customers > Locations and the location's page, press the chain link "
            "button, and enter the code as the External ID of this connection's external system.",
            Step(
                "set an alias for this site in Jobferry instead",
                Right.MANAGE,
                "If another location has this code already,",
            ),
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        pre=True,
    ),
    Entry(
        code="MAP_EMPTY_VALUE",
        title="External ID is empty",
        cause="An External ID is set up in ServiceTrade, but it is empty or holds only spaces.",
        advice=(
            Step(
                f"enter the code in Jobferry, {CODE_FIELDS}",
                Right.MANAGE,
            ),
            "Or open the company or location named above in ServiceTrade, press the chain link button, "
            "and fill in the code under this connection's external system.",
            Step(
                "set an alias for this one in Jobferry instead",
                Right.MANAGE,
                "If another record has this code already,",
            ),
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        pre=True,
    ),
    Entry(
        code="MAP_DUPLICATE_EXTERNAL_ID",
        title="External ID already in use",
        cause="An External ID may be used only once in an external system, and another record uses this one.",
        advice=(
            "Search ServiceTrade for the value to see which record has it.",
            "If that record has it by mistake, remove it there.",
            Step(
                "set an alias for one of them in Jobferry",
                Right.MANAGE,
                "If both records are the same customer or site in Spectrum,",
            ),
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        pre=True,
    ),
    Entry(
        code="CONTRACT_NOT_MAPPED",
        title="Contract not linked, so sent without it",
        cause="The contract has no Spectrum contract code, and a work order does not need a contract.",
        advice=(
            "If the work order should show it, open the contract in ServiceTrade and press the chain link button.",
            "Enter Spectrum's contract number under this connection's external system.",
            Step(
                "set an alias for this contract in Jobferry instead",
                Right.MANAGE,
                "If another contract has this number already,",
            ),
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
    ),
    Entry(
        code="JOB_CHANGED_WHILE_SENDING",
        title="Job changed since the preview",
        cause="Somebody changed the job, its links or the connection's settings after you opened the preview.",
        advice=(
            "Open the preview again and check what has changed.",
            Step("send the job from the new preview", Right.SEND),
        ),
        owner=Owner.DISPATCHER,
        pre=True,
    ),
)
