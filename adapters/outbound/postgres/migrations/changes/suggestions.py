"""Searches for Spectrum codes, and the records without a code that they found."""

from __future__ import annotations

from adapters.outbound.postgres.migrations.statements import keep_tenants_apart, run


def suggestions() -> None:
    run("""
CREATE TABLE suggestion_searches (
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    connection_id TEXT NOT NULL PRIMARY KEY REFERENCES connections (id) ON DELETE CASCADE,
    company_code TEXT NOT NULL,
    external_system TEXT NOT NULL,
    requested_by TEXT NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    step TEXT NOT NULL CHECK (step IN ('read', 'ask', 'match', 'done')),
    round INTEGER NOT NULL,
    version BIGINT NOT NULL,
    kinds JSONB NOT NULL,
    unread JSONB NOT NULL,
    records INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    trouble TEXT NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE
);
CREATE TABLE suggested_records (
    tenant_id TEXT NOT NULL REFERENCES tenants (id),
    connection_id TEXT NOT NULL REFERENCES connections (id) ON DELETE CASCADE,
    kind TEXT NOT NULL CHECK (kind IN ('customer', 'site', 'contract', 'item')),
    record_id TEXT NOT NULL,
    rank INTEGER NOT NULL,
    sort_name TEXT COLLATE "C" NOT NULL,
    score INTEGER NOT NULL,
    sought TEXT NOT NULL,
    customer_id TEXT NOT NULL,
    round INTEGER NOT NULL,
    told BOOLEAN NOT NULL,
    matched INTEGER NOT NULL,
    version BIGINT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('open', 'left', 'confirmed', 'set')),
    grade TEXT CHECK (grade IN ('clear', 'doubtful', 'nothing')),
    code TEXT NOT NULL,
    place TEXT NOT NULL CHECK (place IN ('servicetrade', 'alias')),
    decided_by TEXT NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE,
    trouble TEXT NOT NULL,
    record JSONB NOT NULL,
    suggestions JSONB NOT NULL,
    PRIMARY KEY (connection_id, kind, record_id)
);
CREATE INDEX suggested_records_shown
    ON suggested_records (connection_id, state, grade, rank, sort_name, record_id);
CREATE INDEX suggested_records_by_doubt
    ON suggested_records (connection_id, state, grade, score, rank, sort_name, record_id);
CREATE INDEX suggested_records_listed ON suggested_records (connection_id, state, rank, sort_name, record_id);
CREATE INDEX suggested_records_unmatched ON suggested_records (connection_id, kind, matched) WHERE state = 'open';
CREATE INDEX suggested_records_untold ON suggested_records (connection_id) WHERE NOT told;
CREATE INDEX suggested_records_of_customer ON suggested_records (connection_id, customer_id);
""")
    keep_tenants_apart("suggestion_searches")
    keep_tenants_apart("suggested_records")
