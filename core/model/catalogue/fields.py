"""Failures of the work order number and of single values: length, characters, figures."""

from __future__ import annotations

from core.model.catalogue.entry import SEND_AGAIN, Entry
from core.model.shared.finding import Owner, Retry

ENTRIES = (
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
