"""Counts over all tenants for those who watch an installation, and nothing but counts."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0004"

_CENSUS = """
CREATE INDEX sends_count ON sends (state);
CREATE FUNCTION census(silence interval)
RETURNS TABLE (subject text, kind text, number bigint, oldest timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ BEGIN
    PERFORM set_config('app.counting', 'on', true);
    RETURN QUERY
    SELECT 'send', s.state, count(*), NULL::timestamptz FROM sends s GROUP BY s.state
    UNION ALL
    SELECT 'due', '', count(*), min(s.due_at)
        FROM sends s JOIN connections c ON c.id = s.connection_id
        WHERE s.due_at IS NOT NULL AND NOT c.paused
    UNION ALL
    SELECT 'line', 'in_doubt', count(*), NULL FROM cost_lines l WHERE l.state = 'in_doubt'
    UNION ALL
    SELECT 'connection', 'all', count(*), NULL FROM connections c
    UNION ALL
    SELECT 'connection', 'held', count(*), NULL FROM connections c WHERE c.hold IS NOT NULL
    UNION ALL
    SELECT 'connection', 'paused', count(*), NULL FROM connections c WHERE c.paused
    UNION ALL
    SELECT 'worker', 'alive', count(*), NULL FROM procrastinate_workers w WHERE w.last_heartbeat > now() - silence;
    PERFORM set_config('app.counting', '', true);
END $$;
REVOKE ALL ON FUNCTION census(interval) FROM PUBLIC;
"""

_COUNTED = ("sends", "cost_lines", "connections")


def upgrade() -> None:
    for table in _COUNTED:
        # Row-level security binds the function's owner too. The setting alone opens nothing to the service's role,
        # which could set it itself: only inside the function is somebody else the current user.
        op.execute(
            f"CREATE POLICY counted ON {table} FOR SELECT"
            " USING (current_setting('app.counting', true) = 'on' AND current_user <> 'jobferry_app')"
        )
    op.execute(_CENSUS)


def downgrade() -> None:
    raise NotImplementedError("There is no way back from the counts; restore a backup instead.")
