"""How long an installation keeps what grows with its work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionPeriods:
    """None keeps for ever. `attempts` and `sends` count from the end of the send, `completions` from the time of the
    completion, and the others from the time at which they were stored. `deliveries` are webhook events and messages.

    A send stays at least as long as its Idempotency-Key, because a repeated request is answered with the send.
    """

    attempts: timedelta | None = timedelta(days=90)
    sends: timedelta | None = timedelta(days=400)
    completions: timedelta | None = timedelta(days=730)
    audit: timedelta | None = timedelta(days=730)
    deliveries: timedelta = timedelta(days=30)
    idempotency_keys: timedelta = timedelta(days=30)

    def completions_since(self, now: datetime) -> datetime | None:
        """The time before which completions are forgotten, so that they must not trigger a send. None: there is none.

        They are deleted a day later than this, because the clocks of the machines differ.
        """
        return None if self.completions is None else now - self.completions
