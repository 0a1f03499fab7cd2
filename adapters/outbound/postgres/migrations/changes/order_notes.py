"""What was written beside a job's work order: note, marker, documents; and which of it waits for a person."""

from __future__ import annotations

from adapters.outbound.postgres.migrations.statements import run


def order_notes() -> None:
    run("""
ALTER TABLE work_orders ADD COLUMN annotations JSONB;
ALTER TABLE work_orders ADD COLUMN unclear BOOLEAN
    GENERATED ALWAYS AS (jsonb_path_exists(annotations, '$.*?(@."state" == "unclear")')) STORED;
CREATE INDEX work_orders_unclear ON work_orders (tenant_id, connection_id, job_id) WHERE unclear;
""")
    # For the counts of the installation, as of sends and lines.
    run("""
CREATE POLICY counted ON work_orders FOR SELECT
    USING (current_setting('app.counting', true) = 'on' AND current_user <> 'jobferry_app');
""")
