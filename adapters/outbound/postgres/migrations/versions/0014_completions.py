"""Completions that were reopened, polls that fail or are sent back, and several warnings about one job."""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"

_CHANGES = """
ALTER TABLE completions
    ADD COLUMN reopened boolean NOT NULL DEFAULT false,
    ADD COLUMN version bigint NOT NULL DEFAULT 1;
CREATE INDEX completions_of_job ON completions (tenant_id, job_id);
ALTER TABLE tenant_watch
    ADD COLUMN poll_at timestamptz,
    ADD COLUMN poll_failures integer NOT NULL DEFAULT 0,
    ADD COLUMN poll_version bigint NOT NULL DEFAULT 0;
ALTER TABLE warnings ADD COLUMN topic text NOT NULL DEFAULT '';
ALTER TABLE warnings DROP CONSTRAINT warnings_connection_id_job_id_key;
ALTER TABLE warnings ADD CONSTRAINT warnings_once UNIQUE (connection_id, job_id, topic);
ALTER TABLE warnings NO FORCE ROW LEVEL SECURITY;
UPDATE warnings SET topic = 'secret'
    WHERE job_id = '' AND finding ->> 'code' IN ('SECRET_ENDS_SOON', 'SECRET_ROTATION_FAILED');
ALTER TABLE warnings FORCE ROW LEVEL SECURITY;
"""


def upgrade() -> None:
    op.execute(_CHANGES)


def downgrade() -> None:
    raise NotImplementedError("There is no way back from several warnings about one job; restore a backup instead.")
