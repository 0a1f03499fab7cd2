"""The lists of codes that Spectrum companies have."""

from __future__ import annotations

from adapters.outbound.postgres.migrations.statements import all_rows, keep_tenants_apart, run


def code_lists() -> None:
    run("""
CREATE TABLE listed_codes (
    tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('customer', 'site', 'contract', 'item')),
    key TEXT COLLATE "C" NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    active BOOLEAN,
    street TEXT NOT NULL,
    city TEXT NOT NULL,
    state TEXT NOT NULL,
    postal_code TEXT NOT NULL,
    phone TEXT NOT NULL,
    customer_code TEXT NOT NULL,
    site_code TEXT NOT NULL,
    unit TEXT NOT NULL,
    listed_from TEXT NOT NULL CHECK (listed_from IN ('spectrum', 'imported', 'accepted')),
    refused_at TIMESTAMP WITH TIME ZONE,
    stored_at TIMESTAMP WITH TIME ZONE NOT NULL DEFAULT now(),
    words TEXT NOT NULL,
    PRIMARY KEY (connection_id, kind, key)
);
CREATE TABLE listed_words (
    tenant_id TEXT NOT NULL,
    connection_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    word TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    words TEXT NOT NULL,
    PRIMARY KEY (connection_id, kind, word, key) INCLUDE (tenant_id, words)
) WITH (autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 20000);
CREATE TABLE code_list_states (
    tenant_id TEXT NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('customer', 'site', 'contract', 'item')),
    rows INTEGER NOT NULL DEFAULT 0,
    read_at TIMESTAMP WITH TIME ZONE,
    tried_at TIMESTAMP WITH TIME ZONE,
    begun_at TIMESTAMP WITH TIME ZONE,
    complete BOOLEAN NOT NULL DEFAULT false,
    trouble TEXT,
    detail TEXT NOT NULL DEFAULT '',
    rows_so_far INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (connection_id, kind)
);
""")
    for table in ("listed_codes", "listed_words"):
        keep_tenants_apart(table, read_in_thousands=True)
    keep_tenants_apart("code_list_states")
    # Each connection has its due moment; the first one within the next hour, one after the other.
    with all_rows("connections"), all_rows("due_work"):
        run("""
INSERT INTO due_work (kind, subject, tenant_id, due_at)
SELECT 'code_refresh', id, tenant_id, now() + interval '5 minutes' + random() * interval '1 hour' FROM connections
""")
