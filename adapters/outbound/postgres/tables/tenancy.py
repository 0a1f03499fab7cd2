"""Tenants, and the record of who changed what."""

from __future__ import annotations

from sqlalchemy import Boolean, CheckConstraint, Column, Index, LargeBinary, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from adapters.outbound.postgres.tables.definitions import MOMENT, metadata, seq, tenant_id

tenants = Table(
    "tenants",
    metadata,
    Column("id", Text, primary_key=True),
    seq(),
    Column("slug", Text, nullable=False, unique=True),
    Column("settings", JSONB, nullable=False),
    Column("login_kind", Text, CheckConstraint("login_kind IN ('password', 'client')"), nullable=False),
    Column("login_name", Text, nullable=False),
    Column("login_secret", LargeBinary, nullable=False),
    Column("data_key", LargeBinary, nullable=False),
    Column("paused", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", MOMENT, nullable=False),
)

audit = Table(
    "audit",
    metadata,
    seq(primary_key=True),
    tenant_id(),
    Column("at", MOMENT, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("detail", JSONB, nullable=False),
    Index("audit_newest", "tenant_id", text("seq DESC")),
)
