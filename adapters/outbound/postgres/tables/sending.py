"""Sends with their plans, batches and attempts, the work orders they made, and the warnings they left."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
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

sends = Table(
    "sends",
    metadata,
    Column("id", Text, primary_key=True),
    seq(),
    tenant_id(),
    Column("connection_id", Text, ForeignKey("connections.id"), nullable=False),
    Column("job_id", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("due_at", MOMENT),
    Column("attempts", Integer, nullable=False),
    Column("waits", Integer, nullable=False),
    Column("adopt", Boolean, nullable=False),
    Column("expected_hash", Text),
    Column("items", Text, nullable=False, server_default=text("'none'")),
    Column("completes", Boolean, nullable=False, server_default=text("false")),
    Column("plan_id", Text),
    Column(
        "header",
        Text,
        CheckConstraint("header IN ('none', 'begun', 'stands')"),
        nullable=False,
        server_default=text("'none'"),
    ),
    Column("number_written", Boolean, nullable=False, server_default=text("false")),
    Column("waits_for", Text),
    Column("work_order_number", Text),
    Column("findings", JSONB, nullable=False),
    Column("requested_at", MOMENT, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("finished_at", MOMENT),
    Column("version", Integer, nullable=False),
    Column("batch_id", Text),
    Index("sends_to_do", "connection_id", "seq", postgresql_where=IF_DUE),
    Index("sends_of_job", "connection_id", "job_id", "seq"),
    Index("sends_newest", "tenant_id", text("seq DESC")),
    Index("sends_by_state", "tenant_id", "state", text("seq DESC")),
    Index("sends_by_time", "tenant_id", "requested_at"),
    Index("sends_in_doubt", "connection_id", "work_order_number", postgresql_where=text("state = 'in_doubt'")),
    Index("sends_waiting", "waits_for", postgresql_where=text("waits_for IS NOT NULL")),
    Index("sends_count", "state"),
)

send_plans = Table(
    "send_plans",
    metadata,
    Column("id", Text, primary_key=True),
    tenant_id(),
    Column("send_id", Text, ForeignKey("sends.id", ondelete="CASCADE"), nullable=False),
    Column("plan", JSONB, nullable=False),
    Column("lines", Integer, nullable=False),
    Index("send_plans_of_send", "send_id"),
)

batch_sends = Table(
    "batch_sends",
    metadata,
    Column("tenant_id", Text, primary_key=True),
    Column("batch_id", Text, primary_key=True),
    Column("send_id", Text, ForeignKey("sends.id", ondelete="CASCADE"), primary_key=True),
    Index("batch_sends_of_send", "send_id"),
)

attempts = Table(
    "attempts",
    metadata,
    seq(primary_key=True),
    tenant_id(),
    Column("send_id", Text, ForeignKey("sends.id"), nullable=False),
    Column("step", Text, nullable=False),
    Column("started_at", MOMENT, nullable=False),
    Column("ended_at", MOMENT),
    Column("outcome", Text, nullable=False),
    Column("detail", Text, nullable=False),
    Column("request", Text, nullable=False),
    Column("answer", Text, nullable=False),
    Column("line_id", Text),
    Index("attempts_of_send", "send_id", "seq"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    tenant_id(primary_key=True),
    Column("key", Text, primary_key=True),
    Column("body_hash", Text, nullable=False),
    Column("send_id", Text, nullable=False),
)

work_orders = Table(
    "work_orders",
    metadata,
    tenant_id(),
    Column("connection_id", Text, primary_key=True),
    Column("job_id", Text, primary_key=True),
    Column("number", Text),
    Column("sent", JSONB(none_as_null=True)),
    Column("last_send_id", Text),
    Column("sent_at", MOMENT),
    Column("failure_reported", Boolean, nullable=False),
    Column("claim_owner", LargeBinary),
    Column("header_until", MOMENT),
    Column("header_epoch", BigInteger),
    Column("items_unknown", Boolean, nullable=False, server_default=text("false")),
    Column("items_declared_at", MOMENT),
)

warnings = Table(
    "warnings",
    metadata,
    Column("id", Text, primary_key=True),
    tenant_id(),
    Column("connection_id", Text, nullable=False),
    Column("job_id", Text, nullable=False),
    Column("send_id", Text, nullable=False),
    Column("finding", JSONB, nullable=False),
    Column("raised_at", MOMENT, nullable=False),
    Column("job_number", Text),
    Column("work_order_number", Text),
    Column("topic", Text, nullable=False, server_default=text("''")),
    UniqueConstraint("connection_id", "job_id", "topic", name="warnings_once"),
    Index("warnings_newest", "tenant_id", text("raised_at DESC")),
    Index("warnings_by_cause", "tenant_id", text("(finding ->> 'code')"), text("raised_at DESC"), text("id DESC")),
)
