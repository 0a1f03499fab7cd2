"""Failures over the life of a job: several sends, people and other connections on one work order."""

from __future__ import annotations

from core.model.catalogue.entry import BY_ITSELF, SEND_AGAIN, Entry
from core.model.shared.finding import Owner, Retry

_LOOK = "Open the work order in Spectrum and look at its material and other charges."

ENTRIES = (
    Entry(
        code="WAITS_FOR_SEND",
        title="Another send posts to this work order",
        cause="Items go to a work order by one send at a time, so that none is posted twice.",
        fix=(
            "Nothing, if the other send is under way: this one goes on by itself.",
            "If the other send waits for somebody (a line in doubt), settle that first.",
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="WORK_ORDER_BUSY",
        title="Another connection posts to this work order",
        cause="Two connections lead to the same Spectrum company, and the other one is posting items to this number.",
        fix=(BY_ITSELF, "If the other connection waits for somebody, settle what it waits for."),
        owner=Owner.DISPATCHER,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="PLAN_KEEPS_CHANGING",
        title="What stands on the work order changed while it was planned",
        cause="Each time the send was planned, somebody or something else changed what stands on the same work order.",
        fix=("Wait until nobody else sends or settles anything of this job.", SEND_AGAIN),
        owner=Owner.DISPATCHER,
        retry=Retry.AFTER_FIX,
    ),
    Entry(
        code="SENT_NOT_PROVED",
        title="Not every item is known to be posted",
        cause="At its end, a line of this send was neither posted nor settled as posted, which is not called sent.",
        fix=(_LOOK, "Send the job's items again: what is posted stays out.", "Tell whoever runs Jobferry."),
        owner=Owner.SERVICE,
        retry=Retry.AFTER_FIX,
    ),
    Entry(
        code="ANSWER_AFTER_VERDICT",
        title="Spectrum's answer differs from what was settled",
        cause="A line was settled by a person, and Spectrum's own answer to it came later and says otherwise.",
        fix=(
            _LOOK,
            "If a line stands there twice, delete one of them, or send the job's difference.",
            "If a line is missing, send the job's items again.",
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.VERIFY_FIRST,
    ),
    Entry(
        code="ITEMS_BEFORE_UNKNOWN",
        title="Items may stand in Spectrum already",
        cause=(
            "The job was sent before by somebody else (another system, or this one before its database was restored), "
            "so Jobferry does not know which of its items were posted."
        ),
        fix=(
            _LOOK,
            "Say which of the job's items stand there: all of them, none, or some (on the job's page, or with "
            "`jobferry jobs items-stand`).",
            "Then send the items again.",
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.VERIFY_FIRST,
    ),
    Entry(
        code="ITEMS_OF_ANOTHER_JOB",
        title="An item of another job stands on the work order",
        cause="The work order was taken over from another job, and what that one posted still stands there.",
        fix=(_LOOK, "If it does not belong there, take it back in Spectrum by hand."),
        owner=Owner.DISPATCHER,
        retry=Retry.NO,
    ),
    Entry(
        code="SAME_COMPANY",
        title="Another connection leads to the same company",
        cause=(
            "Two connections write to one Spectrum company, so a job that goes over both has its header written by "
            "both; an item that one has posted is left out by the other, and only one at a time posts to a work order."
        ),
        fix=(
            "Nothing, if that is wanted.",
            "If not, keep one connection and remove the other; what was posted stays known.",
        ),
        owner=Owner.SPECTRUM_ADMIN,
        retry=Retry.NO,
    ),
    Entry(
        code="ITEMS_POSTED_ELSEWHERE",
        title="An item was posted by another connection",
        cause=(
            "Another connection to the same Spectrum company, or one that was removed, posted this item, and how much "
            "of it is not known here."
        ),
        fix=(_LOOK, "If the quantity there is not right, correct it in Spectrum by hand."),
        owner=Owner.DISPATCHER,
        retry=Retry.NO,
    ),
    Entry(
        code="ITEMS_ENTERED_BY_HAND",
        title="An item was entered by hand",
        cause="Somebody entered this item in Spectrum, and Jobferry does not know under which code.",
        fix=(_LOOK, "If the item changed since, change it in Spectrum by hand, too."),
        owner=Owner.DISPATCHER,
        retry=Retry.NO,
    ),
)
