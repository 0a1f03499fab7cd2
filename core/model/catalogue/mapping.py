"""Failures of the job and of its links to Spectrum codes, all found in ServiceTrade."""

from __future__ import annotations

from core.model.catalogue.entry import SEND_AGAIN, Entry
from core.model.shared.finding import Owner, Retry

ENTRIES = (
    Entry(
        code="JOB_NOT_FOUND",
        title="Job not found in ServiceTrade",
        cause="ServiceTrade knows no such job, or the user that Jobferry signs in with may not see it.",
        fix=(
            "Check the job number or id against the job's page in ServiceTrade.",
            "Check that the job belongs to the ServiceTrade account of this tenant.",
            SEND_AGAIN,
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.AFTER_FIX,
    ),
    Entry(
        code="JOB_NUMBER_MISSING",
        title="Job without a number",
        cause="The work order number is made from the job number, and this job has none that a rule could use.",
        fix=(
            "Open the job in ServiceTrade and look whether it shows a job number; save it if it is still a draft.",
            "If it has one, ask for the rules of this connection: one of them leaves the number empty.",
            SEND_AGAIN,
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.AFTER_FIX,
        pre=True,
    ),
    Entry(
        code="CUSTOMER_MISSING",
        title="Job without a customer",
        cause="A work order is billed to a customer, and the job names none.",
        fix=("Open the job in ServiceTrade and give it a customer.", SEND_AGAIN),
        owner=Owner.DISPATCHER,
        retry=Retry.AFTER_FIX,
        pre=True,
    ),
    Entry(
        code="SITE_MISSING",
        title="Job without a location",
        cause="A work order belongs to a Spectrum site, and the job has no location that could stand for one.",
        fix=("Open the job in ServiceTrade and give it a location.", SEND_AGAIN),
        owner=Owner.DISPATCHER,
        retry=Retry.AFTER_FIX,
        pre=True,
    ),
    Entry(
        code="MAP_CUSTOMER_MISSING",
        title="Customer not linked to Spectrum",
        cause="The company in ServiceTrade carries no Spectrum customer code for this connection, and has no alias.",
        fix=(
            "Look up the customer code in Spectrum's Customer Maintenance.",
            "In ServiceTrade open Customers > Companies and the customer's page, and press the chain link button.",
            "Enter the code as the External ID of this connection's external system and save.",
            "If another company has this code already, set an alias for this customer in Jobferry instead.",
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        retry=Retry.AFTER_FIX,
        pre=True,
    ),
    Entry(
        code="MAP_SITE_MISSING",
        title="Location not linked to Spectrum",
        cause="The location in ServiceTrade carries no Spectrum site code for this connection, and has no alias.",
        fix=(
            "Look for the site under Work Order > Maintenance in Spectrum; create it there first if it is missing.",
            "In ServiceTrade open Customers > Locations and the location's page, and press the chain link button.",
            "Enter the site code as the External ID of this connection's external system and save.",
            "If another location has this code already, set an alias for this site in Jobferry instead.",
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        retry=Retry.AFTER_FIX,
        pre=True,
    ),
    Entry(
        code="MAP_EMPTY_VALUE",
        title="External ID is empty",
        cause="An External ID is set up in ServiceTrade, but it holds nothing or only spaces.",
        fix=(
            "Open the company or location named above in ServiceTrade and press the chain link button.",
            "Fill in the Spectrum code under this connection's external system and save.",
            "If another record has this code already, set an alias for this one in Jobferry instead.",
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        retry=Retry.AFTER_FIX,
        pre=True,
    ),
    Entry(
        code="MAP_DUPLICATE_EXTERNAL_ID",
        title="External ID already in use",
        cause="An External ID may stand only once in an external system, and another record has this one.",
        fix=(
            "Search ServiceTrade for the value to see which record carries it.",
            "If that record has it by mistake, remove it there.",
            "If both records are the same customer or site in Spectrum, set an alias for one of them in Jobferry.",
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        retry=Retry.AFTER_FIX,
        pre=True,
    ),
    Entry(
        code="CONTRACT_NOT_MAPPED",
        title="Contract not linked, sent without",
        cause="A contract is optional on a work order, and this one carries no Spectrum contract code.",
        fix=(
            "If the work order should show it, open the contract in ServiceTrade and press the chain link button.",
            "Enter Spectrum's contract number under this connection's external system, then send the job again.",
            "If another contract has this number already, set an alias for this contract in Jobferry instead.",
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        retry=Retry.AFTER_FIX,
    ),
    Entry(
        code="JOB_CHANGED_WHILE_SENDING",
        title="Job changed since the preview",
        cause="The job, its links or the connection's settings were edited after the preview that was to be sent.",
        fix=("Open the preview again and look at what is different now.", "Send the job from the new preview."),
        owner=Owner.DISPATCHER,
        retry=Retry.AFTER_FIX,
        pre=True,
    ),
)
