"""Failures of the values made from a job: number, length, figures."""

from __future__ import annotations

from core.model.catalogue.entry import DONE, MILD, SEND_AGAIN, SERIOUS, Entry
from core.model.shared.advice import Outcome, Right, Step
from core.model.shared.finding import Owner, Retry

NOTED = frozenset({Outcome.NOTED})

VALUES = (
    Entry(
        code="WO_NUMBER_TOO_LONG",
        title="Work order number too long",
        cause="The leading character and the job number together are longer than Spectrum's limit of ten characters.",
        advice=(
            Step(
                "clear that setting on the connection in Jobferry",
                Right.MANAGE,
                "If the number fits without the leading character,",
            ),
            Step(
                "use a plugin that shortens it and keeps all numbers different",
                Right.MANAGE,
                "If the job number alone is too long,",
            ),
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
        advice=(
            "Look up the number in Spectrum under Work Order > Data Entry > Work Order Entry.",
            Step(
                "give this connection another leading character",
                Right.MANAGE,
                "If it belongs to another job,",
                SERIOUS,
            ),
            Step(
                "send the job from its page with the known work order number",
                Right.SEND,
                "If it is this job's own work order,",
                SERIOUS,
                "adopt",
            ),
            Step("do not send, or the other job's work order is changed", None, "If it is not this job's own,", NOTED),
            Step("correct the work order in Spectrum by hand", None, "If it is not this job's own,", DONE),
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
        advice=(
            "If the job number was changed by mistake, restore it in ServiceTrade.",
            Step("restore it", Right.MANAGE, "If the leading character or a rule was changed by mistake,"),
            Step(
                "send the job from its page with the known work order number, which it then keeps",
                Right.SEND,
                "If you want the change,",
                named="adopt",
            ),
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        pre=True,
    ),
    Entry(
        code="LEADING_CHAR_INVALID",
        title="Leading character not valid",
        cause="The leading character must be one letter or one digit, or empty.",
        advice=(
            Step(
                "enter one letter from A to Z or one digit as the connection's leading character, or clear it",
                Right.MANAGE,
            ),
            SEND_AGAIN,
        ),
        owner=Owner.SERVICETRADE_ADMIN,
        retry=Retry.NO,
        pre=True,
    ),
    Entry(
        code="PO_TOO_LONG",
        title="Customer PO too long",
        cause="Spectrum stores up to 25 characters of a customer PO, and the job's PO is longer.",
        advice=(
            Step("Nothing needs to be done if the short form is enough", only=MILD),
            Step("shorten the customer PO on the job in ServiceTrade yourself", None, "If not,", MILD),
            Step("shorten the customer PO on the job in ServiceTrade", only=SERIOUS),
            Step("set the connection to cut text that is too long", Right.MANAGE, "Or", SERIOUS, "long_text: cut"),
            Step(
                "name a note topic on the connection, which takes 1,000 characters",
                Right.MANAGE,
                "Or",
                named="note_topic",
            ),
            SEND_AGAIN,
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.NO,
        pre=True,
    ),
    Entry(
        code="PO_REQUIRED",
        title="Customer PO missing",
        cause="A rule of this connection requires a customer PO on the work order, and the job has none.",
        advice=("Enter the customer PO on the job in ServiceTrade.", SEND_AGAIN),
        owner=Owner.DISPATCHER,
        pre=True,
    ),
    Entry(
        code="DESCRIPTION_TOO_LONG",
        title="Description too long",
        cause="Spectrum stores up to 250 characters of a work order's summary, and the job's description is longer.",
        advice=(
            Step("Nothing needs to be done if the short form is enough", only=MILD),
            Step("shorten the description on the job in ServiceTrade yourself", None, "If not,", MILD),
            Step("shorten the description on the job in ServiceTrade", only=SERIOUS),
            Step("set the connection to cut text that is too long", Right.MANAGE, "Or", SERIOUS, "long_text: cut"),
            Step(
                "name a note topic on the connection, which takes 1,000 characters",
                Right.MANAGE,
                "Or",
                named="note_topic",
            ),
            SEND_AGAIN,
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.NO,
        pre=True,
    ),
    Entry(
        code="FIELD_LENGTH_OTHER",
        title="Value does not fit its field",
        cause="A code or text is longer than Spectrum's field for it, or Spectrum has no such field.",
        advice=(
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
        advice=(
            Step("Nothing needs to be done if the value reads well without them", only=MILD),
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
        advice=(
            Step("Nothing needs to be done if the rounded figure is right", only=MILD),
            "Correct the quantity or amount in ServiceTrade, or have the rule that sets it corrected.",
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
        advice=(
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
        advice=(
            "Compare both values in the history of the send.",
            "If the value in Spectrum was right, correct the job in ServiceTrade, so that the next send keeps it.",
            Step(
                "set the connection to write only what changed",
                Right.MANAGE,
                "To keep such edits from now on,",
                named="overwrite: changed_fields",
            ),
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.NO,
    ),
)
