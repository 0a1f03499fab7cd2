"""Our webhooks: who is told of events, and every event with its deliveries."""

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
)
from sqlalchemy.dialects.postgresql import JSONB

from adapters.outbound.postgres.tables.definitions import (
    IF_DUE,
    MOMENT,
    needed,
    optional,
    seq,
    table,
    tenant_id,
)

webhook_endpoints = table(
    "webhook_endpoints",
    Column("id", Text, primary_key=True),
    seq(),
    tenant_id(),
    Column("url", Text, nullable=False),
    Column("events", JSONB, nullable=False),
    Column("description", Text, nullable=False),
    Column("paused", Boolean, nullable=False),
    Column("paused_reason", Text, nullable=False),
    Column("failing_since", MOMENT),
    Column("secret", LargeBinary, nullable=False),
    Column("previous_secret", LargeBinary),
    Column("previous_until", MOMENT),
    Column("created_at", MOMENT, nullable=False),
    Index("webhook_endpoints_of_tenant", "tenant_id", "seq"),
)

webhook_deliveries = table(
    "webhook_deliveries",
    seq(),
    tenant_id(),
    Column("endpoint_id", Text, ForeignKey("webhook_endpoints.id", ondelete="CASCADE"), nullable=False),
    *needed(Text, "event_id", "type", "body"),
    Column("created_at", MOMENT, nullable=False),
    Column("state", Text, CheckConstraint("state IN ('pending', 'delivered', 'failed')"), nullable=False),
    Column("tries", Integer, nullable=False),
    *optional(MOMENT, "due_at", "last_try_at"),
    Column("status", Integer),
    Column("detail", Text, nullable=False),
    Column("redelivered_at", MOMENT),
    PrimaryKeyConstraint("endpoint_id", "seq"),
    UniqueConstraint("endpoint_id", "event_id"),
    Index("webhook_deliveries_due", "endpoint_id", "due_at", "seq", postgresql_where=IF_DUE),
    Index("webhook_deliveries_oldest", "endpoint_id", "created_at"),
)
