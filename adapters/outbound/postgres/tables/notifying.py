"""Who is told of what, what waits to be told, and the messages."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from adapters.outbound.postgres.tables.definitions import IF_DUE, MOMENT, needed, optional, seq, table, tenant_id

recipients = table(
    "recipients",
    Column("id", Text, primary_key=True),
    seq(),
    tenant_id(),
    Column("channel", Text, CheckConstraint("channel IN ('mail', 'teams', 'slack')"), nullable=False),
    Column("address", Text, nullable=False),
    Column("person_id", Text, ForeignKey("people.id", ondelete="CASCADE"), unique=True),
    Column("kinds", JSONB, nullable=False),
    Column("digest_hour", Integer, nullable=False),
    *optional(Integer, "quiet_from", "quiet_until"),
    Column("paused", Boolean, nullable=False, server_default=text("false")),
    *needed(Text, "paused_reason", "trouble"),
    Column("trouble_at", MOMENT),
    Column("refusals", Integer, nullable=False, server_default=text("0")),
    *optional(MOMENT, "digest_at", "digest_from"),
    Column("created_at", MOMENT, nullable=False),
    Column("created_by", Text, nullable=False),
    # The key of the links that unsubscribe, and the secret address of a channel; both are sealed.
    Column("link_key", LargeBinary, nullable=False),
    Column("url", LargeBinary),
    Index("recipients_of_tenant", "tenant_id", "seq"),
)

# A row for each recipient and thing to tell: it is deleted when a message tells of it.
notices = table(
    "notices",
    seq(),
    tenant_id(),
    Column("recipient_id", Text, ForeignKey("recipients.id", ondelete="CASCADE"), nullable=False),
    *needed(Text, "kind", "cause", "connection_id", "code", "message", "job_id", "job", "send_id"),
    *needed(MOMENT, "at", "ready_at"),
    PrimaryKeyConstraint("recipient_id", "seq"),
    Index("notices_of_cause", "recipient_id", "cause", "seq"),
)

notification_messages = table(
    "notification_messages",
    seq(),
    tenant_id(),
    Column("recipient_id", Text, ForeignKey("recipients.id", ondelete="CASCADE"), nullable=False),
    *needed(Text, "id", "kind", "cause"),
    Column("content", JSONB, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("state", Text, CheckConstraint("state IN ('pending', 'delivered', 'failed')"), nullable=False),
    Column("tries", Integer, nullable=False),
    *optional(MOMENT, "due_at", "last_try_at"),
    Column("detail", Text, nullable=False),
    PrimaryKeyConstraint("recipient_id", "seq"),
    UniqueConstraint("recipient_id", "id"),
    Index("notification_messages_due", "recipient_id", "due_at", "seq", postgresql_where=IF_DUE),
    Index("notification_messages_of_cause", "recipient_id", "cause", "created_at"),
    Index("notification_messages_oldest", "recipient_id", "created_at"),
)
