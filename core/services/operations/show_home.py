"""The start page: causes that need attention, doubts, connections and recent sends; and its warnings, one by one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from core.model.catalogue import CATALOGUE
from core.model.connections.connection import Connection
from core.model.sending.send import Cause, DashboardWarning, Send, SendState
from core.model.shared.errors import NotFound
from core.model.shared.finding import Finding, Retry
from core.model.shared.position import Position
from core.model.work_orders.cost_line import LedgerLine
from core.services.sending.batches import LARGEST_BATCH
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
            connections = [one.shown_at(now) for one in await t.connections.all()]
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


class Warnings(Service):
    """The dashboard's open warnings: list them, all or those of one cause, and dismiss one."""

    async def open(
        self, tenant_id: str, *, limit: int = 100, after: Position | None = None
    ) -> Sequence[tuple[DashboardWarning, str]]:
        """The newest first, each with the slug of its connection. `after` has the same meaning as in the port."""
        async with self._transactions.begin(tenant_id) as t:
            slugs = {c.id: c.slug for c in await t.connections.all()}
            return [(w, slugs[w.connection_id]) for w in await t.warnings.open(limit=limit, after=after)]

    async def of_cause(self, tenant_id: str, code: str) -> Trouble:
        """The cause with its newest LARGEST_BATCH open warnings. Raises NotFound (CAUSE_NOT_FOUND) if none is open."""
        async with self._transactions.begin(tenant_id) as t:
            cause = next((one for one in await t.warnings.causes() if one.code == code), None)
            if cause is None:
                raise NotFound(
                    "No warning of this cause is open any more.", code="CAUSE_NOT_FOUND", fix="See the start page."
                )
            return await trouble(t, cause, LARGEST_BATCH)

    async def dismiss(self, tenant_id: str, warning_id: str) -> None:
        """Dismiss a warning. The send itself does not change. Raises NotFound (WARNING_NOT_FOUND)."""
        async with self._transactions.begin(tenant_id) as t:
            await t.warnings.dismiss(warning_id)
