"""What fails again and again is told at once, and then once a minute."""

from __future__ import annotations

import pytest

from adapters.inbound.worker.repeated_failures import RepeatedFailures


def test_a_cause_is_told_once_a_minute_until_it_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("adapters.inbound.worker.repeated_failures.time.monotonic", lambda: now)
    failing = RepeatedFailures()
    told = []
    for second in range(150):
        now = float(second)
        told += [(second, cause) for cause in ("refused", "starting") if failing.is_news(cause)]
    assert told == [(at, cause) for at in (0, 60, 120) for cause in ("refused", "starting")]
    failing.ended()
    assert failing.is_news("refused")
