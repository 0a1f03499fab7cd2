"""The changes of 0.2.0, which is not released yet. Until then they are made here, afterwards in a new migration.

Tables, columns and indexes are changed here and in `tables`. Functions and triggers are not: see `statements.py`.
"""

from __future__ import annotations

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    pass


def downgrade() -> None:
    raise NotImplementedError("There is no way back by migrations; restore the backup made before the upgrade.")
