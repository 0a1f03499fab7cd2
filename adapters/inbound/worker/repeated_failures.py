"""Keeps the log short while something fails again and again."""

from __future__ import annotations

import time

_EVERY_SECONDS = 60.0


class RepeatedFailures:
    """Says whether a failure is to be logged: each cause at once, then once a minute until they have `ended`."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {}

    def is_news(self, cause: str) -> bool:
        """Whether to log this cause now; it then counts as logged."""
        now = time.monotonic()
        if now - self._told.get(cause, -_EVERY_SECONDS) < _EVERY_SECONDS:
            return False
        self._told[cause] = now
        return True

    def ended(self) -> None:
        """What failed works again: every cause is news from now on."""
        self._told.clear()
