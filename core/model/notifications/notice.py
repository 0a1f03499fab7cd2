"""A notice: something that happened and that somebody is to be told of. It is stored with what happened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.model.connections.connection import Connection
from core.model.creations.creation import Creation
from core.model.sending.send import Send
from core.model.shared.finding import Finding

GATHER = timedelta(seconds=60)
"""How long notices of one cause are gathered after the last one, before they are told in one message."""
GATHER_AT_MOST = timedelta(minutes=5)
"""After the first one, they are told although more come."""
DOUBT_AFTER = timedelta(hours=1)
"""Items and new records in doubt are told of when they are as old as this."""
PAUSE_OF_A_CAUSE = timedelta(hours=1)
"""At least so long after a message to somebody, the same cause is told to them again."""


class NoticeKind(StrEnum):
    """What somebody can be told of."""

    HELD = "connection_held"
    """A connection is held"""
    DOUBT = "doubt"
    """An item, or a new site or customer, may be in Spectrum or not"""
    SECRET = "client_secret"  # noqa: S105 - a word
    """A client secret ends soon"""
    FAILED = "send_failed"
    """A send failed"""
    DIGEST = "digest"
    """A summary once a day"""
    TEST = "test"
    """A test, sent on request only"""


CHOICES = tuple(kind for kind in NoticeKind if kind is not NoticeKind.TEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """`cause` is what messages are gathered by: at most one an hour tells somebody of it. `ready_at` is the earliest
    moment at which it is told. `code` is the finding's code, `job` the job's number, or its id if that is not known."""

    kind: NoticeKind
    cause: str
    at: datetime
    ready_at: datetime
    connection_id: str
    code: str = ""
    message: str = ""
    job_id: str = ""
    job: str = ""
    send_id: str = ""


def failed(send: Send, at: datetime) -> Notice:
    """A send ended without success, or only in part."""
    said = next((one for one in send.findings if one.blocks), send.findings[0])
    return Notice(
        kind=NoticeKind.FAILED,
        cause=f"{NoticeKind.FAILED}:{said.code}",
        at=at,
        ready_at=at + GATHER,
        connection_id=send.connection_id,
        code=said.code,
        message=said.message,
        job_id=send.job_id,
        job=send.job_number or send.job_id,
        send_id=send.id,
    )


def in_doubt(send: Send, at: datetime) -> Notice:
    """An item of a send is in doubt. It is told only if it is still in doubt an hour later."""
    return Notice(
        kind=NoticeKind.DOUBT,
        cause=NoticeKind.DOUBT,
        at=at,
        ready_at=at + DOUBT_AFTER,
        connection_id=send.connection_id,
        job_id=send.job_id,
        job=send.job_number or send.job_id,
        send_id=send.id,
    )


def new_record_in_doubt(creation: Creation, at: datetime) -> Notice:
    """A new site or customer waits for a person. It is told only if it still does an hour later."""
    return Notice(
        kind=NoticeKind.DOUBT,
        cause=NoticeKind.DOUBT,
        at=at,
        ready_at=at + DOUBT_AFTER,
        connection_id=creation.connection_id,
    )


def held(connection_id: str, said: Finding, at: datetime) -> Notice:
    """A connection is held: its sends wait."""
    return _of_connection(NoticeKind.HELD, connection_id, said, at)


def secret_ends(connection: Connection, said: Finding, at: datetime) -> Notice:
    """The client secret of a connection ends soon, or has ended."""
    return _of_connection(NoticeKind.SECRET, connection.id, said, at)


def _of_connection(kind: NoticeKind, connection_id: str, said: Finding, at: datetime) -> Notice:
    return Notice(
        kind=kind,
        cause=f"{kind}:{connection_id}",
        at=at,
        ready_at=at + GATHER,
        connection_id=connection_id,
        code=said.code,
        message=said.message,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingCause:
    """The notices of one cause that somebody was not told of yet. `told_at`: when they were last told of this cause."""

    kind: NoticeKind
    cause: str
    first_at: datetime
    ready_at: datetime
    told_at: datetime | None = None

    @property
    def due_at(self) -> datetime:
        """When a message may tell of it. `ready_at` is that of the latest notice."""
        at = self.ready_at if self.kind is NoticeKind.DOUBT else min(self.ready_at, self.first_at + GATHER_AT_MOST)
        return at if self.told_at is None else max(at, self.told_at + PAUSE_OF_A_CAUSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class GatheredNotices:
    """The notices of one cause, for one message: how many there are, of how many jobs, and the newest of them."""

    count: int
    jobs: int
    first_at: datetime
    last_at: datetime
    newest: tuple[Notice, ...]
