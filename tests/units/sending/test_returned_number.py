"""The number in an answer: found however its column is spelled, trimmed, and never a guess among several."""

from __future__ import annotations

import pytest

from core.model.sending.answer import Accepted, AnswerRow
from core.model.sending.diagnosis import differing_number, returned_number
from core.model.shared.finding import Owner, Retry

KEY = ("000000000000000000000001", "System_Key")


@pytest.mark.parametrize(
    ("rows", "number"),
    [
        ([], None),
        ([KEY], None),
        ([("S1001", "WO_Number")], "S1001"),
        ([KEY, ("     S1001", "WO_Number")], "S1001"),
        ([("     50001  ", " wo number ")], "50001"),
        ([("S1001", "WONUMBER")], "S1001"),
        ([("S1001", "WO_Number_2")], None),
        ([("S1001", "WO_Job_Number")], None),
        ([("S1001", "")], None),
        ([("   ", "WO_Number")], None),
        ([("", "WO_Number"), ("S1001", "WO_Number")], "S1001"),
        ([("S1001", "WO_Number"), (" S1001", "wo_number")], "S1001"),
        ([("S1001", "WO_Number"), ("50001", "WO_Number")], "S1001, 50001"),
    ],
)
def test_the_number_is_read_loosely_by_column_and_trimmed(rows: list[tuple[str, str]], number: str | None) -> None:
    assert returned_number(Accepted(tuple(AnswerRow("G", text, column) for text, column in rows))) == number


def test_a_number_that_differs_is_told_with_both() -> None:
    found = differing_number("S1001", "50001")
    assert (found.code, found.owner, found.retry) == ("WO_NUMBER_DIFFERS", Owner.SPECTRUM_ADMIN, Retry.VERIFY_FIRST)
    assert found.blocks
    assert found.message == "Jobferry sent work order number S1001, but Spectrum stored it under 50001."


def test_what_spectrum_said_is_shown_safely() -> None:
    message = differing_number("S1001", "5\x00\n" + "9" * 5000).message
    assert message.isprintable()
    assert len(message) < 500
