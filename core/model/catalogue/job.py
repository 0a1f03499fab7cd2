"""Failures of the job, of its links to Spectrum codes, and of the values made from it: number, length, figures."""

from __future__ import annotations

from core.model.catalogue.entry import SEND_AGAIN, Entry
from core.model.shared.finding import Owner, Retry

LINKS = (
    Entry(
        code="JOB_NOT_FOUND",
        title="Job not found in ServiceTrade",
        cause="ServiceTrade has no such job, or the user that Jobferry signs in with may not see it.",
        fix=(
            "Check the job number or id against the job's page in ServiceTrade.",
            "Check that the job belongs to the ServiceTrade account of this tenant.",
            SEND_AGAIN,
        ),
        owner=Owner.DISPATCHER,
    ),
    Entry(
        code="JOB_NUMBER_MISSING",
        title="Job without a number",
        cause="Jobferry makes the work order number from the job number, and no job number was found for this job.",
        fix=(
            "Open the job in ServiceTrade and check that it shows a job number. If it is still a draft, save it.",
            "If it has a job number, have the connection's rules checked: one of them leaves the number empty.",
            SEND_AGAIN,
        ),
        owner=Owner.DISPATCHER,
        pre=True,
    ),
    Entry(
        code="CUSTOMER_MISSING",
        title="Job without a customer",
        cause="A work order needs a customer to bill, and the job has none.",
        fix=("Open the job in ServiceTrade and give it a customer.", SEND_AGAIN),
        owner=Owner.DISPATCHER,
        pre=True,
    ),
    Entry(
        code="SITE_MISSING",
        title="Job without a location",
        cause="A work order needs a Spectrum site, and the job has no location that is linked to one.",
        fix=("Open the job in ServiceTrade and give it a location.", SEND_AGAIN),
        owner=Owner.DISPATCHER,
        pre=True,
    ),
    Entry(
        code="MAP_CUSTOMER_MISSING",
        title="Customer not linked to Spectrum",
        cause="The company in ServiceTrade has no Spectrum customer code for this connection, and no alias.",
        fix=(
            "Look up the customer code in Spectrum's Customer Maintenance.",
            "In ServiceTrade open Customers > Companies and the customer's page, and press the chain link button.",
            "Enter the code as the External ID of this connection's external system and save.",
            "If another company has this code already, set an alias for this customer in Jobferry instead.",
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        pre=True,
    ),
    Entry(
        code="MAP_SITE_MISSING",
        title="Location not linked to Spectrum",
        cause="The location in ServiceTrade has no Spectrum site code for this connection, and no alias.",
        fix=(
            "Look for the site under Work Order > Maintenance in Spectrum. If it is missing, create it there first.",
            "In ServiceTrade open Customers > Locations and the location's page, and press the chain link button.",
            "Enter the site code as the External ID of this connection's external system and save.",
            "If another location has this code already, set an alias for this site in Jobferry instead.",
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        pre=True,
    ),
    Entry(
        code="MAP_EMPTY_VALUE",
        title="External ID is empty",
        cause="An External ID is set up in ServiceTrade, but it is empty or holds only spaces.",
        fix=(
            "Open the company or location named above in ServiceTrade and press the chain link button.",
            "Fill in the Spectrum code under this connection's external system and save.",
            "If another record has this code already, set an alias for this one in Jobferry instead.",
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        pre=True,
    ),
    Entry(
        code="MAP_DUPLICATE_EXTERNAL_ID",
        title="External ID already in use",
        cause="An External ID may be used only once in an external system, and another record uses this one.",
        fix=(
            "Search ServiceTrade for the value to see which record has it.",
            "If that record has it by mistake, remove it there.",
            "If both records are the same customer or site in Spectrum, set an alias for one of them in Jobferry.",
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        pre=True,
    ),
    Entry(
        code="CONTRACT_NOT_MAPPED",
        title="Contract not linked, so sent without it",
        cause="The contract has no Spectrum contract code, and a work order does not need a contract.",
        fix=(
            "If the work order should show it, open the contract in ServiceTrade and press the chain link button.",
            "Enter Spectrum's contract number under this connection's external system, then send the job again.",
            "If another contract has this number already, set an alias for this contract in Jobferry instead.",
        ),
        owner=Owner.SERVICETRADE_ADMIN,
    ),
    Entry(
        code="JOB_CHANGED_WHILE_SENDING",
        title="Job changed since the preview",
        cause="Somebody changed the job, its links or the connection's settings after you opened the preview.",
        fix=("Open the preview again and check what has changed.", "Send the job from the new preview."),
        owner=Owner.DISPATCHER,
        pre=True,
    ),
)

VALUES = (
    Entry(
        code="WO_NUMBER_TOO_LONG",
        title="Work order number too long",
        cause="The leading character and the job number together are longer than Spectrum's limit of ten characters.",
        fix=(
            "If the number fits without the leading character, clear that setting on the connection in Jobferry.",
            "If the job number alone is too long, use a plugin rule that shortens it and keeps all numbers different.",
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        retry=Retry.NO,
        pre=True,
    ),
    Entry(
        code="WO_NUMBER_TAKEN",
        title="Work order number belongs to another job",
        cause="Another job uses this number in the same Spectrum company, and sending would change its work order.",
        fix=(
            "Look up the number in Spectrum under Work Order > Data Entry > Work Order Entry.",
            "If it belongs to another job, give this connection another leading character and send again.",
            "If it is this job's own work order, send with 'adopt' to take it over.",
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        retry=Retry.NO,
        pre=True,
    ),
    Entry(
        code="WO_NUMBER_CHANGED",
        title="Work order number would change",
        cause="The job was sent under another number before; its new leading character, rule or job number gives a "
        "different number, which would create a second work order.",
        fix=(
            "If the change was a mistake, restore the leading character, rule or job number and send again.",
            "If you want the change, send with 'adopt': this job then keeps the number that it already has.",
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        pre=True,
    ),
    Entry(
        code="LEADING_CHAR_INVALID",
        title="Leading character not valid",
        cause="The leading character must be one letter or one digit, or empty.",
        fix=("Open the connection in Jobferry.", "Enter one letter from A to Z or one digit, or clear it, and save."),
        owner=Owner.SERVICETRADE_ADMIN,
        retry=Retry.NO,
        pre=True,
    ),
    Entry(
        code="PO_TOO_LONG",
        title="Customer PO too long",
        cause="Spectrum stores up to 25 characters of a customer PO, and the job's PO is longer.",
        fix=(
            "Shorten the customer PO on the job in ServiceTrade and send again.",
            "Or set the connection's long text to 'cut', so that it is shortened with a warning.",
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.NO,
        pre=True,
    ),
    Entry(
        code="PO_REQUIRED",
        title="Customer PO missing",
        cause="A rule of this connection requires a customer PO on the work order, and the job has none.",
        fix=("Enter the customer PO on the job in ServiceTrade.", SEND_AGAIN),
        owner=Owner.DISPATCHER,
        pre=True,
    ),
    Entry(
        code="DESCRIPTION_TOO_LONG",
        title="Description too long",
        cause="Spectrum stores up to 250 characters of a work order's summary, and the job's description is longer.",
        fix=(
            "Shorten the description on the job in ServiceTrade and send again.",
            "Or set the connection's long text to 'cut', so that it is cut after a word, with a warning.",
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.NO,
        pre=True,
    ),
    Entry(
        code="FIELD_LENGTH_OTHER",
        title="Value does not fit its field",
        cause="A code or text is longer than Spectrum's field for it, or Spectrum has no such field.",
        fix=(
            "See in the preview where the value comes from: an External ID, a setting or a plugin.",
            "There, enter the code exactly as Spectrum shows it, or map it to a shorter one.",
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        retry=Retry.NO,
        pre=True,
    ),
    Entry(
        code="INVALID_CHARACTERS",
        title="Characters that Spectrum's web service refuses",
        cause="The value has letters, signs or invisible characters that Spectrum's screens accept but its web service "
        "refuses.",
        fix=(
            "If the value is text of the job, retype it in ServiceTrade with plain letters, digits and signs.",
            "If it is a code, rename it in Spectrum without accents or signs, and change the External ID to match.",
            SEND_AGAIN,
        ),
        owner=Owner.SPECTRUM_ADMIN,
        pre=True,
    ),
    Entry(
        code="NUMBER_PRECISION",
        title="Figure with too many digits or decimals",
        cause="Spectrum takes two decimals and a limited number of digits before the point.",
        fix=(
            "Correct the quantity or amount in ServiceTrade, or the rule that sets it.",
            "If rounding would change an amount of money, agree on the amount with the office first.",
            SEND_AGAIN,
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.NO,
        pre=True,
    ),
    Entry(
        code="CLEAR_NOT_POSSIBLE",
        title="Old value stays in Spectrum",
        cause="The value was sent before and is empty now, and Spectrum does not change a field that is sent empty.",
        fix=(
            "Open the work order in Spectrum under Work Order > Data Entry > Work Order Entry.",
            "If the field named above should be empty, clear it by hand.",
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.NO,
    ),
    Entry(
        code="MANUAL_EDIT_OVERWRITTEN",
        title="Edit made in Spectrum was replaced",
        cause="Somebody changed the field in Spectrum, and sending the job again put ServiceTrade's value back.",
        fix=(
            "Compare both values in the history of the send.",
            "If the value in Spectrum was right, correct the job in ServiceTrade, so that the next send keeps it.",
            "To keep such edits from now on, set the connection's overwrite to 'changed_fields'.",
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.NO,
    ),
)
