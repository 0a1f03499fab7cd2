"""The ledger of cost lines. Its constraints are the last guard against posting a line twice."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from adapters.outbound.postgres.tables.definitions import MOMENT, metadata, tenant_id

_STATES = "'planned', 'sending', 'posted', 'rejected', 'in_doubt', 'not_posted'"

cost_lines = Table(
    "cost_lines",
    metadata,
    Column("id", Text, primary_key=True),
    tenant_id(),
    Column("connection_id", Text, ForeignKey("connections.id"), nullable=False),
    Column("job_id", Text, nullable=False),
    Column("work_order_number", Text, nullable=False),
    Column("item_id", Text, nullable=False),
    Column("item_name", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("round", Integer, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("fields", JSONB, nullable=False),
    Column("state", Text, CheckConstraint(f"state IN ({_STATES})"), nullable=False),
    Column("send_id", Text, nullable=False),
    Column("place", Integer, nullable=False),
    Column("attempt_id", Text),
    Column("epoch", BigInteger),
    Column("payload_hash", Text),
    Column("sent_at", MOMENT),
    Column("send_by", MOMENT),
    Column("quiet_until", MOMENT),
    Column("settled_at", MOMENT),
    Column("system_key", Text),
    Column("findings", JSONB, nullable=False),
    Column("settled_by", Text),
    Column("settled_reason", Text),
    Column("plan_id", Text, nullable=False, server_default=text("''")),
    Column("given_back", Boolean, nullable=False, server_default=text("false")),
    # What may be at Spectrum has the attempt that took it there.
    CheckConstraint("state NOT IN ('sending', 'in_doubt', 'posted') OR attempt_id IS NOT NULL"),
    # Only what is surely not at Spectrum makes room for another line.
    CheckConstraint("NOT given_back OR state IN ('planned', 'rejected', 'not_posted')", name="cost_lines_given_back"),
    Index(
        "cost_lines_place",
        "connection_id",
        "work_order_number",
        "item_id",
        "round",
        unique=True,
        postgresql_where=text("NOT given_back"),
    ),
    Index("cost_lines_of_job", "connection_id", "job_id"),
    Index("cost_lines_of_send", "send_id", "place"),
    Index(
        "cost_lines_unclear",
        "connection_id",
        "work_order_number",
        postgresql_where=text("state IN ('sending', 'in_doubt')"),
    ),
    Index("cost_lines_in_doubt", "tenant_id", "sent_at", postgresql_where=text("state = 'in_doubt'")),
)
