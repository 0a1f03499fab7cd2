"""Spectrum cannot take the work order in its present state: dates, locks, completed or deleted work orders."""

from __future__ import annotations

from core.model.catalogue.entry import BY_ITSELF, SEND_AGAIN, Entry
from core.model.shared.finding import Owner, Retry

ENTRIES = (
    Entry(
        code="PERIOD_CLOSED",
        title="Date outside the open period",
        cause="The date is before or after the processing dates that Spectrum allows at present.",
        fix=(
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
        fix=(
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
        fix=(
            "Look at the work order's status under Work Order > Data Entry > Work Order Entry in Spectrum.",
            "If it can be reopened (a site work order can), reopen it and send again.",
            "If it is billed already, enter what is still to be billed on a new work order.",
        ),
        owner=Owner.SPECTRUM_ADMIN,
        retry=Retry.NO,
    ),
    Entry(
        code="RECORD_LOCKED",
        title="Somebody has the record open in Spectrum",
        cause="Spectrum locks a work order while a person has its screen open, so nobody else can change it.",
        fix=(
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
        fix=(
            "Look up both numbers in Spectrum under Work Order > Data Entry > Work Order Entry.",
            "If the other one was made by mistake, or holds values or lines of this job, correct it in Spectrum.",
            "Find out why Spectrum assigns its own numbers, for instance a setting of Work Order Installation.",
            "Send the job again only after this is fixed. Until then nothing more is sent for it.",
        ),
        owner=Owner.SPECTRUM_ADMIN,
        retry=Retry.VERIFY_FIRST,
    ),
    Entry(
        code="REF_DELETED_IN_ERP",
        title="Work order was deleted in Spectrum",
        cause="The work order that this job was linked to no longer exists in Spectrum.",
        fix=(
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
        fix=("If you cannot wait for the nightly refresh, refresh the copy now.", BY_ITSELF),
        owner=Owner.SERVICE,
        retry=Retry.BACKOFF,
    ),
)
