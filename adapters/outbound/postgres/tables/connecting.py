"""Connections, when their work and their secrets are due, and alias mappings with what they were before."""

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

connections = Table(
    "connections",
    metadata,
    Column("id", Text, primary_key=True),
    seq(),
    tenant_id(),
    Column("slug", Text, nullable=False),
    Column("external_system", Text, nullable=False),
    Column("settings", JSONB, nullable=False),
    Column("authorization_id", LargeBinary, nullable=False),
    Column("client_id", Text),
    Column("client_secret", LargeBinary),
    Column("client_secret_expires_at", MOMENT),
    Column("next_client_secret", LargeBinary),
    Column("next_client_secret_expires_at", MOMENT),
    Column("secret_warned", Integer),
    Column("paused", Boolean, nullable=False, server_default=text("false")),
    Column("hold", JSONB(none_as_null=True)),
    Column("plugin_failures", Integer, nullable=False, server_default=text("0")),
    Column("intents", BigInteger, nullable=False, server_default=text("0")),
    Column("last_intent_at", MOMENT),
    Column("items_hold", JSONB(none_as_null=True)),
    Column("restored_at", MOMENT),
    Column("endpoint_used", Boolean, nullable=False, server_default=text("false")),
    Column("epoch", BigInteger, nullable=False, server_default=text("0")),
    Column("version", Integer, nullable=False, server_default=text("1")),
    UniqueConstraint("tenant_id", "slug"),
    UniqueConstraint("tenant_id", "external_system"),
)

# Ids and times only: the sweeper reads it before it knows any tenant; only the tenant changes it.
connection_due = Table(
    "connection_due",
    metadata,
    Column("connection_id", Text, ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True),
    Column("tenant_id", Text, nullable=False),
    Column("due_at", MOMENT),
    Index("connection_due_at", "due_at", postgresql_where=IF_DUE),
)

# Ids and times only: the workers read it before they know any tenant; only the tenant changes it.
secret_due = Table(
    "secret_due",
    metadata,
    Column("connection_id", Text, ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True),
    Column("tenant_id", Text, nullable=False),
    Column("due_at", MOMENT),
    Column("claimed_until", MOMENT),
    Index("secret_due_at", "due_at", postgresql_where=IF_DUE),
)

aliases = Table(
    "aliases",
    metadata,
    Column("id", Text, primary_key=True),
    seq(unique=True),
    tenant_id(ondelete="CASCADE"),
    Column("connection_id", Text, ForeignKey("connections.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, CheckConstraint("kind IN ('customer', 'site', 'contract')"), nullable=False),
    Column("servicetrade_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("code", Text, CheckConstraint("code <> ''"), nullable=False),
    Column("set_at", MOMENT, nullable=False),
    Column("set_by", Text, nullable=False),
    UniqueConstraint("connection_id", "kind", "servicetrade_id"),
    Index("aliases_newest", "connection_id", text("seq DESC")),
)

alias_history = Table(
    "alias_history",
    metadata,
    seq(primary_key=True),
    Column("alias_id", Text, nullable=False),
    Column("alias_seq", BigInteger, nullable=False),
    tenant_id(ondelete="CASCADE"),
    Column("connection_id", Text, ForeignKey("connections.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("servicetrade_id", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("set_at", MOMENT, nullable=False),
    Column("set_by", Text, nullable=False),
    Column("ended", Text, CheckConstraint("ended IN ('replaced', 'removed')"), nullable=False),
    Column("ended_at", MOMENT, nullable=False),
    Column("ended_by", Text, nullable=False),
    Index("alias_history_of_record", "connection_id", "kind", "servicetrade_id", text("seq DESC")),
    Index("alias_history_of_alias", "alias_id"),
)
