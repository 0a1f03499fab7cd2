"""How `jobferry doctor` judges what waits."""

from __future__ import annotations

import pytest

from adapters.bootstrap.examination import queue_for
from core.model.shared.check_step import CheckState


@pytest.mark.parametrize(
    ("seconds", "state", "words"),
    [
        (0.0, CheckState.OK, "no due send waits"),
        (12.4, CheckState.OK, "the oldest due send has waited 12 seconds"),
        (900.0, CheckState.OK, "the oldest due send has waited 900 seconds"),
        (2_400.0, CheckState.UNKNOWN, "the oldest due send has waited 40 minutes for a worker"),
    ],
)
def test_the_doctor_says_how_long_the_oldest_due_send_has_waited(seconds: float, state: CheckState, words: str) -> None:
    step = queue_for(seconds)
    assert (step.state, step.detail) == (state, words)
    assert bool(step.fix) is (state is CheckState.UNKNOWN)
