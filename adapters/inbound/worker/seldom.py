"""Keeps the log short while something fails again and again."""

from __future__ import annotations

import time

_EVERY_SECONDS = 60.0


class Seldom:
    """Says whether to tell of a cause: the first time, and once a minute until it is `over`."""

    def __init__(self) -> None:
        self._told: dict[str, float] = {}

    def is_due(self, cause: str) -> bool:
        now = time.monotonic()
        if now - self._told.get(cause, -_EVERY_SECONDS) < _EVERY_SECONDS:
            return False
        self._told[cause] = now
        return True

    def over(self) -> None:
        self._told.clear()
