"""The note and the marker that were written last on a job's work order."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB


def order_notes() -> None:
    op.add_column("work_orders", sa.Column("annotations", JSONB))
