"""Requested sends, in memory."""

from __future__ import annotations

from adapters.outbound.memory.connections import MemoryConnections
from adapters.outbound.memory.repository import Repository
from adapters.outbound.memory.sends import MemorySends
from adapters.outbound.memory.tenancy import MemoryAudit
from core.model.operations.audit import AuditEntry
from ports.storage.send_requests import RequestedSends, SendRequests, StoredRequest


class MemorySendRequests(Repository, SendRequests):
    async def take_turn(self) -> None:
        pass  # there is one transaction at a time

    async def store(self, request: RequestedSends) -> StoredRequest:
        of_tenant = (self._rows, self._tenant_id, self._now)
        connections, sends = MemoryConnections(*of_tenant), MemorySends(*of_tenant)
        connection = await connections.by_slug(request.slug)
        open_jobs = {
            send.job_id
            for send in self._rows.sends.values()
            if send.connection_id == connection.id and send.state in request.look_for
        }
        if waiting := [new.job_id for new in request.sends if new.job_id in open_jobs]:
            return StoredRequest(connection=connection, waiting=waiting)
        key = request.key
        first = await sends.find_key(key.key) if key else None
        if key and first and first.bound_to != key.bound_to:
            return StoredRequest(connection=connection, first=first)
        if room := request.room:
            full = sum(send.state in room.states for send in sends.ours())
            if full + len(request.sends) > room.most:
                return StoredRequest(connection=connection, full=full)
        if key:
            await sends.bind_key(key)
        stored = [await sends.add(new.queued(self._tenant_id, connection.id, self._now)) for new in request.sends]
        await connections.wake(connection.id, self._now)
        if act := request.act:
            await MemoryAudit(*of_tenant).record(AuditEntry(self._now, act.actor, act.action, act.subject, act.detail))
        return StoredRequest(connection=connection, sends=stored)
