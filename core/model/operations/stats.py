"""Counts of a whole installation, over all tenants."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from core.model.operations.job_counts import Waiting
from core.model.sending.send import SendState


@dataclass(frozen=True, slots=True, kw_only=True)
class InstallationStats:
    """`jobs` are counted as on the tenants' pages; `attention` are those that wait for a person,
    `new_records` the sites and customers for Spectrum that do, `unclear_annotations` the notes and documents.

    `oldest_due` is the due time of the send that is overdue longest, on connections that are not paused. `workers`
    counts the processes with a recent heartbeat.
    """

    sends: Mapping[SendState, int]
    jobs: Mapping[Waiting, int]
    attention: int
    new_records: int
    unclear_annotations: int
    oldest_due: datetime | None
    doubts: int
    connections: int
    held: int
    paused: int
    workers: int


@dataclass(frozen=True, slots=True)
class WorkerHeartbeat:
    """One worker process: its last heartbeat, and the ids of the connections that it drains."""

    id: int
    seen_at: datetime
    in_hand: Sequence[str] = ()
