"""A restored backup: how many cost lines a connection has begun, and whether its items wait for a person's word."""

from __future__ import annotations

from alembic import op

revision = "0013"
down_revision = "0012"

_COLUMNS = """
ALTER TABLE connections
    ADD COLUMN intents bigint NOT NULL DEFAULT 0,
    ADD COLUMN last_intent_at timestamptz,
    ADD COLUMN items_hold jsonb,
    ADD COLUMN restored_at timestamptz;
"""
# Lines that went out before there was a number to count them with: each that was ever begun has one now.
_COUNT = """
ALTER TABLE connections NO FORCE ROW LEVEL SECURITY;
ALTER TABLE cost_lines NO FORCE ROW LEVEL SECURITY;
UPDATE connections SET intents = counted.lines, last_intent_at = counted.last
FROM (
    SELECT connection_id, count(*) AS lines, max(sent_at) AS last FROM cost_lines
    WHERE sent_at IS NOT NULL GROUP BY connection_id
) counted
WHERE counted.connection_id = connections.id;
ALTER TABLE cost_lines FORCE ROW LEVEL SECURITY;
ALTER TABLE connections FORCE ROW LEVEL SECURITY;
"""


def upgrade() -> None:
    op.execute(_COLUMNS)
    op.execute(_COUNT)


def downgrade() -> None:
    raise NotImplementedError("There is no way back from the columns of a restored backup; restore a backup instead.")
