"""Output that nobody reads or that has no room: it is dropped, so that the process does not fail on it once more."""

from __future__ import annotations

import os
import select
from collections.abc import Iterable
from typing import TextIO

_NO_FILE = (OSError, ValueError, AttributeError)
"""A stream that is closed, or none of the operating system's, as in a test."""


def unread(stream: TextIO) -> bool:
    """Whether the program that was to read the stream, such as `head`, has ended."""
    try:
        poll = select.poll()
        poll.register(stream.fileno(), 0)
        return any(found & select.POLLERR for _, found in poll.poll(0))
    except _NO_FILE:
        return False


def drop(streams: Iterable[TextIO]) -> None:
    """What these still hold, and what follows, goes nowhere."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for one in streams:
        try:
            os.dup2(nowhere, one.fileno())
        except _NO_FILE:
            continue
    os.close(nowhere)
