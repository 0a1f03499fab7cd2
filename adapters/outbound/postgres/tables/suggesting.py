"""Searches for Spectrum codes, and the ServiceTrade records without a code that they found."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from adapters.outbound.postgres.tables.definitions import MOMENT, needed, table, tenant_id

suggestion_searches = table(
    "suggestion_searches",
    tenant_id(),
    Column("connection_id", Text, ForeignKey("connections.id", ondelete="CASCADE"), primary_key=True),
    *needed(Text, "company_code", "external_system", "requested_by"),
    Column("started_at", MOMENT, nullable=False),
    Column("step", Text, CheckConstraint("step IN ('read', 'ask', 'match', 'done')"), nullable=False),
    Column("round", Integer, nullable=False),
    Column("version", BigInteger, nullable=False),
    *needed(JSONB, "kinds", "unread"),
    *needed(Integer, "records", "failures"),
    Column("trouble", Text, nullable=False),
    Column("finished_at", MOMENT),
)

suggested_records = table(
    "suggested_records",
    tenant_id(),
    Column("connection_id", Text, ForeignKey("connections.id", ondelete="CASCADE"), nullable=False),
    Column("kind", Text, CheckConstraint("kind IN ('customer', 'site', 'contract', 'item')"), nullable=False),
    Column("record_id", Text, nullable=False),
    Column("rank", Integer, nullable=False),
    Column("sort_name", Text(collation="C"), nullable=False),
    Column("score", Integer, nullable=False),
    Column("sought", Text, nullable=False),
    Column("customer_id", Text, nullable=False),
    Column("round", Integer, nullable=False),
    Column("told", Boolean, nullable=False),
    Column("matched", Integer, nullable=False),
    Column("version", BigInteger, nullable=False),
    Column("state", Text, CheckConstraint("state IN ('open', 'left', 'confirmed', 'set')"), nullable=False),
    Column("grade", Text, CheckConstraint("grade IN ('clear', 'doubtful', 'nothing')")),
    Column("code", Text, nullable=False),
    Column("place", Text, CheckConstraint("place IN ('servicetrade', 'alias')"), nullable=False),
    Column("decided_by", Text, nullable=False),
    Column("decided_at", MOMENT),
    Column("trouble", Text, nullable=False),
    *needed(JSONB, "record", "suggestions"),
    PrimaryKeyConstraint("connection_id", "kind", "record_id"),
    Index("suggested_records_shown", "connection_id", "state", "grade", "rank", "sort_name", "record_id"),
    Index("suggested_records_by_doubt", "connection_id", "state", "grade", "score", "rank", "sort_name", "record_id"),
    Index("suggested_records_listed", "connection_id", "state", "rank", "sort_name", "record_id"),
    Index("suggested_records_unmatched", "connection_id", "kind", "matched", postgresql_where=text("state = 'open'")),
    Index("suggested_records_untold", "connection_id", postgresql_where=text("NOT told")),
    Index("suggested_records_of_customer", "connection_id", "customer_id"),
)
