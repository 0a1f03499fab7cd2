"""Records that are made in Spectrum: sites and customers."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, Text, text
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

creations = table(
    "creations",
    Column("id", Text, primary_key=True),
    seq(),
    tenant_id(),
    Column("connection_id", Text, ForeignKey("connections.id"), nullable=False),
    Column("kind", Text, CheckConstraint("kind IN ('site', 'customer', 'customer_change')"), nullable=False),
    *needed(Text, "record_id", "record_name", "code"),
    Column("fields", JSONB, nullable=False),
    Column("keep", Text, CheckConstraint("keep IN ('alias', 'servicetrade')"), nullable=False),
    Column("send_again", Boolean, nullable=False),
    Column("company", Text, nullable=False),
    Column("claims", JSONB, nullable=False),
    Column("requested_by", Text, nullable=False),
    Column("requested_at", MOMENT, nullable=False),
    Column(
        "state",
        Text,
        CheckConstraint(
            "state IN ('queued', 'sending', 'created', 'rejected', 'in_doubt', 'not_created', 'cancelled')"
        ),
        nullable=False,
    ),
    Column("findings", JSONB, nullable=False),
    Column("due_at", MOMENT),
    *needed(Integer, "tries", "locks"),
    Column("attempt_id", Text),
    *optional(MOMENT, "sent_at", "send_by", "quiet_until", "ended_at"),
    *needed(Text, "request", "answer", "outcome"),
    *optional(Text, "settled_by", "settled_reason"),
    Column("code_kept_at", MOMENT),
    Column("batch_id", Text),
    Index("creations_newest", "tenant_id", text("seq DESC")),
    Index("creations_due", "connection_id", "due_at", postgresql_where=IF_DUE),
    Index("creations_of_connection", "connection_id", text("seq DESC")),
    Index("creations_of_code", "connection_id", "code"),
    Index("creations_of_record", "connection_id", "record_id"),
    Index(
        "creations_for_people",
        "tenant_id",
        text("seq DESC"),
        postgresql_where=text("due_at IS NULL AND state IN ('in_doubt', 'created') AND code_kept_at IS NULL"),
    ),
    Index("creations_ended", "tenant_id", "ended_at", postgresql_where=text("ended_at IS NOT NULL")),
)
