"""Moments in words, in one style in all texts that people read: `30 Nov 2026, 14:20 UTC`."""

from __future__ import annotations

import re
from datetime import UTC, datetime

EARLIEST, LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2999, 12, 31, tzinfo=UTC)
"""What somebody tells us lies between them. Beyond are typing errors; and at the ends of Python's calendar a moment is
not in every time zone."""
IN_A_TEXT = re.compile(r"(\bat )?\b(\d{1,2} [A-Z][a-z]{2} \d{4}, \d\d:\d\d)(:\d\d)? UTC\b", re.ASCII)
"""Finds what `moment_words` writes, with an `at` before it: group 1, if it is there."""


def day_words(at: datetime) -> str:
    """The day in UTC, such as `30 Nov 2026`."""
    at = at.astimezone(UTC)
    return f"{at.day} {at:%b %Y}"


def moment_words(at: datetime, *, seconds: bool = False) -> str:
    """Day and time in UTC, to the minute or to the second."""
    at = at.astimezone(UTC)
    clock = f"{at:%H:%M:%S}" if seconds else f"{at:%H:%M}"
    return f"{day_words(at)}, {clock} UTC"


def moment_of(found: re.Match[str]) -> datetime:
    """The moment that `IN_A_TEXT` found. Raises ValueError for digits that are no time."""
    return datetime.strptime(f"{found[2]}{found[3] or ':00'}", "%d %b %Y, %H:%M:%S").replace(tzinfo=UTC)
