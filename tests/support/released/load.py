"""Databases as a release left them: its schema, and the rows that `make` wrote."""

from __future__ import annotations

from pathlib import Path

import psycopg

from adapters.outbound.postgres.server.schema import MIGRATIONS

RELEASED = "0001"
"""The schema of the newest release; `RELEASED.sql` beside this file holds its rows."""
_FILES = ("tables.sql", "policies.sql", "queue.sql", "functions.sql")
_ROWS = Path(__file__).parent / f"{RELEASED}.sql"


def load_release(url: str) -> None:
    """Fill an empty database, as a superuser. The role of the service exists."""
    with psycopg.connect(url) as connection:
        for file in _FILES:
            connection.execute((MIGRATIONS / "released" / RELEASED / file).read_bytes())
        connection.execute(
            "CREATE TABLE alembic_version (version_num varchar(32) CONSTRAINT alembic_version_pkc PRIMARY KEY)"
        )
        connection.execute("SET session_replication_role = replica")
        # A setting that PostgreSQL 15 and 16 do not know.
        connection.execute(_ROWS.read_bytes().replace(b"SET transaction_timeout = 0;\n", b""))
        connection.execute("SET session_replication_role = origin; SET search_path = public; ANALYZE")


def add_rows_of_newer_tables(url: str) -> None:
    """Of the tenant ten_1, in the tables that the release did not have. The schema is the newest."""
    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO kept_answers (id, tenant_id, body_hash, begun_at, answer)"
            " VALUES ('ans_1', 'ten_1', 'hash', now(), 'sealed')"
        )
        connection.execute(
            "INSERT INTO reconciliations (id, tenant_id, first_day, last_day, since, until, requested_by, created_at,"
            " state, step, round, failures, trouble, reason, unnamed) VALUES ('rec_1', 'ten_1', now(), now(), now(),"
            " now(), 'ann@example.com', now(), 'whole', 'list', 2, 0, '', '', false)"
        )
        connection.execute(
            "INSERT INTO listed_codes (tenant_id, connection_id, kind, key, code, name, street, city, state,"
            " postal_code, phone, customer_code, site_code, unit, listed_from, words) VALUES ('ten_1', 'con_1',"
            " 'customer', 'harview', 'HARVIEW', 'Harborview', '', '', '', '', '', '', '', '', 'spectrum',"
            " ' harview ')"
        )
        connection.execute(
            "INSERT INTO listed_words (tenant_id, connection_id, kind, word, key, words)"
            " VALUES ('ten_1', 'con_1', 'customer', 'harview', 'harview', ' harview ')"
        )
        connection.execute(
            "INSERT INTO code_list_states (tenant_id, connection_id, kind, rows)"
            " VALUES ('ten_1', 'con_1', 'customer', 1)"
        )
        connection.execute(
            "INSERT INTO creations (id, tenant_id, connection_id, kind, record_id, record_name, code, fields, keep,"
            " send_again, company, claims, requested_by, requested_at, state, findings, tries, locks, ended_at,"
            " request, answer, outcome, settled_by, settled_reason) VALUES ('crn_1', 'ten_1', 'con_1', 'site', '771',"
            " 'Harborview', 'HARVIEW', '{}', 'alias', false, '', '[]', 'ann@example.com', now(), 'rejected', '[]', 0,"
            " 0, now(), '', '', '', 'ann@example.com', '')"
        )
        connection.execute(
            "INSERT INTO reconciled_jobs (tenant_id, run_id, job_id, round, unreadable, number, customer, entries,"
            " marks) VALUES ('ten_1', 'rec_1', '1', 2, '', '104482', 'Harborview', '[]', '[]')"
        )
        connection.execute(
            "INSERT INTO suggestion_searches (tenant_id, connection_id, company_code, external_system, requested_by,"
            " started_at, step, round, version, kinds, unread, records, failures, trouble) SELECT tenant_id, id, '101',"
            " 'spectrum', 'ann@example.com', now(), 'done', 1, 1, '[]', '{}', 1, 0, '' FROM connections"
            " WHERE tenant_id = 'ten_1' LIMIT 1"
        )
        connection.execute(
            "INSERT INTO suggested_records (tenant_id, connection_id, kind, record_id, rank, sort_name, score,"
            " sought, customer_id, round, told, matched, version, state, code, place, decided_by, trouble, record,"
            " suggestions) SELECT tenant_id, connection_id, 'customer', '1', 0, '', 0, '', '', 1, true, 1, 1, 'open',"
            " '', 'alias', '', '', '{}', '[]' FROM suggestion_searches"
        )
