"""The first tables: row-level security from the start, number claims behind functions, the queue's own schema."""

from __future__ import annotations

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0001"
down_revision = None

_TABLES = """
CREATE TABLE tenants (
    id text PRIMARY KEY,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    slug text NOT NULL UNIQUE,
    name text NOT NULL,
    base_url text NOT NULL,
    login_kind text NOT NULL CHECK (login_kind IN ('password', 'client')),
    login_name text NOT NULL,
    login_secret bytea NOT NULL,
    data_key bytea NOT NULL,
    paused boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL
);
CREATE TABLE connections (
    id text PRIMARY KEY,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    tenant_id text NOT NULL REFERENCES tenants,
    slug text NOT NULL,
    external_system text NOT NULL,
    settings jsonb NOT NULL,
    authorization_id bytea NOT NULL,
    client_id text,
    client_secret bytea,
    paused boolean NOT NULL DEFAULT false,
    hold jsonb,
    epoch bigint NOT NULL DEFAULT 0,
    version integer NOT NULL DEFAULT 1,
    UNIQUE (tenant_id, slug),
    UNIQUE (tenant_id, external_system)
);
-- Ids and times only: the sweeper reads it without being anybody's tenant; only the tenant changes it.
CREATE TABLE connection_due (
    connection_id text PRIMARY KEY REFERENCES connections ON DELETE CASCADE,
    tenant_id text NOT NULL,
    due_at timestamptz
);
CREATE INDEX connection_due_at ON connection_due (due_at) WHERE due_at IS NOT NULL;
CREATE TABLE sends (
    id text PRIMARY KEY,
    seq bigint GENERATED ALWAYS AS IDENTITY,
    tenant_id text NOT NULL REFERENCES tenants,
    connection_id text NOT NULL REFERENCES connections,
    job_id text NOT NULL,
    state text NOT NULL,
    step text NOT NULL,
    due_at timestamptz,
    attempts integer NOT NULL,
    waits integer NOT NULL,
    adopt boolean NOT NULL,
    expected_hash text,
    plan jsonb,
    work_order_number text,
    findings jsonb NOT NULL,
    requested_at timestamptz NOT NULL,
    requested_by text NOT NULL,
    finished_at timestamptz,
    version integer NOT NULL
);
CREATE INDEX sends_to_do ON sends (connection_id, seq) WHERE due_at IS NOT NULL;
CREATE INDEX sends_of_job ON sends (connection_id, job_id, seq);
CREATE INDEX sends_newest ON sends (tenant_id, seq DESC);
CREATE INDEX sends_by_state ON sends (tenant_id, state, seq DESC);
CREATE TABLE attempts (
    seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    tenant_id text NOT NULL REFERENCES tenants,
    send_id text NOT NULL REFERENCES sends,
    step text NOT NULL,
    started_at timestamptz NOT NULL,
    ended_at timestamptz,
    outcome text NOT NULL,
    detail text NOT NULL,
    request text NOT NULL,
    answer text NOT NULL
);
CREATE INDEX attempts_of_send ON attempts (send_id, seq);
CREATE TABLE idempotency_keys (
    tenant_id text NOT NULL REFERENCES tenants,
    key text NOT NULL,
    body_hash text NOT NULL,
    send_id text NOT NULL,
    PRIMARY KEY (tenant_id, key)
);
CREATE TABLE work_orders (
    tenant_id text NOT NULL REFERENCES tenants,
    connection_id text NOT NULL,
    job_id text NOT NULL,
    number text,
    sent jsonb,
    last_send_id text,
    sent_at timestamptz,
    failure_reported boolean NOT NULL,
    PRIMARY KEY (connection_id, job_id)
);
CREATE TABLE warnings (
    id text PRIMARY KEY,
    tenant_id text NOT NULL REFERENCES tenants,
    connection_id text NOT NULL,
    job_id text NOT NULL,
    send_id text NOT NULL,
    finding jsonb NOT NULL,
    raised_at timestamptz NOT NULL,
    job_number text,
    work_order_number text,
    UNIQUE (connection_id, job_id)
);
CREATE INDEX warnings_newest ON warnings (tenant_id, raised_at DESC);
CREATE TABLE operator_keys (id text PRIMARY KEY, digest bytea NOT NULL UNIQUE);
CREATE TABLE number_claims (key bytea PRIMARY KEY, owner bytea NOT NULL);
"""

_CLAIMS = """
-- The role the service runs as sees no row of number_claims: it can only ask, and hears yes or no.
CREATE FUNCTION number_taken(asked bytea, asker bytea) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT EXISTS (SELECT 1 FROM number_claims c WHERE c.key = asked AND c.owner <> asker) $$;
CREATE FUNCTION claim_number(asked bytea, asker bytea, adopt boolean) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ WITH claimed AS (
       INSERT INTO number_claims AS c (key, owner) VALUES (asked, asker)
       ON CONFLICT (key) DO UPDATE SET owner = excluded.owner WHERE adopt OR c.owner = excluded.owner
       RETURNING 1
   ) SELECT EXISTS (SELECT 1 FROM claimed) $$;
REVOKE ALL ON FUNCTION number_taken(bytea, bytea), claim_number(bytea, bytea, boolean) FROM PUBLIC;
"""

_TENANT_TABLES = ("connections", "sends", "attempts", "idempotency_keys", "work_orders", "warnings")


def upgrade() -> None:
    op.execute(_TABLES)
    op.execute(_CLAIMS)
    for table in _TENANT_TABLES:
        _secure(table, "tenant_id = current_setting('app.tenant', true)")
    _secure("connection_due", "tenant_id = current_setting('app.tenant', true)")
    op.execute("CREATE POLICY read_by_all ON connection_due FOR SELECT USING (true)")
    _secure("tenants", "id = current_setting('app.tenant', true) OR current_setting('app.operator', true) = 'on'")
    _secure("operator_keys", "current_setting('app.operator', true) = 'on'")
    # exec_driver_sql: the schema is full of colons and percent signs that are no parameters.
    op.get_bind().exec_driver_sql(SchemaManager.get_schema().replace("%", "%%"))


def _secure(table: str, condition: str) -> None:
    """Row-level security that binds the owner too. A setting that is missing or '' matches no tenant."""
    op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant_only ON {table} USING ({condition}) WITH CHECK ({condition})")


def downgrade() -> None:
    raise NotImplementedError("There is no way back from the first tables; restore a backup instead.")
