"""Requested sends, stored in one call with all that belongs to their request."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol, Self

from core.model.connections.connection import Connection
from core.model.sending.lifecycle.change import Act
from core.model.sending.new_send import NewSend
from core.model.sending.send import Send, SendState


@dataclass(frozen=True, slots=True)
class BoundKey:
    """An Idempotency-Key with the id of the send or batch that it is bound to. `body_hash` is of the request. `key`
    begins with the caller (`Caller.repeats_as`), so that two programs of a tenant never meet in one key."""

    key: str
    body_hash: str
    bound_to: str

    @classmethod
    def of(cls, caller: str, key: str, body_hash: str, bound_to: str) -> Self:
        """The key as this caller chose it. It follows the first slash: none of the name is written as one."""
        name = caller.replace("%", "%25").replace("/", "%2F")
        return cls(f"{name}/{key}", body_hash, bound_to)


@dataclass(frozen=True, slots=True)
class Room:
    """At most so many sends of a tenant may be in one of these states after a request is stored."""

    most: int
    states: Collection[SendState]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedSends:
    """Sends to store in this order, over the connection with this slug. They are stored only if none of their jobs has
    a send in one of the states `look_for`, if the key is not bound to anything else, and if there is `room`. `act` is
    what the audit says about the request; None where nobody asked."""

    slug: str
    sends: Sequence[NewSend]
    key: BoundKey | None = None
    look_for: Collection[SendState] = ()
    room: Room | None = None
    act: Act | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRequest:
    """`sends` as stored, empty if nothing was: then the key was bound before (`first`), or jobs are `waiting`, which
    have a send in one of the states that were looked for, or there was no room, because so many sends wait (`full`)."""

    connection: Connection
    sends: Sequence[Send] = ()
    first: BoundKey | None = None
    waiting: Collection[str] = ()
    full: int | None = None


class SendRequests(Protocol):
    """Part of a tenant's transaction."""

    @abstractmethod
    async def store(self, request: RequestedSends) -> StoredRequest:
        """Store the sends as queued and due now, bind the key, and wake the connection. Concurrent calls with the same
        key wait for each other, and so do those with `room` of the same tenant. Raises NotFound
        (CONNECTION_NOT_FOUND)."""
        ...

    @abstractmethod
    async def take_turn(self) -> None:
        """Wait for other transactions that store sends with `room`. Whoever changes anything else before `store` calls
        this first, but binds the key before it: otherwise the two could wait for each other."""
        ...
