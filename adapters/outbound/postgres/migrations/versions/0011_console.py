"""What the console asks for: who goes along in a batch, warnings by their cause, and sends by their time."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"

_CHANGES = """
CREATE TABLE batch_sends (
    tenant_id text NOT NULL,
    batch_id text NOT NULL,
    send_id text NOT NULL REFERENCES sends ON DELETE CASCADE,
    PRIMARY KEY (tenant_id, batch_id, send_id)
);
CREATE INDEX batch_sends_of_send ON batch_sends (send_id);
ALTER TABLE sends NO FORCE ROW LEVEL SECURITY;
INSERT INTO batch_sends SELECT tenant_id, batch_id, id FROM sends WHERE batch_id IS NOT NULL;
ALTER TABLE sends FORCE ROW LEVEL SECURITY;
DROP INDEX sends_of_batch;
CREATE INDEX sends_by_time ON sends (tenant_id, requested_at);
CREATE INDEX warnings_by_cause ON warnings (tenant_id, (finding ->> 'code'), raised_at DESC, id DESC);
"""
_OURS = "tenant_id = current_setting('app.tenant', true)"


def upgrade() -> None:
    op.execute(_CHANGES)
    op.execute("ALTER TABLE batch_sends ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE batch_sends FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant_only ON batch_sends USING ({_OURS}) WITH CHECK ({_OURS})")


def downgrade() -> None:
    raise NotImplementedError("There is no way back from batches that share sends; restore a backup instead.")
