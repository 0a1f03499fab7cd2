"""Alias mappings and what they were before."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"

_TABLES = """
CREATE TABLE aliases (
    id text PRIMARY KEY,
    seq bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    tenant_id text NOT NULL REFERENCES tenants ON DELETE CASCADE,
    connection_id text NOT NULL REFERENCES connections ON DELETE CASCADE,
    kind text NOT NULL CHECK (kind IN ('customer', 'site', 'contract')),
    servicetrade_id text NOT NULL,
    name text NOT NULL,
    code text NOT NULL CHECK (code <> ''),
    set_at timestamptz NOT NULL,
    set_by text NOT NULL,
    UNIQUE (connection_id, kind, servicetrade_id)
);
CREATE INDEX aliases_newest ON aliases (connection_id, seq DESC);
CREATE TABLE alias_history (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    alias_id text NOT NULL,
    alias_seq bigint NOT NULL,
    tenant_id text NOT NULL REFERENCES tenants ON DELETE CASCADE,
    connection_id text NOT NULL REFERENCES connections ON DELETE CASCADE,
    kind text NOT NULL,
    servicetrade_id text NOT NULL,
    name text NOT NULL,
    code text NOT NULL,
    set_at timestamptz NOT NULL,
    set_by text NOT NULL,
    ended text NOT NULL CHECK (ended IN ('replaced', 'removed')),
    ended_at timestamptz NOT NULL,
    ended_by text NOT NULL
);
CREATE INDEX alias_history_of_record ON alias_history (connection_id, kind, servicetrade_id, seq DESC);
CREATE INDEX alias_history_of_alias ON alias_history (alias_id);
"""
_OURS = "tenant_id = current_setting('app.tenant', true)"


def upgrade() -> None:
    op.execute(_TABLES)
    for table in ("aliases", "alias_history"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant_only ON {table} USING ({_OURS}) WITH CHECK ({_OURS})")


def downgrade() -> None:
    raise NotImplementedError("There is no way back from alias mappings; restore a backup instead.")
