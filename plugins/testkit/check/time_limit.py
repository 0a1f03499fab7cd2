"""Ends a rule that does not return, so that the check can say which one it is, and in which line."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Endless(BaseException):
    """Raised inside a rule. No `except Exception` of the rule catches it."""


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise Endless in the block after so many seconds; not inside a single long call of C code."""
    before = signal.signal(signal.SIGALRM, _end)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _end(*_: Any) -> None:
    raise Endless
