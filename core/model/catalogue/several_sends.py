"""Failures of several sends, people or connections that work on the same work order."""

from __future__ import annotations

from core.model.catalogue.entry import BY_ITSELF, FAILED, MILD, SEND_AGAIN, TRIED, Entry
from core.model.shared.advice import Right, Step
from core.model.shared.finding import Owner, Retry

_LOOK = "Open the work order in Spectrum and look at its material and other charges."

SEVERAL_SENDS = (
    Entry(
        code="WAITS_FOR_SEND",
        title="Another send posts to this work order",
        cause="Only one send at a time posts items to a work order, so that no item is posted twice.",
        advice=(
            Step("This send continues by itself when the other one has ended", only=TRIED | MILD),
            Step("check that item first", Right.SEND, "If the other send has an item to check in Spectrum,"),
            Step("send the job again when the other send has ended", Right.SEND, only=FAILED),
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="WORK_ORDER_BUSY",
        title="Another connection posts to this work order",
        cause="Two connections lead to the same Spectrum company, and the other one is posting items to this number.",
        advice=(
            BY_ITSELF,
            Step("check that item", Right.SEND, "If the other connection has an item to check in Spectrum,"),
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.BACKOFF,
    ),
    Entry(
        code="PLAN_KEEPS_CHANGING",
        title="The work order's lines kept changing during planning",
        cause="Each time Jobferry planned the send, another send or a person changed the lines of the same work order.",
        advice=("Wait until nobody else sends this job or checks its items.", SEND_AGAIN),
        owner=Owner.DISPATCHER,
    ),
    Entry(
        code="SENT_NOT_PROVED",
        title="Not every item is known to be posted",
        cause="The send ended with a line that was neither posted nor settled as posted, so it does not count as sent.",
        advice=(
            _LOOK,
            Step("send the job's items again: posted items are left out", Right.SEND),
            "Tell the Jobferry operator which job it is.",
        ),
        owner=Owner.SERVICE,
    ),
    Entry(
        code="ANSWER_AFTER_VERDICT",
        title="Spectrum's answer contradicts a person's decision",
        cause="A person said whether an item is in Spectrum, and Spectrum's own answer came later and differs.",
        advice=(
            _LOOK,
            "If an item is there twice, delete one of them in Spectrum.",
            Step("send the job's items again", Right.SEND, "If an item is missing,"),
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
        advice=(
            _LOOK,
            Step("enter on the job's page which of its items are there: all, none or some", Right.SEND),
            Step("send the items", Right.SEND, "Then"),
        ),
        owner=Owner.DISPATCHER,
        retry=Retry.VERIFY_FIRST,
    ),
    Entry(
        code="ITEMS_OF_ANOTHER_JOB",
        title="An item of another job is on the work order",
        cause="The work order was taken over from another job, and it still has items that the other job posted.",
        advice=(_LOOK, "If the item does not belong there, reverse it in Spectrum by hand."),
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
        advice=(
            "If you want this, do nothing.",
            Step("keep one connection and remove the other", Right.MANAGE, "If not,"),
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
        advice=(_LOOK, "If the quantity there is wrong, correct it in Spectrum by hand."),
        owner=Owner.DISPATCHER,
        retry=Retry.NO,
    ),
    Entry(
        code="ITEMS_ENTERED_BY_HAND",
        title="An item was entered by hand",
        cause="Somebody entered this item in Spectrum, and Jobferry does not know under which code.",
        advice=(_LOOK, "If the item changed since then, change it in Spectrum by hand too."),
        owner=Owner.DISPATCHER,
        retry=Retry.NO,
    ),
)
