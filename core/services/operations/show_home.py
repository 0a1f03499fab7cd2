"""The start page: causes that need attention, doubts, connections and recent sends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from core.model.catalogue import CATALOGUE
from core.model.connections.connection import Connection
from core.model.sending.send import Cause, DashboardWarning, Send, SendState
from core.model.shared.finding import Finding, Retry
from core.model.work_orders.cost_line import LedgerLine
from core.services.service import Service
from ports.storage.transactions import TenantTransaction

LATELY = timedelta(hours=24)
MOST_CAUSES, MOST_OF_A_CAUSE, MOST_DOUBTS, MOST_SENDS = 20, 5, 10, 15
_IN_DOUBT = "IN_DOUBT_POST"
"""Not shown as a cause, because the page lists each line in doubt."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """One cause with its newest warnings."""

    cause: Cause
    warnings: Sequence[DashboardWarning]

    @property
    def finding(self) -> Finding:
        return self.warnings[0].finding

    @property
    def by_itself(self) -> bool:
        """Jobferry tries again by itself; no person has to act yet."""
        return _by_itself(self.cause)

    @property
    def again(self) -> bool:
        """Whether a person can retry all its sends."""
        return all(one.send_id for one in self.warnings) and self.finding.retry is not Retry.VERIFY_FIRST


@dataclass(frozen=True, slots=True, kw_only=True)
class Home:
    """`waiting`: how many causes need a person. `doubts`: the oldest ones. `counts`, `sends`: of the last 24 hours."""

    connections: Sequence[Connection]
    troubles: Sequence[Trouble]
    causes_left_out: int
    waiting: int
    doubts: Sequence[LedgerLine]
    more_doubts: bool
    counts: Mapping[SendState, int]
    sends: Sequence[Send]
    ever_sent: bool

    @property
    def attention(self) -> int:
        """How many things wait for a person."""
        return self.waiting + bool(self.doubts)


class ShowHome(Service):
    async def __call__(self, tenant_id: str) -> Home:
        """Read our own rows only, so the page opens at once, independent of the remote systems. Causes that only a
        person can fix come first, then the most frequent ones."""
        now = self._clock.now()
        async with self._transactions.begin(tenant_id) as t:
            causes = [cause for cause in await t.warnings.causes() if cause.code != _IN_DOUBT]
            causes.sort(key=_by_itself)
            troubles = [await trouble(t, cause, MOST_OF_A_CAUSE) for cause in causes[:MOST_CAUSES]]
            doubts = await t.ledger.doubts(limit=MOST_DOUBTS + 1)
            newest = await t.sends.page(limit=MOST_SENDS)
            connections = await t.connections.all()
            # A connection held for items needs a person, even if its warning was dismissed.
            untold = {one.items_hold.finding.code for one in connections if one.items_hold}
            untold -= {cause.code for cause in causes}
            return Home(
                connections=connections,
                troubles=[one for one in troubles if one.warnings],
                waiting=sum(not _by_itself(cause) for cause in causes) + len(untold),
                causes_left_out=max(0, len(causes) - MOST_CAUSES),
                doubts=doubts[:MOST_DOUBTS],
                more_doubts=len(doubts) > MOST_DOUBTS,
                counts=await t.sends.count_since(now - LATELY),
                sends=[send for send in newest if send.requested_at >= now - LATELY],
                ever_sent=bool(newest),
            )


def _by_itself(cause: Cause) -> bool:
    entry = CATALOGUE.get(cause.code)
    return entry is not None and entry.retry is Retry.BACKOFF


async def trouble(t: TenantTransaction, cause: Cause, most: int) -> Trouble:
    return Trouble(cause, await t.warnings.open(limit=most, code=cause.code))
