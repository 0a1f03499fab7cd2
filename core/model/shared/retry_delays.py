"""How long to wait before each retry."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class RetryDelays:
    """Seconds before the first, second, ... retry. The default is 1, 2, 5 and 15 minutes."""

    seconds: tuple[float, ...] = (60, 120, 300, 900)

    def __post_init__(self) -> None:
        if not self.seconds or any(s <= 0 for s in self.seconds):
            raise ValueError("retry delays must be a non-empty list of seconds, each more than 0")

    def after(self, failures: int) -> timedelta | None:
        """The pause after the nth failure (1 = the first); None when all retries are used up."""
        return timedelta(seconds=self.seconds[failures - 1]) if failures <= len(self.seconds) else None

    def held(self, failures: int) -> timedelta:
        """The pause after the nth failure of something that is retried without limit: the last delay repeats."""
        return timedelta(seconds=self.seconds[min(failures, len(self.seconds)) - 1])
