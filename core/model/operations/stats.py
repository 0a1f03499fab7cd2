"""How an installation stands as a whole: numbers only, of all tenants together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.model.sending.send import SendState


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationStats:
    """`oldest_due` is the moment of the send that waits longest past its time, on a connection nobody has paused.

    `workers` are the processes that have given a sign of life lately.
    """

    sends: Mapping[SendState, int]
    oldest_due: datetime | None
    doubts: int
    connections: int
    held: int
    paused: int
    workers: int


@dataclass(frozen=True, slots=True)
class WorkerHeartbeat:
    """One process that works: its last sign of life, and the ids of the connections it has in hand."""

    id: int
    seen_at: datetime
    in_hand: Sequence[str] = ()
