"""Cost lines and their ledger, completions that set off sends, ServiceTrade's webhooks, and the audit."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

_TABLES = """
ALTER TABLE sends ADD COLUMN items text NOT NULL DEFAULT 'none', ADD COLUMN completes boolean NOT NULL DEFAULT false;
CREATE INDEX sends_in_doubt ON sends (connection_id, work_order_number) WHERE state = 'in_doubt';
ALTER TABLE attempts ADD COLUMN line_id text;
CREATE TABLE cost_lines (
    id text PRIMARY KEY,
    tenant_id text NOT NULL REFERENCES tenants,
    connection_id text NOT NULL REFERENCES connections,
    job_id text NOT NULL,
    work_order_number text NOT NULL,
    item_id text NOT NULL,
    item_name text NOT NULL,
    kind text NOT NULL,
    round integer NOT NULL,
    purpose text NOT NULL,
    fields jsonb NOT NULL,
    state text NOT NULL CHECK (state IN ('planned', 'sending', 'posted', 'rejected', 'in_doubt', 'not_posted')),
    send_id text NOT NULL REFERENCES sends,
    place integer NOT NULL,
    attempt_id text,
    epoch bigint,
    payload_hash text,
    sent_at timestamptz,
    send_by timestamptz,
    quiet_until timestamptz,
    settled_at timestamptz,
    system_key text,
    findings jsonb NOT NULL,
    settled_by text,
    settled_reason text,
    UNIQUE (connection_id, work_order_number, item_id, round),
    CHECK (state NOT IN ('sending', 'in_doubt', 'posted') OR attempt_id IS NOT NULL)
);
CREATE INDEX cost_lines_of_job ON cost_lines (connection_id, job_id);
CREATE INDEX cost_lines_of_send ON cost_lines (send_id, place);
CREATE INDEX cost_lines_unclear ON cost_lines (connection_id, work_order_number)
    WHERE state IN ('sending', 'in_doubt');
CREATE INDEX cost_lines_in_doubt ON cost_lines (tenant_id, sent_at) WHERE state = 'in_doubt';
CREATE TABLE hints (
    tenant_id text NOT NULL REFERENCES tenants,
    job_id text NOT NULL,
    version bigint NOT NULL DEFAULT 1,
    tries integer NOT NULL DEFAULT 0,
    due_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, job_id)
);
CREATE INDEX hints_due ON hints (tenant_id, due_at);
CREATE TABLE completions (
    tenant_id text NOT NULL REFERENCES tenants,
    connection_id text NOT NULL REFERENCES connections,
    job_id text NOT NULL,
    completed_on timestamptz
);
CREATE UNIQUE INDEX completions_once
    ON completions (connection_id, job_id, coalesce(completed_on, '-infinity'::timestamptz));
-- Ids and times only: the workers read it without being anybody's tenant; only the tenant changes it.
CREATE TABLE tenant_watch (
    tenant_id text PRIMARY KEY REFERENCES tenants,
    due_at timestamptz,
    polled_until timestamptz
);
CREATE INDEX tenant_watch_due ON tenant_watch (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE servicetrade_webhooks (
    digest bytea PRIMARY KEY,
    tenant_id text NOT NULL REFERENCES tenants,
    webhook_id text,
    made_at timestamptz NOT NULL
);
CREATE TABLE audit (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id text NOT NULL REFERENCES tenants,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    subject text NOT NULL,
    detail jsonb NOT NULL
);
CREATE INDEX audit_newest ON audit (tenant_id, seq DESC);
"""

_CLAIM = """
-- A tenant is followed by one worker at a time: whoever claims it moves its moment on, and a worker that dies over it
-- leaves it due again after the lease.
CREATE FUNCTION claim_due_tenants(lease interval, most integer) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ BEGIN
    PERFORM set_config('app.claiming', 'on', true);
    -- Materialized: as a plain subquery it may run once a row, and then takes more than `most`.
    RETURN QUERY WITH due AS MATERIALIZED (
        SELECT w.tenant_id FROM tenant_watch w WHERE w.due_at <= now()
        ORDER BY w.due_at LIMIT most FOR UPDATE SKIP LOCKED
    ) UPDATE tenant_watch t SET due_at = now() + lease FROM due WHERE t.tenant_id = due.tenant_id
    RETURNING t.tenant_id;
    PERFORM set_config('app.claiming', '', true);
END $$;
REVOKE ALL ON FUNCTION claim_due_tenants(interval, integer) FROM PUBLIC;
"""

_OURS = "tenant_id = current_setting('app.tenant', true)"


def upgrade() -> None:
    op.execute(_TABLES)
    for table in ("cost_lines", "hints", "completions", "tenant_watch", "servicetrade_webhooks", "audit"):
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY tenant_only ON {table} USING ({_OURS}) WITH CHECK ({_OURS})")
    op.execute("CREATE POLICY read_by_all ON tenant_watch FOR SELECT USING (true)")
    # Row-level security binds the function's owner too; only ids and moments can be reached this way.
    op.execute(
        "CREATE POLICY claimed_by_workers ON tenant_watch FOR UPDATE"
        " USING (current_setting('app.claiming', true) = 'on')"
    )
    op.execute(
        "CREATE POLICY read_by_operator ON servicetrade_webhooks FOR SELECT"
        " USING (current_setting('app.operator', true) = 'on')"
    )
    op.execute(_CLAIM)


def downgrade() -> None:
    raise NotImplementedError("There is no way back from the ledger of cost lines; restore a backup instead.")
