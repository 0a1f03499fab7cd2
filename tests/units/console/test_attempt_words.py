"""Attempts are told in words; the names of reasons are for programs."""

from __future__ import annotations

import pytest

from adapters.inbound.console.words import attempt_words, without_reason
from core.model.sending.answer import NotSent, NotSentReason, Unknown, UnknownReason
from core.model.work_orders.cost_line import LineState


@pytest.mark.parametrize("reason", UnknownReason)
def test_what_an_unclear_answer_said_is_shown_without_the_name_of_its_reason(reason: UnknownReason) -> None:
    assert without_reason(Unknown(reason, "no answer: none in time").in_short) == "no answer: none in time"


@pytest.mark.parametrize("reason", NotSentReason)
def test_and_so_is_why_a_call_was_not_made(reason: NotSentReason) -> None:
    assert without_reason(NotSent(reason, "timeout: x").in_short) == "timeout: x"


def test_what_spectrum_said_stays_whole() -> None:
    assert without_reason("WO_Number: Record is locked") == "WO_Number: Record is locked"


def test_no_outcome_is_shown_by_a_name_with_an_underscore() -> None:
    for name in (*LineState, "accepted", "refused", "unknown", "notsent", "failed"):
        assert "_" not in attempt_words(name)
        assert attempt_words(name) != "notsent"
