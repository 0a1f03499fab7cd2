"""The machine's clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from ports.clock import Clock

# On macOS the monotonic clock itself goes on through sleep.
_BOOT_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class SystemClock(Clock):
    def now(self) -> datetime:
        return datetime.now(UTC)

    def boot_seconds(self) -> float:
        return time.clock_gettime(_BOOT_CLOCK)
