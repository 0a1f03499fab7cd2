"""Which outcomes of a call show that a server answers at the endpoint."""

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
    shows_life,
)

SILENT = {NotSentReason.DNS, NotSentReason.REFUSED, NotSentReason.TOKEN_UNREACHABLE, UnknownReason.TIMEOUT}
NO_SIGN = {NotSentReason.TLS, NotSentReason.ADDRESS_NOT_ALLOWED, NotSentReason.GATE_CLOSED}


@pytest.mark.parametrize("reason", NotSentReason)
def test_what_never_left(reason: NotSentReason) -> None:
    expected = False if reason in SILENT else None if reason in NO_SIGN else True
    assert shows_life(NotSent(reason, "")) is expected


@pytest.mark.parametrize("reason", UnknownReason)
def test_what_ended_unclear(reason: UnknownReason) -> None:
    assert shows_life(Unknown(reason, "")) is (reason not in SILENT)


def test_every_answer_in_words_is_life() -> None:
    assert shows_life(Accepted())
    assert shows_life(Refused((AnswerRow("A", "no access", "Authorization_ID"),)))
    assert shows_life(Refused((), RefusalReason.SERVICE_MISSING))
    assert shows_life(Unknown(UnknownReason.HTTP_ERROR, "502", 502))
