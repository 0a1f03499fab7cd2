"""Requests for sends that come while others of their connection are being stored wait for these, and then go together
in one call and one transaction. So a request costs a part of what it costs alone, and one wait for the disk serves all.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import psycopg

from ports.storage.send_requests import RequestedSends, StoredRequest

MOST = 500
"""The most sends in one call, unless one request has more."""
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
        queue = self._queues[place]
        try:
            while queue:
                await self._store_and_answer(place[0], _taken_from(queue))
        finally:
            del self._queues[place]
            for one in queue:  # the process stops
                one.answer.cancel()

    async def _store_and_answer(self, tenant_id: str, together: Sequence[_Waiting]) -> None:
        if not together:
            return
        try:
            stored = await self._store(tenant_id, [one.request for one in together])
        except Exception as error:
            if len(together) > 1 and isinstance(error.__cause__ or error, _OF_ONE_REQUEST):
                await asyncio.gather(*(self._store_and_answer(tenant_id, [one]) for one in together))
                return
            for one in together:
                if not one.answer.done():
                    one.answer.set_exception(error)
        except BaseException:
            for one in together:
                one.answer.cancel()
            raise
        else:
            for one, answer in zip(together, stored, strict=True):
                if not one.answer.done():
                    one.answer.set_result(answer)


def _taken_from(queue: list[_Waiting]) -> Sequence[_Waiting]:
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
