"""Counts over rows in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from adapters.outbound.memory.rows import StoredConnection
from core.model.operations.stats import InstallationStats
from core.model.sending.send import Send
from core.model.work_orders.cost_line import LedgerLine, LineState


def census_of(
    sends: Iterable[Send], connections: Mapping[str, StoredConnection], lines: Iterable[LedgerLine]
) -> InstallationStats:
    """Return the counts. There are no workers here, so there are no heartbeats."""
    running = {key for key, stored in connections.items() if not stored.connection.paused}
    sends = list(sends)
    return InstallationStats(
        sends=Counter(send.state for send in sends),
        oldest_due=min((s.due_at for s in sends if s.due_at is not None and s.connection_id in running), default=None),
        doubts=sum(line.state is LineState.IN_DOUBT for line in lines),
        connections=len(connections),
        held=sum(stored.connection.hold is not None for stored in connections.values()),
        paused=len(connections) - len(running),
        workers=0,
    )
