"""Plugins: a tenant's defaults, the failures in a row of a connection, and which configuration a plan was made with."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"

_COLUMNS = """
ALTER TABLE tenants ADD COLUMN plugin_defaults jsonb NOT NULL DEFAULT '{}';
ALTER TABLE connections ADD COLUMN plugin_failures integer NOT NULL DEFAULT 0;
"""

# Plans named their rules as texts, such as `priority 0.3`.
_RULES = """
ALTER TABLE sends NO FORCE ROW LEVEL SECURITY;
UPDATE sends SET plan = jsonb_set(plan, '{rules}', coalesce((
    SELECT jsonb_agg(jsonb_build_object(
        'name', split_part(rule, ' ', 1), 'version', substr(rule, strpos(rule || ' ', ' ') + 1), 'config_hash', ''
    ) ORDER BY place)
    FROM jsonb_array_elements_text(plan -> 'rules') WITH ORDINALITY AS listed (rule, place)
), '[]'))
WHERE jsonb_typeof(plan -> 'rules' -> 0) = 'string';
ALTER TABLE sends FORCE ROW LEVEL SECURITY;
"""


def upgrade() -> None:
    op.execute(_COLUMNS)
    op.execute(_RULES)


def downgrade() -> None:
    raise NotImplementedError("There is no way back from the plugins' columns; restore a backup instead.")
