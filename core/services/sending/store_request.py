"""Store requested sends, in one call of the database unless older sends of the same jobs have to give way."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from dataclasses import replace

import structlog

from core.model.connections.connection import Connection
from core.model.sending.lifecycle.acts import waits_without_items
from core.model.sending.lifecycle.event import GaveWay
from core.model.sending.send import SendState
from core.model.sending.send_filter import SendFilter
from core.model.shared.errors import Conflict, TimeMends
from core.services.sending.lifecycle.commit_change import CommitChange
from core.services.service import Dependencies, Service
from ports.storage.send_requests import BoundKey, RequestedSends, Room, StoredRequest
from ports.storage.transactions import TenantTransaction

_log = structlog.get_logger()
WAITING = (SendState.QUEUED, SendState.RETRYING)
_LOOK_AGAIN_SECONDS = 30.0


class QueueFull(TimeMends):
    """As many sends of the tenant wait as the operator allows. Nothing of the request was stored."""

    default_code = "QUEUE_FULL"

    def __init__(self, waiting: int, asked: int, most: int) -> None:
        sends = "1 send more was" if asked == 1 else f"{asked} sends more were"
        super().__init__(
            f"{waiting} sends of this account wait already, and at most {most} may wait. {sends} asked for.",
            fix="Ask again when some of them have ended."
            if asked <= most
            else f"Ask for {most} sends at once at most.",
            retry_after=_LOOK_AGAIN_SECONDS,
        )


class StoreRequest(Service):
    def __init__(self, d: Dependencies, commit: CommitChange) -> None:
        super().__init__(d)
        self._commit = commit
        self._room = None if d.sends_waiting_at_most is None else Room(d.sends_waiting_at_most, WAITING)

    async def __call__(self, tenant_id: str, request: RequestedSends) -> StoredRequest:
        """All sends of the request or none: then `first` is what its key was bound to before.

        Raises NotFound (connection), Conflict (IDEMPOTENCY_KEY_REUSED), QueueFull.
        """
        stored = await self._transactions.request(tenant_id, replace(request, look_for=WAITING, room=self._room))
        self._require_room(request, stored)
        if stored.waiting:
            stored = await self._in_place_of_others(tenant_id, request, stored)
        if request.key and stored.first:
            require_same(request.key, stored.first)
        return stored

    async def _in_place_of_others(self, tenant_id: str, request: RequestedSends, found: StoredRequest) -> StoredRequest:
        """Supersede the older sends that wait, and store the new ones, in one transaction."""
        async with self._transactions.begin(tenant_id) as t:
            return await self.within(t, found.connection, request, found.waiting)

    async def within(
        self, t: TenantTransaction, connection: Connection, request: RequestedSends, jobs: Collection[str]
    ) -> StoredRequest:
        """Store the requested sends in the caller's transaction. Waiting older sends of these `jobs` are superseded.

        Whoever has changed anything before called `take_turn`. Raises QueueFull; the transaction must then be undone.
        """
        if key := request.key:
            first = await t.sends.bind_key(key)
            if first.bound_to != key.bound_to:
                return StoredRequest(connection=connection, first=first)
        await self.take_turn(t)
        superseded = []
        for job_id in jobs:
            superseded += await self._supersede(t, connection.id, job_id)
        stored = await t.requests.store(replace(request, room=self._room))
        self._require_room(request, stored)
        by = {send.job_id: send.id for send in stored.sends}
        for send_id, job_id in superseded:
            _log.info("send.superseded", tenant=connection.tenant_id, send=send_id, by=by[job_id])
        return stored

    async def take_turn(self, t: TenantTransaction) -> None:
        """Before anything is changed but the key: see `SendRequests.take_turn`."""
        if self._room:
            await t.requests.take_turn()

    def _require_room(self, request: RequestedSends, stored: StoredRequest) -> None:
        if self._room and stored.full is not None:
            raise QueueFull(stored.full, len(request.sends), self._room.most)

    async def _supersede(self, t: TenantTransaction, connection_id: str, job_id: str) -> list[tuple[str, str]]:
        """Supersede the job's sends that have written nothing yet: the new one includes all that they have. Returns
        their ids, each with the job's."""
        gone = []
        # Read without a lock; `commit` locks the connection and reads the send again.
        waiting = SendFilter(states=WAITING, connection_id=connection_id, job_id=job_id)
        for old in await t.sends.page(waiting):
            if waits_without_items(old):
                with suppress(Conflict):  # it has begun since, so it is executed
                    gone.append(((await self._commit.within(t, old.id, GaveWay())).send.id, job_id))
        return gone


def require_same(key: BoundKey, first: BoundKey) -> None:
    """Raises Conflict (IDEMPOTENCY_KEY_REUSED) if the first request with the key was another one."""
    if first.body_hash != key.body_hash:
        raise key_reused()


def key_reused() -> Conflict:
    """The error for a key that was used for a different request."""
    return Conflict(
        "The Idempotency-Key was used before for a different request.",
        code="IDEMPOTENCY_KEY_REUSED",
        fix="Use a new key for every new request. Repeat a key only with exactly the same body.",
    )
