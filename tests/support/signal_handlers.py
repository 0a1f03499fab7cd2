"""`signal.getsignal` and `signal.signal` look for a handler among the few that have a number, and describe one that is
not among them, in an error that nobody sees. asyncio's own handler holds the task of a fixture, and with it all that
the fixture made: to describe that took a fiftieth of the time of the journeys."""

from __future__ import annotations

import signal
from enum import IntEnum
from typing import Any


def describe_no_handlers() -> None:
    """From now on only numbers are looked for."""
    named = getattr(signal, "_int_to_enum", None)
    if named is None:  # it is Python's own affair, and a later Python may do without
        return

    def named_number(value: Any, names: type[IntEnum]) -> Any:
        return named(value, names) if isinstance(value, int) else value

    signal._int_to_enum = named_number  # type: ignore[attr-defined]
