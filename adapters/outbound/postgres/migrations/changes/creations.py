"""The table of records that are made in Spectrum."""

from __future__ import annotations

from adapters.outbound.postgres.migrations.statements import keep_tenants_apart, run


def creations() -> None:
    run("""
CREATE TABLE creations (
    id TEXT NOT NULL PRIMARY KEY,
    seq BIGINT GENERATED ALWAYS AS IDENTITY NOT NULL,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    connection_id TEXT NOT NULL REFERENCES connections (id),
    kind TEXT NOT NULL CHECK (kind IN ('site', 'customer', 'customer_change')),
    record_id TEXT NOT NULL,
    record_name TEXT NOT NULL,
    code TEXT NOT NULL,
    fields JSONB NOT NULL,
    keep TEXT NOT NULL CHECK (keep IN ('alias', 'servicetrade')),
    send_again BOOLEAN NOT NULL,
    company TEXT NOT NULL,
    claims JSONB NOT NULL,
    requested_by TEXT NOT NULL,
    requested_at TIMESTAMP WITH TIME ZONE NOT NULL,
    state TEXT NOT NULL CHECK (
        state IN ('queued', 'sending', 'created', 'rejected', 'in_doubt', 'not_created', 'cancelled')),
    findings JSONB NOT NULL,
    due_at TIMESTAMP WITH TIME ZONE,
    tries INTEGER NOT NULL,
    locks INTEGER NOT NULL,
    attempt_id TEXT,
    sent_at TIMESTAMP WITH TIME ZONE,
    send_by TIMESTAMP WITH TIME ZONE,
    quiet_until TIMESTAMP WITH TIME ZONE,
    ended_at TIMESTAMP WITH TIME ZONE,
    request TEXT NOT NULL,
    answer TEXT NOT NULL,
    outcome TEXT NOT NULL,
    settled_by TEXT,
    settled_reason TEXT,
    code_kept_at TIMESTAMP WITH TIME ZONE,
    batch_id TEXT
);
CREATE INDEX creations_newest ON creations (tenant_id, seq DESC);
CREATE INDEX creations_due ON creations (connection_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX creations_of_connection ON creations (connection_id, seq DESC);
CREATE INDEX creations_of_code ON creations (connection_id, code);
CREATE INDEX creations_of_record ON creations (connection_id, record_id);
CREATE INDEX creations_for_people ON creations (tenant_id, seq DESC)
    WHERE due_at IS NULL AND state IN ('in_doubt', 'created') AND code_kept_at IS NULL;
CREATE INDEX creations_ended ON creations (tenant_id, ended_at) WHERE ended_at IS NOT NULL;
""")
    keep_tenants_apart("creations")
    # For the counts of the installation, as of sends and lines.
    run("""
CREATE POLICY counted ON creations FOR SELECT
    USING (current_setting('app.counting', true) = 'on' AND current_user <> 'jobferry_app');
""")
