"""When the lists of a connection's Spectrum company are read by themselves: once a night, each connection at its own
time, so that hundreds of them do not all begin in one minute."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta, tzinfo

from core.model.connections.maintenance_window import MaintenanceWindow, window_at
from core.model.shared.time_zone import day_bounds, day_of

FIRST, LAST = timedelta(minutes=30), timedelta(hours=5)
"""After midnight in the tenant's time zone."""
AGAIN = timedelta(hours=2)
"""The pause after a reading that failed for a cause that may end by itself."""
_DAY = timedelta(days=1)


def next_night(connection_id: str, zone: tzinfo, windows: Sequence[MaintenanceWindow], now: datetime) -> datetime:
    """The connection's next moment at night, after a maintenance window that is on then."""
    spread = int((LAST - FIRST).total_seconds())
    into = FIRST + timedelta(seconds=zlib.crc32(connection_id.encode()) % spread)
    today = day_of(zone, now)
    moments = (day_bounds(zone, today + days * _DAY)[0] + into for days in range(3))
    moment = next(one for one in moments if one > now)
    window = window_at(windows, moment)
    return window.end.astimezone(UTC) if window else moment
