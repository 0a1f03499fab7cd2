"""The schema of 0.1.0, as it was released. Neither this file nor its statements ever change."""

from __future__ import annotations

from adapters.outbound.postgres.migrations.statements import run_released

revision = "0001"
down_revision = None


def upgrade() -> None:
    for file in ("tables.sql", "policies.sql", "queue.sql", "functions.sql"):
        run_released(revision, file)


def downgrade() -> None:
    raise NotImplementedError("There is nothing before the first schema; restore a backup instead.")
