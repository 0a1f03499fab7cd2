"""Failures where several sends, people or connections work on the same work order."""

from __future__ import annotations

from core.model.catalogue.entry import BY_ITSELF, SEND_AGAIN, Entry
from core.model.shared.finding import Owner, Retry

_LOOK = "Open the work order in Spectrum and look at its material and other charges."

ENTRIES = (
    Entry(
        code="WAITS_FOR_SEND",
        title="Another send posts to this work order",
        cause="Only one send at a time posts items to a work order, so that no item is posted twice.",
        fix=(
            "If the other send is running, do nothing: this one continues by itself.",
            "If the other send waits for a person (a line in doubt), settle that line first.",
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="WORK_ORDER_BUSY",
        title="Another connection posts to this work order",
        cause="Two connections lead to the same Spectrum company, and the other one is posting items to this number.",
        fix=(BY_ITSELF, "If the other connection waits for a person to settle a line, settle that line."),
        owner=Owner.DISPATCHER,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="PLAN_KEEPS_CHANGING",
        title="The work order's lines kept changing during planning",
        cause="Each time Jobferry planned the send, another send or a person changed the lines of the same work order.",
        fix=("Wait until nobody else sends this job or settles its lines.", SEND_AGAIN),
        owner=Owner.DISPATCHER,
    ),
    Entry(
        code="SENT_NOT_PROVED",
        title="Not every item is known to be posted",
        cause="The send ended with a line that was neither posted nor settled as posted, so it does not count as sent.",
        fix=(_LOOK, "Send the job's items again: posted items are left out.", "Tell the Jobferry operator."),
        owner=Owner.SERVICE,
    ),
    Entry(
        code="ANSWER_AFTER_VERDICT",
        title="Spectrum's answer contradicts a person's decision",
        cause="A person settled a line, and Spectrum's answer for this line came later and says something else.",
        fix=(
            _LOOK,
            "If a line is there twice, delete one of them, or send the job's difference.",
            "If a line is missing, send the job's items again.",
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.VERIFY_FIRST,
    ),
    Entry(
        code="ITEMS_BEFORE_UNKNOWN",
        title="Items may be in Spectrum already",
        cause=(
            "The job was sent before by another system, or by Jobferry before its database was restored, so Jobferry "
            "does not know which of its items were posted."
        ),
        fix=(
            _LOOK,
            "Enter which of the job's items are there: all, none or some.",
            "Then send the items again.",
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.VERIFY_FIRST,
    ),
    Entry(
        code="ITEMS_OF_ANOTHER_JOB",
        title="An item of another job is on the work order",
        cause="The work order was taken over from another job, and it still has items that the other job posted.",
        fix=(_LOOK, "If the item does not belong there, reverse it in Spectrum by hand."),
        owner=Owner.DISPATCHER,
        retry=Retry.NO,
    ),
    Entry(
        code="SAME_COMPANY",
        title="Another connection leads to the same company",
        cause=(
            "Two connections write to one Spectrum company, so both write the header of a job that is sent on both; "
            "an item that one has posted is left out by the other, and only one at a time posts to a work order."
        ),
        fix=(
            "If you want this, do nothing.",
            "If not, keep one connection and remove the other. Jobferry still knows what was posted.",
        ),
        owner=Owner.SPECTRUM_ADMIN,
        retry=Retry.NO,
    ),
    Entry(
        code="ITEMS_POSTED_ELSEWHERE",
        title="An item was posted by another connection",
        cause=(
            "Another connection to the same Spectrum company, or one that was removed, posted this item, and this "
            "connection does not know the quantity."
        ),
        fix=(_LOOK, "If the quantity there is wrong, correct it in Spectrum by hand."),
        owner=Owner.DISPATCHER,
        retry=Retry.NO,
    ),
    Entry(
        code="ITEMS_ENTERED_BY_HAND",
        title="An item was entered by hand",
        cause="Somebody entered this item in Spectrum, and Jobferry does not know under which code.",
        fix=(_LOOK, "If the item changed since then, change it in Spectrum by hand too."),
        owner=Owner.DISPATCHER,
        retry=Retry.NO,
    ),
)
