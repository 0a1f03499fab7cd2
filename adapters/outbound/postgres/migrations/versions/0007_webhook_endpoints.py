"""Webhook endpoints: who hears of events, and every event on its way there."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"

_TABLES = """
CREATE TABLE webhook_endpoints (
    id text PRIMARY KEY,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    tenant_id text NOT NULL REFERENCES tenants,
    url text NOT NULL,
    events jsonb NOT NULL,
    description text NOT NULL,
    paused boolean NOT NULL,
    paused_reason text NOT NULL,
    failing_since timestamptz,
    secret bytea NOT NULL,
    previous_secret bytea,
    previous_until timestamptz,
    created_at timestamptz NOT NULL
);
CREATE INDEX webhook_endpoints_of_tenant ON webhook_endpoints (tenant_id, seq);
CREATE TABLE webhook_deliveries (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id text NOT NULL REFERENCES tenants,
    endpoint_id text NOT NULL REFERENCES webhook_endpoints ON DELETE CASCADE,
    event_id text NOT NULL,
    type text NOT NULL,
    body text NOT NULL,
    created_at timestamptz NOT NULL,
    state text NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
    tries integer NOT NULL,
    due_at timestamptz,
    last_try_at timestamptz,
    status integer,
    detail text NOT NULL,
    UNIQUE (endpoint_id, event_id)
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, due_at, seq) WHERE due_at IS NOT NULL;
CREATE INDEX webhook_deliveries_newest ON webhook_deliveries (endpoint_id, seq DESC);
CREATE INDEX webhook_deliveries_oldest ON webhook_deliveries (endpoint_id, created_at);
-- Ids and times only: the workers read it without being anybody's tenant; only the tenant changes it.
CREATE TABLE webhook_due (
    endpoint_id text PRIMARY KEY REFERENCES webhook_endpoints ON DELETE CASCADE,
    tenant_id text NOT NULL,
    due_at timestamptz,
    claimed_until timestamptz
);
CREATE INDEX webhook_due_at ON webhook_due (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX webhook_due_claimed ON webhook_due (claimed_until) WHERE claimed_until IS NOT NULL;
"""

_CLAIM = """
-- An endpoint is served by one worker at a time. One that dies over it leaves it to others after the lease; an event
-- that comes meanwhile makes it due, but not free.
CREATE FUNCTION claim_due_endpoints(lease interval, most integer, most_of_a_tenant integer)
RETURNS TABLE (tenant text, endpoint text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ BEGIN
    PERFORM set_config('app.claiming', 'on', true);
    RETURN QUERY WITH served AS (
        SELECT s.tenant_id, count(*) AS endpoints FROM webhook_due s WHERE s.claimed_until > now() GROUP BY s.tenant_id
    ), ranked AS (
        SELECT w.endpoint_id, coalesce(s.endpoints, 0)
            + row_number() OVER (PARTITION BY w.tenant_id ORDER BY w.due_at, w.endpoint_id) AS place
        FROM webhook_due w LEFT JOIN served s ON s.tenant_id = w.tenant_id
        WHERE w.due_at <= now() AND (w.claimed_until IS NULL OR w.claimed_until <= now())
    ), due AS MATERIALIZED (
        SELECT w.endpoint_id FROM webhook_due w JOIN ranked r ON r.endpoint_id = w.endpoint_id
        WHERE r.place <= most_of_a_tenant
            AND w.due_at <= now() AND (w.claimed_until IS NULL OR w.claimed_until <= now())
        ORDER BY w.due_at LIMIT most FOR UPDATE OF w SKIP LOCKED
    ) UPDATE webhook_due t SET claimed_until = now() + lease FROM due WHERE t.endpoint_id = due.endpoint_id
    RETURNING t.tenant_id, t.endpoint_id;
    PERFORM set_config('app.claiming', '', true);
END $$;
REVOKE ALL ON FUNCTION claim_due_endpoints(interval, integer, integer) FROM PUBLIC;
"""

_OURS = "tenant_id = current_setting('app.tenant', true)"


def upgrade() -> None:
    op.execute(_TABLES)
    for table in ("webhook_endpoints", "webhook_deliveries", "webhook_due"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant_only ON {table} USING ({_OURS}) WITH CHECK ({_OURS})")
    op.execute("CREATE POLICY read_by_all ON webhook_due FOR SELECT USING (true)")
    op.execute(
        "CREATE POLICY claimed_by_workers ON webhook_due FOR UPDATE"
        " USING (current_setting('app.claiming', true) = 'on')"
    )
    op.execute(_CLAIM)


def downgrade() -> None:
    raise NotImplementedError("There is no way back from webhook endpoints; restore a backup instead.")
