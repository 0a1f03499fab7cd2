"""What one answer means for a cost line: only a clean success is posted, only a clean refusal is not in doubt."""

from __future__ import annotations

import pytest

from core.model.sending.answer import (
    Accepted,
    AnswerRow,
    NotSent,
    NotSentReason,
    RefusalReason,
    Refused,
    Unknown,
    UnknownReason,
    WriteOutcome,
)
from core.model.sending.diagnosis import line_state
from core.model.work_orders.cost_line import LineState


@pytest.mark.parametrize("reason", list(UnknownReason))
def test_every_unclear_answer_leaves_the_line_in_doubt(reason: UnknownReason) -> None:
    assert line_state(Unknown(reason, "whatever", 503)) is LineState.IN_DOUBT


@pytest.mark.parametrize("reason", list(NotSentReason))
def test_what_did_not_leave_is_still_planned(reason: NotSentReason) -> None:
    assert line_state(NotSent(reason, "nothing left")) is LineState.PLANNED


def refused(*rows: tuple[str, str, str]) -> Refused:
    return Refused(tuple(AnswerRow(*row) for row in rows))


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        (Accepted(), LineState.POSTED),
        (Accepted((AnswerRow("G", "123", "System_Key"),)), LineState.POSTED),
        (refused(("I", "Item does not exist", "Item_Code")), LineState.REJECTED),
        (refused(("M", "A value is required", "WO_Site_Equipment")), LineState.REJECTED),
        (refused(("E", "Work order is completed", "WO_Number")), LineState.REJECTED),
        (refused(("E", "record is locked", "WO_Number")), LineState.PLANNED),
        (refused(("E", "record is locked", "WO_Number"), ("I", "no such item", "Item_Code")), LineState.REJECTED),
        (refused(("E", "record is locked", "WO_Number"), ("W", "careful", "WO_Number")), LineState.PLANNED),
        (
            refused(("I", "no such item", "Item_Code"), ("W", "was locked", "Authorization_ID")),
            LineState.REJECTED,
        ),
        (refused(("I", "no such item", "Item_Code"), ("W", "Time out has occurred", "GUID")), LineState.IN_DOUBT),
        (Accepted((), (AnswerRow("W", "record is locked", "WO_Number"),)), LineState.POSTED),
        (refused(("A", "Not authorized", "Authorization_ID")), LineState.PLANNED),
        (refused(("A", "Time out has occurred", "GUID")), LineState.IN_DOUBT),
        (refused(("E", "Time-out occurred", "GUID"), ("I", "no such item", "Item_Code")), LineState.IN_DOUBT),
        (refused(("A", "No access to this company", "Company_Code")), LineState.PLANNED),
        (Refused((), RefusalReason.SERVICE_MISSING, "no such service"), LineState.PLANNED),
        (Refused((), detail="nothing inside"), LineState.IN_DOUBT),
    ],
)
def test_clean_answers_say_what_became_of_the_line(outcome: WriteOutcome, state: LineState) -> None:
    assert line_state(outcome) is state
