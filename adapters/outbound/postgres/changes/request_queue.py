"""Requests for sends that come while others of their connection are being stored wait for these, and then go together
in one call and one transaction. So a request costs a part of what it costs alone, and one wait for the disk serves all.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field

import psycopg

from ports.storage.send_requests import RequestedSends, StoredRequest

MOST = 500
"""The most sends in one call, unless one request has more."""
_ALONE_AT_ONCE = 2
StoreTogether = Callable[[str, Sequence[RequestedSends]], Awaitable[Sequence[StoredRequest]]]
"""Called with the tenant, and requests over one connection that have no job in common."""
_OF_ONE_REQUEST = (psycopg.DataError, psycopg.IntegrityError, psycopg.errors.LockNotAvailable)
"""What PostgreSQL refuses because of one of the requests. Nothing of the call is stored then, which is not as certain
after other errors: those are told to all, and nothing is repeated."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    request: RequestedSends
    answer: asyncio.Future[StoredRequest] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class RequestQueue:
    """Each request is answered for itself, and none is lost if the caller of another one is cancelled."""

    def __init__(self, store: StoreTogether) -> None:
        self._store = store
        self._queues: dict[tuple[str, str], list[_Waiting]] = {}
        """Who waits, by tenant and slug; an entry exists while a task serves it."""
        self._serving: set[asyncio.Task[None]] = set()

    async def __call__(self, tenant_id: str, request: RequestedSends) -> StoredRequest:
        """Store the request with the next call. Raises what storing raises."""
        one, place = _Waiting(request), (tenant_id, request.slug)
        if place in self._queues:
            self._queues[place].append(one)
        else:
            self._queues[place] = [one]
            task = asyncio.create_task(self._serve(place))
            self._serving.add(task)
            task.add_done_callback(self._serving.discard)
        return await one.answer

    async def _serve(self, place: tuple[str, str]) -> None:
        queue, together = self._queues[place], list[_Waiting]()
        try:
            while queue:
                together = _taken_from(queue)
                await self._store_and_answer(place[0], together)
        finally:
            del self._queues[place]
            for one in (*together, *queue):  # the process stops: those who were answered are done
                one.answer.cancel()

    async def _store_and_answer(self, tenant_id: str, together: Sequence[_Waiting]) -> Exception | None:
        """Returns the error that was told to all of them, if there was one."""
        if not together:
            return None
        try:
            stored = await self._store(tenant_id, [one.request for one in together])
        except Exception as error:
            if len(together) > 1 and isinstance(error.__cause__ or error, _OF_ONE_REQUEST):
                await self._store_each(tenant_id, together)
                return None
            _tell(together, error)
            return error
        else:
            for one, answer in zip(together, stored, strict=True):
                if not one.answer.done():
                    one.answer.set_result(answer)
            return None

    async def _store_each(self, tenant_id: str, requests: Sequence[_Waiting]) -> None:
        """Each alone. Two wait at the same time at most: if both wait for a lock in vain, it is not of a key but of the
        connection, and all others would take the sessions of other tenants to wait for it."""
        left, locked = deque(requests), list[Exception]()

        async def store() -> None:
            while left and len(locked) < _ALONE_AT_ONCE:
                error = await self._store_and_answer(tenant_id, [left.popleft()])
                if error and isinstance(error.__cause__ or error, psycopg.errors.LockNotAvailable):
                    locked.append(error)

        await asyncio.gather(*(store() for _ in range(_ALONE_AT_ONCE)))
        if left:
            _tell(left, locked[0])


def _tell(requests: Iterable[_Waiting], error: Exception) -> None:
    for one in requests:
        if not one.answer.done():
            one.answer.set_exception(error)


def _taken_from(queue: list[_Waiting]) -> list[_Waiting]:
    """Take the next ones, in their order, without those whose caller has gone. One whose job is among them already
    stays, because it has to see the other's send."""
    taken: list[_Waiting] = []
    left: list[_Waiting] = []
    jobs: set[str] = set()
    for one in queue:
        its = {new.job_id for new in one.request.sends}
        if one.answer.done():
            continue
        if its & jobs or (taken and len(jobs) + len(its) > MOST):
            left.append(one)
        else:
            taken.append(one)
        jobs |= its
    queue[:] = left
    return taken
