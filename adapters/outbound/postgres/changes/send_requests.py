"""Requested sends, stored in one call of a database function (migrations/sql/requesting.sql), also of many requests."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from adapters.outbound.postgres.changes.documents import Document
from adapters.outbound.postgres.changes.functions import Functions
from adapters.outbound.postgres.changes.row_reader import RowReader
from adapters.outbound.postgres.connections import connection_missing
from adapters.outbound.postgres.records import fields_of, send_fields
from core.model.sending.new_send import NewSend
from ports.storage.send_requests import BoundKey, RequestedSends, SendRequests, StoredRequest

_UNKNOWN = datetime.min.replace(tzinfo=UTC)
_SET_BY_THE_DATABASE = ("tenant_id", "connection_id", "requested_at", "due_at")


class PostgresSendRequests(SendRequests):
    def __init__(self, functions: Functions, reader: RowReader) -> None:
        self._calls = functions
        self._reader = reader

    async def store(self, request: RequestedSends) -> StoredRequest:
        [stored] = await self.store_together(request.slug, [request])
        return stored

    async def take_turn(self) -> None:
        await self._calls(("take_request_turn", {}))

    async def store_together(self, slug: str, requests: Sequence[RequestedSends]) -> Sequence[StoredRequest]:
        """Requests over one connection, with the same `room`. None of their jobs may be in two of them. Raises what
        `store` raises."""
        known = self._reader.known(self._calls.tenant_id, None, slug)
        asked = {"slug": slug, "requests": [_request_document(one) for one in requests], **known.asked()}
        if room := requests[0].room:
            asked["room"] = {"most": room.most, "states": list(room.states)}
        [answer] = await self._calls(("request_sends", asked))
        if answer is None:
            raise connection_missing(slug)
        connection = self._reader.connection(answer["connection"], known)
        now, seqs, refused = datetime.fromisoformat(answer["now"]), answer["seqs"], answer["refused"]

        def stored(request: RequestedSends, refusal: Document) -> StoredRequest:
            if first := refusal.get("first"):
                key = BoundKey(first["key"], first["body_hash"], first["send_id"])
                return StoredRequest(connection=connection, first=key)
            if waiting := refusal.get("waiting"):
                return StoredRequest(connection=connection, waiting=waiting)
            if (full := refusal.get("full")) is not None:
                return StoredRequest(connection=connection, full=full)
            sends = [new.queued(connection.tenant_id, connection.id, now, seqs[new.id]) for new in request.sends]
            return StoredRequest(connection=connection, sends=sends)

        return [stored(one, refused.get(str(place), {})) for place, one in enumerate(requests, 1)]


def _request_document(request: RequestedSends) -> Document:
    document: Document = {"sends": [_new_document(new) for new in request.sends]}
    if request.look_for:
        document["look_for"] = list(request.look_for)
    if request.act:
        document["act"] = fields_of(request.act)
    if request.key:
        document["key"] = fields_of(request.key)
    return document


def _new_document(new: NewSend) -> Document:
    """Return the columns that are known before the send is stored."""
    fields = send_fields(new.queued("", "", _UNKNOWN))
    return {name: value for name, value in fields.items() if name not in _SET_BY_THE_DATABASE}
