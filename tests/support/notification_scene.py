"""Recipients, notices and messages for tests of notifications."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from core.model.notifications.content import Content, Row, Section
from core.model.notifications.message import Message
from core.model.notifications.notice import GATHER, Notice, NoticeKind
from core.model.notifications.recipient import Channel, Choice, Recipient, RecipientSecrets
from core.model.shared.secret import Secret

AT = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
KEY = Secret("ab" * 32)
SECRETS = RecipientSecrets(KEY)
URL = "https://hooks.example.com/services/T0/B0/PLANTED-hook"
ALL_KINDS = (NoticeKind.HELD, NoticeKind.DOUBT, NoticeKind.SECRET, NoticeKind.FAILED, NoticeKind.DIGEST)


def a_recipient(number: int = 1, **changes: Any) -> Recipient:
    fields: dict[str, Any] = {
        "id": f"rcp_{number}",
        "tenant_id": "ten_1",
        "channel": Channel.MAIL,
        "address": f"office{number}@example.com",
        "created_at": AT,
        "created_by": "test",
        "choice": Choice(kinds=ALL_KINDS),
    }
    return Recipient(**fields | changes)


def a_notice(number: int = 1, **changes: Any) -> Notice:
    fields: dict[str, Any] = {
        "kind": NoticeKind.FAILED,
        "cause": "send_failed:MAP_CUSTOMER_MISSING",
        "at": AT + timedelta(seconds=number),
        "ready_at": AT + timedelta(seconds=number) + GATHER,
        "connection_id": "con_1",
        "code": "MAP_CUSTOMER_MISSING",
        "message": "The customer has no code.",
        "job_id": str(number),
        "job": f"10{number}",
        "send_id": f"snd_{number}",
    }
    return Notice(**fields | changes)


def a_content(**changes: Any) -> Content:
    fields: dict[str, Any] = {
        "subject": "2 jobs need attention: Customer without a code",
        "lead": ("The customer has no code.",),
        "sections": (Section(title="Jobs", rows=(Row(text="Job 101", path="/t/tenant-1/sends/snd_1"),), more=1),),
        "path": "/t/tenant-1",
    }
    return Content(**fields | changes)


def a_message(number: int = 1, **changes: Any) -> Message:
    fields: dict[str, Any] = {
        "id": f"msg_{number}",
        "recipient_id": "rcp_1",
        "kind": NoticeKind.FAILED,
        "cause": "send_failed:MAP_CUSTOMER_MISSING",
        "content": a_content(),
        "created_at": AT,
        "due_at": AT,
    }
    return Message(**fields | changes)
