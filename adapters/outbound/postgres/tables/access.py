"""Who gets in: keys of programs, people, their sessions and single-use links. Of tokens only hashes are stored.

Rows without a tenant belong to the operator.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, LargeBinary, Table, Text, text
from sqlalchemy.dialects.postgresql import JSONB

from adapters.outbound.postgres.tables.definitions import MOMENT, metadata, tenant_id

api_keys = Table(
    "api_keys",
    metadata,
    Column("id", Text, primary_key=True),
    tenant_id(nullable=True),
    Column("digest", LargeBinary, nullable=False, unique=True),
    Column("prefix", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("scopes", JSONB, nullable=False),
    Column("created_at", MOMENT, nullable=False),
    Column("created_by", Text, nullable=False),
    Column("expires_at", MOMENT),
    Column("revoked_at", MOMENT),
    Column("last_used_at", MOMENT),
    Index("api_keys_newest", "tenant_id", text("created_at DESC")),
)

people = Table(
    "people",
    metadata,
    Column("id", Text, primary_key=True),
    tenant_id(nullable=True),
    Column("email", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("password_hash", Text),
    Column("created_at", MOMENT, nullable=False),
    Column("created_by", Text, nullable=False),
    # coalesce: to a unique index two NULLs are different, so the operator's people could be there twice.
    Index("people_email", text("coalesce(tenant_id, '')"), "email", unique=True),
    Index("people_at_the_door", "email"),
)

console_sessions = Table(
    "console_sessions",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("person_id", Text, ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    Column("tenant_id", Text),
    Column("created_at", MOMENT, nullable=False),
    Column("seen_at", MOMENT, nullable=False),
    Index("console_sessions_of_person", "person_id"),
)

sign_in_links = Table(
    "sign_in_links",
    metadata,
    Column("digest", LargeBinary, primary_key=True),
    Column("person_id", Text, ForeignKey("people.id", ondelete="CASCADE"), nullable=False),
    Column("tenant_id", Text),
    Column("page", Text, nullable=False),
    Column("expires_at", MOMENT, nullable=False),
)
