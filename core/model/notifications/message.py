"""A message to one recipient: stored before it is sent, and kept for some time after."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from core.model.notifications.content import Content
from core.model.notifications.notice import NoticeKind
from core.model.shared.retry_delays import RetryDelays

DELAYS = RetryDelays((60, 300, 900, 3600, 7200, 14_400, 28_800))
"""After 1, 5 and 15 minutes, 1, 2, 4 and 8 hours: 8 tries in 15 hours."""


class MessageState(StrEnum):
    """What became of a message."""

    PENDING = "pending"
    """It is tried, now or again"""
    DELIVERED = "delivered"
    """The mail server or the channel accepted it"""
    FAILED = "failed"
    """It was not accepted, and it is not tried any more"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """`id` is part of the mail's Message-ID, so a repeated mail is recognised. `due_at` is the next try, if any;
    `detail` says what became of the last one."""

    id: str
    recipient_id: str
    kind: NoticeKind
    cause: str
    content: Content
    created_at: datetime
    seq: int = 0
    state: MessageState = MessageState.PENDING
    tries: int = 0
    due_at: datetime | None = None
    last_try_at: datetime | None = None
    detail: str = ""
