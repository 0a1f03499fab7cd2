"""Days that people type into filters."""

from __future__ import annotations

from datetime import date


def day_of(text: str) -> date | None:
    """The day of an input, None for text that is no day, and for days at the ends of Python's calendar."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if date.min.year < day.year < date.max.year else None
