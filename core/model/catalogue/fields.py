"""Failures of the work order's number and of single values: length, characters, figures."""

from __future__ import annotations

from core.model.catalogue.entry import SEND_AGAIN, Entry
from core.model.shared.finding import Owner, Retry

ENTRIES = (
    Entry(
        code="WO_NUMBER_TOO_LONG",
        title="Work order number too long",
        cause="Leading character and job number together are longer than the ten characters Spectrum has room for.",
        fix=(
            "Open the connection in Jobferry and leave the leading character empty, if the number fits without it.",
            "If the job number alone is too long, use a plugin rule that shortens it without making two numbers alike.",
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
            "Look up the number in Spectrum under Work Order > Data Entry > Work Order Entry: whose is it?",
            "If it is somebody else's, give this connection another leading character and send again.",
            "If it is this job's own work order, send with 'adopt' to take it over.",
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        retry=Retry.NO,
        pre=True,
    ),
    Entry(
        code="WO_NUMBER_CHANGED",
        title="Work order number would change",
        cause="The job already went out under another number; a new leading character, rule or job number makes a "
        "different one, which would start a second work order.",
        fix=(
            "If the change was a mistake, put the leading character, rule or job number back and send again.",
            "If the change is wanted, send with 'adopt': this job then goes on under the number it already has.",
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        retry=Retry.AFTER_FIX,
        pre=True,
    ),
    Entry(
        code="LEADING_CHAR_INVALID",
        title="Leading character not valid",
        cause="The setting takes one single letter or digit, or nothing at all.",
        fix=("Open the connection in Jobferry.", "Enter one letter from A to Z or one digit, or clear it, and save."),
        owner=Owner.SERVICETRADE_ADMIN,
        retry=Retry.NO,
        pre=True,
    ),
    Entry(
        code="PO_TOO_LONG",
        title="Customer PO too long",
        cause="Spectrum keeps 25 characters of a customer PO, and the job's is longer.",
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
        cause="A rule of this connection wants a customer PO on the work order, and the job has none.",
        fix=("Enter the customer PO on the job in ServiceTrade.", SEND_AGAIN),
        owner=Owner.DISPATCHER,
        retry=Retry.AFTER_FIX,
        pre=True,
    ),
    Entry(
        code="DESCRIPTION_TOO_LONG",
        title="Description too long",
        cause="Spectrum keeps 250 characters of a work order's summary, and the job's description is longer.",
        fix=(
            "Shorten the description on the job in ServiceTrade and send again.",
            "Or set the connection's long text to 'cut', so that it ends at a word with a warning.",
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
            "Enter the code there exactly as Spectrum shows it, or map it to a shorter one.",
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        retry=Retry.NO,
        pre=True,
    ),
    Entry(
        code="INVALID_CHARACTERS",
        title="Characters that Spectrum's web service refuses",
        cause="Spectrum's screens accept some letters, signs or invisible characters that its web service refuses.",
        fix=(
            "If the value is text of the job, retype it in ServiceTrade with plain letters, digits and signs.",
            "If it is a code, rename it in Spectrum without accents or signs, and change the External ID to match.",
            SEND_AGAIN,
        ),
        owner=Owner.SPECTRUM_ADMIN,
        retry=Retry.AFTER_FIX,
        pre=True,
    ),
    Entry(
        code="NUMBER_PRECISION",
        title="Figure too large or too fine",
        cause="Spectrum takes two decimals and a limited number of digits before the point.",
        fix=(
            "Correct the quantity or amount in ServiceTrade, or the rule that sets it.",
            "Where rounding would change money, agree on the amount with the office first.",
            SEND_AGAIN,
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.NO,
        pre=True,
    ),
    Entry(
        code="CLEAR_NOT_POSSIBLE",
        title="Old value stays in Spectrum",
        cause="The value was sent once and is empty now, and Spectrum leaves a field alone that arrives empty.",
        fix=(
            "Open the work order in Spectrum under Work Order > Data Entry > Work Order Entry.",
            "Clear the field named above by hand, if it should be empty.",
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
            "If Spectrum's was right, correct the job in ServiceTrade too, so that the next send keeps it.",
            "To leave such edits alone from now on, set the connection's overwrite to 'changed_fields'.",
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.NO,
    ),
)
