"""The machine's clock."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from ports.clock import Clock

# On macOS the monotonic clock also counts the time that the machine sleeps.
_BOOT_CLOCK = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class SystemClock(Clock):
    def now(self) -> datetime:
        return datetime.now(UTC)

    def boot_seconds(self) -> float:
        return time.clock_gettime(_BOOT_CLOCK)
