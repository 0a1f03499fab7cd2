"""Turns at the database: while several tenants have work, each does it in one transaction of this process at a time.

Every session that works takes processor time from all others: from those of the server's other sessions, and from this
process. With twenty at work for one tenant, each step of another tenant's send takes twenty times as long.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter, deque
from typing import Self

BESIDE_OTHERS = 1
"""How many turns a tenant has while others have work, too. A tenant that is alone has all it asks for."""
RECENT = 1.0
"""Seconds for which a tenant counts as one that has work, after it has asked for a turn."""
LONGEST = 0.02
"""Seconds for which a turn counts. Who is not done then waits for a lock, or the database is slow or far away: the next
one may begin."""

_Waiting = asyncio.Future[None]


class Turns:
    """A tenant waits for its own turns only. So one that comes while another one is busy begins at once.

    `beside_others` must be at least 1.
    """

    def __init__(self, beside_others: int = BESIDE_OTHERS) -> None:
        self._beside_others = beside_others
        self._taken: Counter[str] = Counter()
        """How many turns each tenant has. Only tenants that have one are listed."""
        self._waiting: dict[str, deque[_Waiting]] = {}
        """Who waits, by tenant. A tenant that waits has a turn, whose end lets the next one begin."""
        self._asked: dict[str, float] = {}
        """When each tenant that has work asked last, the one that asked longest ago first."""

    def of(self, tenant_id: str) -> Turn:
        """A context manager that waits for a turn, and gives it back at its end.
        Inside of another turn it may have to wait until that one counts no more."""
        return Turn(self, tenant_id)

    async def take(self, tenant_id: str) -> None:
        """Take a turn; `give_back` must follow."""
        self._asked.pop(tenant_id, None)
        self._asked[tenant_id] = asyncio.get_running_loop().time()
        if tenant_id not in self._waiting and self._may(tenant_id):
            self._begin(tenant_id)
            return
        waiting: _Waiting = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(tenant_id, deque()).append(waiting)
        try:
            await waiting
        except asyncio.CancelledError:
            if not waiting.cancelled():
                self.give_back(tenant_id)  # it was given at the same moment
            raise

    def give_back(self, tenant_id: str) -> None:
        """The turn has ended. Whoever of the tenant may begin now has a turn at once."""
        self._taken[tenant_id] -= 1
        if not self._taken[tenant_id]:
            del self._taken[tenant_id]
        line = self._waiting.get(tenant_id)
        while line and self._may(tenant_id):
            waiting = line.popleft()
            if not waiting.done():
                self._begin(tenant_id)
                waiting.set_result(None)
        if not line:
            self._waiting.pop(tenant_id, None)

    def _may(self, tenant_id: str) -> bool:
        return self._taken.get(tenant_id, 0) < self._share()

    def _share(self) -> int:
        """How many turns a tenant may have now."""
        recent = asyncio.get_running_loop().time() - RECENT
        while self._asked and self._asked[first := next(iter(self._asked))] < recent:
            del self._asked[first]
        return self._beside_others if len(self._asked) > 1 else sys.maxsize

    def _begin(self, tenant_id: str) -> None:
        self._taken[tenant_id] += 1


class Turn:
    """One turn. It counts until its block ends, or until it has taken too long."""

    __slots__ = ("_lapse", "_tenant_id", "_turns")

    def __init__(self, turns: Turns, tenant_id: str) -> None:
        self._turns = turns
        self._tenant_id = tenant_id
        self._lapse: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        await self._turns.take(self._tenant_id)
        self._lapse = asyncio.get_running_loop().call_later(LONGEST, self._end)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._end()

    def _end(self) -> None:
        if self._lapse:
            self._lapse.cancel()
            self._lapse = None
            self._turns.give_back(self._tenant_id)
