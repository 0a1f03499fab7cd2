"""Which connections lead to the same Spectrum company, whoever's they are: hashes that never tell whose."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"

_TABLE = r"""
CREATE TABLE company_connections (
    owner bytea PRIMARY KEY,
    key bytea NOT NULL
);
CREATE INDEX company_connections_of_company ON company_connections (key);
CREATE FUNCTION company_enter(entered bytea, asker bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ INSERT INTO company_connections AS c (owner, key) VALUES (asker, entered)
    ON CONFLICT (owner) DO UPDATE SET key = excluded.key $$;
CREATE FUNCTION company_leave(asker bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ DELETE FROM company_connections c WHERE c.owner = asker $$;
-- Which of these companies somebody else than these connections leads to: yes or no, and nothing more.
CREATE FUNCTION companies_elsewhere(asked bytea[], own bytea[]) RETURNS SETOF bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT DISTINCT c.key FROM company_connections c WHERE c.key = ANY (asked) AND c.owner <> ALL (own) $$;
REVOKE ALL ON FUNCTION company_enter(bytea, bytea), company_leave(bytea), companies_elsewhere(bytea[], bytea[])
    FROM PUBLIC;
"""
_FILL = r"""
ALTER TABLE connections NO FORCE ROW LEVEL SECURITY;
INSERT INTO company_connections (owner, key)
SELECT sha256(convert_to(c.id, 'UTF8')), sha256(convert_to(concat_ws(E'\x1f', 'company',
    lower(substring(c.settings->>'endpoint_url' FROM '^[a-z]+://\[?(.+?)\]?:[0-9]+/ws$')),
    substring(c.settings->>'endpoint_url' FROM ':([0-9]+)/ws$'),
    upper(c.settings->>'company_code')), 'UTF8'))
FROM connections c
WHERE c.settings->>'endpoint_url' ~ '^[a-z]+://.+:[0-9]+/ws$';
ALTER TABLE connections FORCE ROW LEVEL SECURITY;
"""


def upgrade() -> None:
    op.execute(_TABLE)
    op.execute(_FILL)


def downgrade() -> None:
    raise NotImplementedError("There is no way back from the table of companies; restore a backup instead.")
