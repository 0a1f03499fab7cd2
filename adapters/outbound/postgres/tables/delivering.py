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
    Table,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from adapters.outbound.postgres.tables.definitions import IF_DUE, MOMENT, metadata, seq, tenant_id

webhook_endpoints = Table(
    "webhook_endpoints",
    metadata,
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

webhook_deliveries = Table(
    "webhook_deliveries",
    metadata,
    seq(primary_key=True),
    tenant_id(),
    Column("endpoint_id", Text, ForeignKey("webhook_endpoints.id", ondelete="CASCADE"), nullable=False),
    Column("event_id", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("body", Text, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("state", Text, CheckConstraint("state IN ('pending', 'delivered', 'failed')"), nullable=False),
    Column("tries", Integer, nullable=False),
    Column("due_at", MOMENT),
    Column("last_try_at", MOMENT),
    Column("status", Integer),
    Column("detail", Text, nullable=False),
    UniqueConstraint("endpoint_id", "event_id"),
    Index("webhook_deliveries_due", "endpoint_id", "due_at", "seq", postgresql_where=IF_DUE),
    Index("webhook_deliveries_newest", "endpoint_id", text("seq DESC")),
    Index("webhook_deliveries_oldest", "endpoint_id", "created_at"),
)

# Ids and times only: the workers read it before they know any tenant; only the tenant changes it.
webhook_due = Table(
    "webhook_due",
    metadata,
    Column("endpoint_id", Text, ForeignKey("webhook_endpoints.id", ondelete="CASCADE"), primary_key=True),
    Column("tenant_id", Text, nullable=False),
    Column("due_at", MOMENT),
    Column("claimed_until", MOMENT),
    Index("webhook_due_at", "due_at", postgresql_where=IF_DUE),
    Index("webhook_due_claimed", "claimed_until", postgresql_where=text("claimed_until IS NOT NULL")),
)
