"""Client secrets that are looked after: when to look, who is at it, what was spoken of, and the next one's end."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"

_TABLES = """
ALTER TABLE connections ADD COLUMN next_client_secret_expires_at timestamptz, ADD COLUMN secret_warned integer;
-- Ids and times only: the workers read it without being anybody's tenant; only the tenant changes it.
CREATE TABLE secret_due (
    connection_id text PRIMARY KEY REFERENCES connections ON DELETE CASCADE,
    tenant_id text NOT NULL,
    due_at timestamptz,
    claimed_until timestamptz
);
CREATE INDEX secret_due_at ON secret_due (due_at) WHERE due_at IS NOT NULL;
ALTER TABLE secret_due ENABLE ROW LEVEL SECURITY;
ALTER TABLE secret_due FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_only ON secret_due
    USING (tenant_id = current_setting('app.tenant', true))
    WITH CHECK (tenant_id = current_setting('app.tenant', true));
CREATE POLICY read_by_all ON secret_due FOR SELECT USING (true);
CREATE POLICY claimed_by_workers ON secret_due FOR UPDATE USING (current_setting('app.claiming', true) = 'on');
"""

_CLAIM = """
CREATE FUNCTION claim_due_secrets(lease interval, most integer)
RETURNS TABLE (tenant text, connection text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ BEGIN
    PERFORM set_config('app.claiming', 'on', true);
    RETURN QUERY WITH due AS MATERIALIZED (
        SELECT s.connection_id FROM secret_due s
        WHERE s.due_at <= now() AND (s.claimed_until IS NULL OR s.claimed_until <= now())
        ORDER BY s.due_at LIMIT most FOR UPDATE SKIP LOCKED
    ) UPDATE secret_due t SET claimed_until = now() + lease FROM due WHERE t.connection_id = due.connection_id
    RETURNING t.tenant_id, t.connection_id;
    PERFORM set_config('app.claiming', '', true);
END $$;
REVOKE ALL ON FUNCTION claim_due_secrets(interval, integer) FROM PUBLIC;
"""


def upgrade() -> None:
    op.execute(_TABLES)
    op.execute(_CLAIM)


def downgrade() -> None:
    raise NotImplementedError("There is no way back from looked-after secrets; restore a backup instead.")
