"""Requested sends, stored in one call of a database function (migrations/sql/requesting.sql)."""

from __future__ import annotations

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
        known = self._reader.known(self._calls.tenant_id, None, request.slug)
        [stored] = await self._calls(("request_sends", {**_asked(request), **known.asked()}))
        if stored is None:
            raise connection_missing(request.slug)
        connection = self._reader.connection(stored["connection"], known)
        if first := stored.get("first"):
            key = BoundKey(first["key"], first["body_hash"], first["send_id"])
            return StoredRequest(connection=connection, first=key)
        if waiting := stored.get("waiting"):
            return StoredRequest(connection=connection, waiting=waiting)
        now, seqs = datetime.fromisoformat(stored["now"]), stored["seqs"]
        sends = [new.queued(connection.tenant_id, connection.id, now, seqs[new.id]) for new in request.sends]
        return StoredRequest(connection=connection, sends=sends)


def _asked(request: RequestedSends) -> Document:
    asked: Document = {"slug": request.slug, "sends": [_new_document(new) for new in request.sends]}
    if request.look_for:
        asked["look_for"] = list(request.look_for)
    if request.key:
        asked["key"] = fields_of(request.key)
    return asked


def _new_document(new: NewSend) -> Document:
    """Return the columns that are known before the send is stored."""
    fields = send_fields(new.queued("", "", _UNKNOWN))
    return {name: value for name, value in fields.items() if name not in _SET_BY_THE_DATABASE}
