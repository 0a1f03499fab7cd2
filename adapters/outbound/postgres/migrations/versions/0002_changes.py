"""The changes of 0.2.0, which is not released yet. Until then they are made here, afterwards in a new migration.

Tables, columns and indexes are changed here and in `tables`. Functions and triggers are not: see `statements.py`.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from adapters.outbound.postgres.migrations.changes.code_lists import code_lists
from adapters.outbound.postgres.migrations.changes.creations import creations
from adapters.outbound.postgres.migrations.changes.order_notes import order_notes
from adapters.outbound.postgres.migrations.changes.suggestions import suggestions
from adapters.outbound.postgres.migrations.changes.tasks import tasks
from adapters.outbound.postgres.migrations.statements import all_rows, keep_tenants_apart, run

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    _requests_that_may_be_repeated()
    _webhooks_again()
    _reconciliations()
    _item_codes()
    code_lists()
    tasks()
    order_notes()
    suggestions()
    creations()


def _requests_that_may_be_repeated() -> None:
    op.create_table(
        "kept_answers",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("tenant_id", sa.Text, sa.ForeignKey("tenants.id")),
        sa.Column("body_hash", sa.Text, nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made", sa.Boolean, nullable=False, server_default=sa.text("false")),
        sa.Column("data_key", sa.LargeBinary),
        sa.Column("answer", sa.LargeBinary),
    )
    op.create_index("kept_answers_by_time", "kept_answers", ["tenant_id", "begun_at"])
    keep_tenants_apart("kept_answers", operator_too=True)
    # Until now nothing told of the keys of one tenant with one name which is the successor of which: they are one
    # program's, as they were for its requests.
    op.add_column("api_keys", sa.Column("first_id", sa.Text))
    with all_rows("api_keys"):
        run("""
UPDATE api_keys k SET first_id = f.id
FROM (SELECT tenant_id, name, min(id) AS id FROM api_keys GROUP BY tenant_id, name) f
WHERE f.tenant_id IS NOT DISTINCT FROM k.tenant_id AND f.name = k.name AND f.id <> k.id;
""")
    # A key is now its caller's own, as `BoundKey.of` writes it. Whoever repeats a request after the upgrade still has
    # to find its send or batch. Meanwhile one key may look like what another one becomes, so none is unique.
    run("ALTER TABLE idempotency_keys DROP CONSTRAINT idempotency_keys_pkey")
    with all_rows("idempotency_keys"), all_rows("sends"), all_rows("batch_sends"), all_rows("api_keys"):
        run("""
UPDATE idempotency_keys k SET key = replace(replace(coalesce((
    SELECT coalesce((
        SELECT 'key:' || min(a.id) FROM api_keys a
        WHERE (a.tenant_id = k.tenant_id AND 'key:' || a.name = s.requested_by)
        OR (a.tenant_id IS NULL AND 'operator:' || a.name = s.requested_by)
    ), s.requested_by) FROM sends s WHERE s.tenant_id = k.tenant_id AND s.id = coalesce((
        SELECT b.send_id FROM batch_sends b WHERE b.tenant_id = k.tenant_id AND b.batch_id = k.send_id LIMIT 1
    ), k.send_id)), ''), '%', '%25'), '/', '%2F') || '/' || k.key;
""")
    run("ALTER TABLE idempotency_keys ADD PRIMARY KEY (tenant_id, key)")


def _webhooks_again() -> None:
    op.add_column("webhook_deliveries", sa.Column("redelivered_at", sa.DateTime(timezone=True)))


def _reconciliations() -> None:
    run("""
CREATE TABLE reconciliations (
    id TEXT NOT NULL PRIMARY KEY,
    seq BIGINT GENERATED ALWAYS AS IDENTITY NOT NULL,
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    first_day DATE NOT NULL,
    last_day DATE NOT NULL,
    since TIMESTAMP WITH TIME ZONE NOT NULL,
    until TIMESTAMP WITH TIME ZONE NOT NULL,
    requested_by TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('running', 'whole', 'incomplete')),
    step TEXT NOT NULL CHECK (step IN ('list', 'check')),
    round INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    trouble TEXT NOT NULL,
    reason TEXT NOT NULL,
    unnamed BOOLEAN NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE
);
CREATE INDEX reconciliations_newest ON reconciliations (tenant_id, seq DESC);
CREATE INDEX reconciliations_oldest ON reconciliations (tenant_id, created_at);
CREATE INDEX reconciliations_running ON reconciliations (tenant_id, seq) WHERE state = 'running';
CREATE TABLE reconciled_jobs (
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    run_id TEXT NOT NULL REFERENCES reconciliations (id) ON DELETE CASCADE,
    job_id TEXT NOT NULL,
    round INTEGER NOT NULL,
    completed_on TIMESTAMP WITH TIME ZONE,
    updated TIMESTAMP WITH TIME ZONE,
    checked_at TIMESTAMP WITH TIME ZONE,
    unreadable TEXT NOT NULL,
    number TEXT NOT NULL,
    customer TEXT NOT NULL,
    entries JSONB NOT NULL,
    marks JSONB NOT NULL,
    PRIMARY KEY (run_id, job_id)
);
CREATE INDEX reconciled_jobs_unchecked ON reconciled_jobs (run_id, job_id) WHERE checked_at IS NULL;
""")
    keep_tenants_apart("reconciliations")
    keep_tenants_apart("reconciled_jobs")


def _item_codes() -> None:
    run("ALTER TABLE aliases DROP CONSTRAINT aliases_kind_check")
    run("ALTER TABLE aliases ADD CHECK (kind IN ('customer', 'site', 'contract', 'item'))")


def downgrade() -> None:
    raise NotImplementedError("There is no way back by migrations; restore the backup made before the upgrade.")
