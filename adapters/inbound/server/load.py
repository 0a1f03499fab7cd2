"""Sheds load: a process works on so many requests of programs at once, and refuses what it cannot take. Those that wait
for a remote system have a part of the places, and the accounts share that part.

Reasons: docs/decisions/0065-load.md.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager, nullcontext
from math import inf

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from adapters.inbound.server.owner_limit import SharedPlaces
from adapters.inbound.server.rate_limit import Pause, owner_of
from core.model.shared.errors import TimeMends

_HELD_SECONDS = 5.0
"""How long a refused request waits for its answer, so that callers who ask again at once cannot keep us busy with that.
"""
_TOLD_EVERY_SECONDS = 10.0
_RETRY_AFTER = 5
_SHARE_OF_OWNER = 0.75
_PART_FOR_REMOTE, _SHARE_OF_REMOTE = 0.75, 0.5
"""A quarter of the places never waits for a remote system. Of the others, one account has a third at most."""
_log = structlog.get_logger()


class Overloaded(TimeMends):
    """The process has as much to do as it can take."""

    default_code = "OVERLOADED"


class RemoteSystemSlow(TimeMends):
    """As many requests of the account as may wait for ServiceTrade or Spectrum already."""

    default_code = "REMOTE_SYSTEM_SLOW"


class Load:
    """The requests in work: `most` of them, and of one owner three quarters at most, so that others find a place.
    Of those refused, `most_held` wait for their answer at the same time. `remote` are the places of those that wait for
    a remote system."""

    def __init__(self, most: int, most_held: int, seconds: Callable[[], float], pause: Pause = asyncio.sleep) -> None:
        self.shed = 0
        self.remote = SharedPlaces(int(most * _PART_FOR_REMOTE), _SHARE_OF_REMOTE)
        self._pause = pause
        self._seconds = seconds
        self._told, self._told_at = 0, -inf
        self._held = 0
        self._most_held = most_held
        self._most = most
        self._most_of_owner = max(1, int(most * _SHARE_OF_OWNER))
        self._of_owner: Counter[str] = Counter()
        self._all = 0

    @property
    def in_work(self) -> int:
        return self._all

    def has_room(self, owner: str) -> bool:
        return self._all < self._most and self._of_owner[owner] < self._most_of_owner

    @contextmanager
    def at_work(self, owner: str, places: int = 1) -> Iterator[None]:
        """Count one more until the block ends, or one less with `places` -1."""
        self._count(owner, places)
        try:
            yield
        finally:
            self._count(owner, -places)

    async def refuse(self) -> bool:
        """Count a refusal, and hold it up. False, and no wait, if as many as allowed are held already. The log says
        every ten seconds how many there were: a line for each would be work, too."""
        self.shed += 1
        if (now := self._seconds()) - self._told_at >= _TOLD_EVERY_SECONDS:
            _log.warning(
                "requests.refused",
                refused=self.shed - self._told,
                since_start=self.shed,
                in_work=self._all,
                waiting_for_remote=self.remote.taken,
            )
            self._told, self._told_at = self.shed, now
        if self._held >= self._most_held:
            return False
        self._held += 1
        try:
            await self._pause(_HELD_SECONDS)
        finally:
            self._held -= 1
        return True

    def _count(self, owner: str, places: int) -> None:
        self._all += places
        self._of_owner[owner] += places
        if not self._of_owner[owner]:
            del self._of_owner[owner]


_LOAD = web.RequestKey("load", Load)
_SHED = web.RequestKey("shed", bool)
"""For a refused request: whether it was held."""
_ASKING = web.RequestKey("asking", str)
"""For a request with a place among those that wait for a remote system: who has it."""


def shed_load(load: Load) -> Middleware:
    """Runs after the check of the key: health checks, metrics, ServiceTrade's events and people at the console are
    never refused."""

    @web.middleware
    async def take_a_place(request: web.Request, handler: Handler) -> web.StreamResponse:
        if (owner := owner_of(request)) is None:
            return await handler(request)
        if not load.has_room(owner):
            request[_SHED] = await load.refuse()
            raise Overloaded(
                "Jobferry has as much to do as it can take. Nothing of this request was done.",
                fix=f"Send it again after {_RETRY_AFTER} seconds.",
                retry_after=_RETRY_AFTER,
            )
        request[_LOAD] = load
        with load.at_work(owner):
            return await handler(request)

    return take_a_place


@asynccontextmanager
async def asking_remote(request: web.Request, owner: str) -> AsyncIterator[None]:
    """The request may wait for ServiceTrade or Spectrum in this block, for an `owner` whose systems these are. Raises
    RemoteSystemSlow, so that an account whose systems do not answer leaves places to others."""
    load = request.get(_LOAD)
    if load is None:
        yield
        return
    with load.remote.place(owner) as free:
        if not free:
            with at_rest(request):
                request[_SHED] = await load.refuse()
            raise RemoteSystemSlow(
                "As many requests of this account as may wait for ServiceTrade or Spectrum. Nothing of this request "
                "was done.",
                fix=f"Send it again after {_RETRY_AFTER} seconds. If that goes on, ServiceTrade or Spectrum is slow or "
                "does not answer: look there.",
                retry_after=_RETRY_AFTER,
            )
        request[_ASKING] = owner
        try:
            yield
        finally:
            del request[_ASKING]


def was_shed(request: web.Request) -> bool:
    """Whether the request was refused because of the load."""
    return _SHED in request


async def free_connection(request: web.Request, response: web.StreamResponse) -> None:
    """Close the TCP connection of a request that was refused and not held, or callers without a place would take all
    connections, also those that people and health checks need. aiohttp has set its headers by now."""
    if request.get(_SHED) is False:
        response.headers["Connection"] = "close"
        response.force_close()


@contextmanager
def at_rest(request: web.Request) -> Iterator[None]:
    """The request only waits in this block, for an event or the end of a send: others may work meanwhile, and ask the
    remote system that it has asked before."""
    load, owner = request.get(_LOAD), owner_of(request)
    if load is None or owner is None:
        yield
        return
    asking = request.get(_ASKING)
    with load.at_work(owner, -1), load.remote.given_back(asking) if asking else nullcontext():
        yield
