"""API keys with scopes, batches, connections and tenants that can be removed without forgetting what was posted."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"

_TABLES = """
CREATE TABLE api_keys (
    id text PRIMARY KEY,
    tenant_id text REFERENCES tenants,
    digest bytea NOT NULL UNIQUE,
    prefix text NOT NULL,
    name text NOT NULL,
    scopes jsonb NOT NULL,
    created_at timestamptz NOT NULL,
    created_by text NOT NULL,
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz
);
CREATE INDEX api_keys_newest ON api_keys (tenant_id, created_at DESC);
ALTER TABLE sends ADD COLUMN batch_id text;
CREATE INDEX sends_of_batch ON sends (tenant_id, batch_id, seq) WHERE batch_id IS NOT NULL;
ALTER TABLE connections ADD COLUMN client_secret_expires_at timestamptz, ADD COLUMN next_client_secret bytea;
-- What removed connections have posted, as hashes: neither whose it was nor what it was can be read from it.
CREATE TABLE posted_before (key bytea PRIMARY KEY);
"""

_MEMORY = """
CREATE FUNCTION remember_posted(lines bytea[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ INSERT INTO posted_before (key) SELECT unnest(lines) ON CONFLICT DO NOTHING $$;
CREATE FUNCTION posted_among(lines bytea[]) RETURNS SETOF bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT p.key FROM posted_before p WHERE p.key = ANY (lines) $$;
-- The service may add to the audit and never change it; only with its tenant does it go.
CREATE FUNCTION forget_audit(removed text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ DELETE FROM audit WHERE tenant_id = removed $$;
REVOKE ALL ON FUNCTION remember_posted(bytea[]), posted_among(bytea[]), forget_audit(text) FROM PUBLIC;
"""

_OURS = "tenant_id = current_setting('app.tenant', true) OR current_setting('app.operator', true) = 'on'"


def upgrade() -> None:
    op.execute(_TABLES)
    op.execute("ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE api_keys FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant_only ON api_keys USING ({_OURS}) WITH CHECK ({_OURS})")
    # The former operator keys had no checksum, so they could not be told from a slip of the hand: `jobferry init` makes
    # a new one where none is left.
    op.execute("DROP TABLE operator_keys")
    op.execute(_MEMORY)


def downgrade() -> None:
    raise NotImplementedError("There is no way back from keys with scopes; restore a backup instead.")
