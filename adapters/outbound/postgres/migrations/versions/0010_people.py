"""People of the console, their sessions and single-use links: of tokens only hashes."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"

_TABLES = """
CREATE TABLE people (
    id text PRIMARY KEY,
    tenant_id text REFERENCES tenants,
    email text NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    password_hash text,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL
);
CREATE UNIQUE INDEX people_email ON people (coalesce(tenant_id, ''), email);
CREATE INDEX people_at_the_door ON people (email);
CREATE TABLE console_sessions (
    digest bytea PRIMARY KEY,
    person_id text NOT NULL REFERENCES people ON DELETE CASCADE,
    tenant_id text,
    created_at timestamptz NOT NULL,
    seen_at timestamptz NOT NULL
);
CREATE INDEX console_sessions_of_person ON console_sessions (person_id);
CREATE TABLE sign_in_links (
    digest bytea PRIMARY KEY,
    person_id text NOT NULL REFERENCES people ON DELETE CASCADE,
    tenant_id text,
    page text NOT NULL,
    expires_at timestamptz NOT NULL
);
"""
_OURS = "tenant_id = current_setting('app.tenant', true) OR current_setting('app.operator', true) = 'on'"


def upgrade() -> None:
    op.execute(_TABLES)
    for table in ("people", "console_sessions", "sign_in_links"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant_only ON {table} USING ({_OURS}) WITH CHECK ({_OURS})")


def downgrade() -> None:
    raise NotImplementedError("There is no way back from people; restore a backup instead.")
