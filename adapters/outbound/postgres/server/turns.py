"""Turns at the database: a few transactions of this process at once, and its tenants one after the other.

Every session that works takes processor time from all others: from those of the server's other sessions, and from this
process. With twenty at work for one tenant, each step of another tenant's send takes twenty times as long.
"""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from typing import Self

AT_ONCE = 4
LONGEST = 0.1
"""Seconds for which a turn counts. Who is not done then waits for a lock, or the database is slow: others may begin,
so that they wait no longer than without turns."""

_Waiting = asyncio.Future[None]


class Turns:
    """At most `at_once` turns count at the same time, and all but one of them for one tenant. So a tenant that comes
    while another one is busy begins at once."""

    def __init__(self, at_once: int = AT_ONCE) -> None:
        self._free = at_once
        self._taken: Counter[str] = Counter()
        """How many turns each tenant has. Only tenants that have one are listed."""
        self._lines: dict[str, deque[_Waiting]] = {}
        """Who waits, by tenant. The tenant that was given a turn last is at the end."""

    def of(self, tenant_id: str) -> Turn:
        """A context manager that waits for a turn, and gives it back at its end.
        Inside of another turn it may have to wait until that one counts no more."""
        return Turn(self, tenant_id)

    async def take(self, tenant_id: str) -> None:
        """Take a turn; `give_back` must follow."""
        if tenant_id not in self._lines and self._may(tenant_id):
            self._begin(tenant_id)
            return
        waiting: _Waiting = asyncio.get_running_loop().create_future()
        self._lines.setdefault(tenant_id, deque()).append(waiting)
        try:
            await waiting
        except asyncio.CancelledError:
            if not waiting.cancelled():
                self.give_back(tenant_id)  # it was given at the same moment
            raise

    def give_back(self, tenant_id: str) -> None:
        """The turn has ended. Whoever may begin now has a turn at once."""
        self._free += 1
        self._taken[tenant_id] -= 1
        if not self._taken[tenant_id]:
            del self._taken[tenant_id]
        while (following := self._following()) is not None:
            line = self._lines.pop(following)
            waiting = line.popleft()
            if not waiting.done():
                self._begin(following)
                waiting.set_result(None)
            if line:
                self._lines[following] = line

    def _following(self) -> str | None:
        """Whose turn is next: the tenant with the fewest turns, if there is one for it."""
        fewest = min(self._lines, key=lambda tenant_id: self._taken[tenant_id], default=None)
        return fewest if fewest is not None and self._may(fewest) else None

    def _may(self, tenant_id: str) -> bool:
        return self._free > (1 if tenant_id in self._taken else 0)

    def _begin(self, tenant_id: str) -> None:
        self._free -= 1
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
