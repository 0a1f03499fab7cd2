"""Work order tasks: which services of the job a send turns into tasks."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op


def tasks() -> None:
    op.add_column("sends", sa.Column("tasks", sa.Text, nullable=False, server_default=sa.text("'new_only'")))
