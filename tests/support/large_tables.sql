-- An installation after some years: the tenant ten_1 with a seventh of all connections, most of them new. Twenty of them have
-- nearly all rows of every other table.
--
-- large_tables.py puts MANY in the place of 20000. ten_1 with con_1 and the endpoint whe_1 are there. Triggers and foreign keys are not asked.

SET session_replication_role = replica;
SET synchronous_commit = off;

CREATE FUNCTION pg_temp.connection(n integer) RETURNS text LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE n % 20 WHEN 0 THEN 'con_1' ELSE 'con_x' || n % 20 END $$;

CREATE FUNCTION pg_temp.ago(n integer) RETURNS timestamptz LANGUAGE sql STABLE AS
$$ SELECT now() - (20000 - n) * interval '1 hour' $$;

INSERT INTO tenants (id, slug, settings, login_kind, login_name, login_secret, data_key, created_at)
SELECT 'ten_x' || n, 'slug-' || n, (SELECT settings FROM tenants WHERE id = 'ten_1'), 'password', 'user', '', '', now() FROM generate_series(1, 20000) n;

INSERT INTO connections (id, tenant_id, slug, external_system, settings, company, authorization_id)
SELECT 'con_x' || n, CASE WHEN n < 20 OR n > 20000 * 17 / 20 THEN 'ten_1' ELSE 'ten_x' || n END, 'slug-' || n, 'system_' || n,
    (SELECT settings FROM connections WHERE id = 'con_1'), sha256(n::text::bytea), '' FROM generate_series(1, 20000) n;

INSERT INTO sends (id, tenant_id, connection_id, job_id, state, step, due_at, attempts, waits, adopt, items,
    completes, plan_id, findings, requested_at, requested_by, finished_at, version, batch_id, waits_for, job_number,
    work_order_number, customer, job_key, work_order_key, customer_key)
SELECT 'snd_x' || n, 'ten_1', pg_temp.connection(n), (n / 5)::text,
    CASE WHEN n % 200 = 1 THEN 'needs_attention' WHEN n % 500 = 2 THEN 'queued' ELSE 'sent' END,
    CASE WHEN n % 500 = 2 THEN 'plan' ELSE 'done' END, CASE WHEN n % 500 = 2 THEN now() - interval '1 hour' END,
    0, 0, false, 'none', false, 'pln_x' || n, CASE WHEN n % 200 = 1 THEN jsonb_build_array(jsonb_build_object(
        'code', CASE n % 600 WHEN 1 THEN 'RECORD_LOCKED' ELSE 'MAP_CUSTOMER_MISSING' END, 'severity', 'blocker',
        'message', 'm', 'owner', 'it')) ELSE '[]' END, pg_temp.ago(n), 'bench',
    CASE WHEN n % 500 <> 2 THEN pg_temp.ago(n) END, 1, 'bat_x' || n / 100,
    CASE WHEN n % 1000 = 2 THEN 'snd_x' || n - 1 END, 'J' || n / 5, 'T' || n / 5, 'Customer ' || n % 500, 'j' || n / 5,
    't' || n / 5, 'customer ' || n % 500
    FROM generate_series(1, 20000) n;

INSERT INTO send_plans (id, tenant_id, send_id, plan, lines)
SELECT 'pln_x' || n, 'ten_1', 'snd_x' || n, '{"job_id": "1", "connection_id": "con_1", "number": "T1", "header": [], "lines": []}', 0 FROM generate_series(1, 20000) n;

INSERT INTO batch_sends (tenant_id, batch_id, send_id)
SELECT 'ten_1', 'bat_x' || n / 100, 'snd_x' || n FROM generate_series(1, 20000) n;

INSERT INTO attempts (tenant_id, send_id, step, started_at, outcome, detail, request, answer, line_id)
SELECT 'ten_1', 'snd_x' || n, 'header', pg_temp.ago(n), 'accepted', '', '<a/>', '<b/>',
    'lin_x' || n FROM generate_series(1, 20000) n;

INSERT INTO idempotency_keys (tenant_id, key, body_hash, send_id, created_at)
SELECT 'ten_1', 'key-' || n, '', 'snd_x' || n, pg_temp.ago(n)
    FROM generate_series(1, 20000) n;

INSERT INTO work_orders (tenant_id, connection_id, job_id, number, last_send_id, failure_reported, annotations)
SELECT 'ten_1', pg_temp.connection(n), n::text, 'T' || n, 'snd_x' || n, false,
    jsonb_build_object('document:' || n, jsonb_build_object('place', n::text, 'text', 'a.pdf', 'plan_id', 'pln', 'begun_at', now(),
        'state', CASE WHEN n % 500 = 1 THEN 'unclear' ELSE 'written' END))
    FROM generate_series(1, 20000) n;

INSERT INTO warnings (id, tenant_id, connection_id, job_id, send_id, finding, raised_at, need_key)
SELECT 'wrn_x' || n, 'ten_1', pg_temp.connection(n), n::text, 'snd_x' || n, jsonb_set('{"code": "MAP_CUSTOMER_MISSING", "severity": "blocker", "message": "m", "fix": ["f"], "owner": "it"}', '{code}',
    CASE WHEN n % 200 = 1 THEN '"RECORD_LOCKED"'::jsonb ELSE '"MAP_CUSTOMER_MISSING"'::jsonb END), now() - n * interval '1 minute', 'customer:' || n / 10
    FROM generate_series(1, 20000) n;

INSERT INTO cost_lines (id, tenant_id, connection_id, job_id, work_order_number, item_id, item_name, kind, round,
    purpose, fields, state, send_id, place, attempt_id, sent_at, findings, given_back)
SELECT 'lin_x' || n, 'ten_1', pg_temp.connection(n), (n / 5)::text, 'T' || n / 5, n::text, 'Valve', 'material', 0, 'new', '{}',
    CASE WHEN n % 500 = 3 THEN 'in_doubt' WHEN n % 500 = 4 THEN 'planned' ELSE 'posted' END, 'snd_x' || n, 1,
    'att_1', now() - n * interval '1 minute', '[]', false FROM generate_series(1, 20000) n;

INSERT INTO webhook_endpoints (id, tenant_id, url, events, description, paused, paused_reason, secret, created_at)
SELECT 'whe_x' || n, CASE WHEN n < 20 THEN 'ten_1' ELSE 'ten_x' || n END, 'https://hooks.example.com', '[]', '', false, '', '', now()
    FROM generate_series(1, 20000) n;

INSERT INTO webhook_deliveries (tenant_id, endpoint_id, event_id, type, body, created_at, state, tries, due_at,
    detail)
SELECT 'ten_1', CASE n % 20 WHEN 0 THEN 'whe_1' ELSE 'whe_x' || n % 20 END, 'evt_x' || n, 'send.failed', '{}', pg_temp.ago(n),
    CASE WHEN n % 200 = 1 THEN 'pending' ELSE 'delivered' END, 0, CASE WHEN n % 200 = 1 THEN now() END, ''
    FROM generate_series(1, 20000) n;

INSERT INTO kept_answers (id, tenant_id, body_hash, begun_at, made)
SELECT 'ans_x' || n, CASE WHEN n % 100 = 0 THEN NULL ELSE 'ten_1' END, 'hash', pg_temp.ago(n), true FROM generate_series(1, 20000) n;

INSERT INTO recipients (id, tenant_id, channel, address, kinds, digest_hour, paused, paused_reason, trouble, refusals,
    created_at, created_by, link_key)
SELECT 'rcp_x' || n, CASE WHEN n < 20 THEN 'ten_1' ELSE 'ten_x' || n END, 'mail', 'office@example.com', '["send_failed"]', 7, false, '', '', 0,
    now(), 'ann', '' FROM generate_series(1, 20000) n;

INSERT INTO notices (tenant_id, recipient_id, kind, cause, connection_id, code, message, job_id, job, send_id, at, ready_at)
SELECT 'ten_1', CASE n % 20 WHEN 0 THEN 'rcp_1' ELSE 'rcp_x' || n % 20 END, 'send_failed', 'send_failed:' || n % 200, 'con_1', 'C', 'm', n::text, n::text, 'snd_x' || n,
    pg_temp.ago(n), pg_temp.ago(n) FROM generate_series(1, 20000) n;

INSERT INTO notification_messages (tenant_id, recipient_id, id, kind, cause, content, created_at, state, tries, due_at, detail)
SELECT 'ten_1', CASE n % 20 WHEN 0 THEN 'rcp_1' ELSE 'rcp_x' || n % 20 END, 'msg_x' || n, 'send_failed', 'send_failed:' || n % 200, '{"subject": "s", "lead": []}',
    pg_temp.ago(n), CASE WHEN n % 200 = 1 THEN 'pending' ELSE 'delivered' END, 0, CASE WHEN n % 200 = 1 THEN now() END, ''
    FROM generate_series(1, 20000) n;

INSERT INTO creations (id, tenant_id, connection_id, kind, record_id, record_name, code, fields, keep, send_again, company, claims,
    requested_by, requested_at, state, findings, due_at, tries, locks, ended_at, request, answer, outcome, code_kept_at)
SELECT 'crn_x' || n, 'ten_1', pg_temp.connection(n), 'site', n::text, 'Harborview', 'CODE' || n, '{}', 'alias', false, '', '[]', 'ann', pg_temp.ago(n),
    CASE n % 200 WHEN 0 THEN 'queued' WHEN 20 THEN 'in_doubt' ELSE 'created' END, '[]', CASE WHEN n % 200 = 0 THEN pg_temp.ago(n) END, 0, 0,
    CASE WHEN n % 200 NOT IN (0, 20) THEN pg_temp.ago(n) END, '', '', '', CASE WHEN n % 200 NOT IN (0, 20) THEN pg_temp.ago(n) END
    FROM generate_series(1, 20000) n;

INSERT INTO reconciliations (id, tenant_id, first_day, last_day, since, until, requested_by, created_at, state, step, round, failures,
    trouble, reason, unnamed)
SELECT 'rec_x' || n, CASE WHEN n < 200 THEN 'ten_1' ELSE 'ten_x' || n END, now(), now(), now(), now(), 'ann', pg_temp.ago(n),
    CASE WHEN n % 50 = 1 THEN 'running' ELSE 'whole' END, 'check', 2, 0, '', '', false FROM generate_series(1, 20000) n;

INSERT INTO reconciled_jobs (tenant_id, run_id, job_id, round, completed_on, updated, checked_at, unreadable, number, customer, entries, marks)
SELECT 'ten_1', 'rec_x' || n % 200, n::text, 2, now(), now(), CASE WHEN n % 50 > 0 THEN now() END, '', n::text, 'Harborview',
    '[{"connection": "main-1", "sums": {"posted_quantity": "1", "posted_amount": "1", "open_quantity": "0", "open_amount": "0"}}]',
    '["accounted", "main-1/", "main-1/accounted"]' FROM generate_series(1, 20000) n WHERE n % 200 > 0;

INSERT INTO suggestion_searches (tenant_id, connection_id, company_code, external_system, requested_by, started_at, step, round, version,
    kinds, unread, records, failures, trouble)
SELECT tenant_id, id, '101', 'spectrum', 'ann', now(), 'done', 1, 1, '[]', '{}', 20000, 0, '' FROM connections WHERE id LIKE 'con_x%' OR id = 'con_1';

INSERT INTO suggested_records (tenant_id, connection_id, kind, record_id, rank, sort_name, score, sought, customer_id, round, told, matched,
    version, state, grade, code, place, decided_by, trouble, record, suggestions)
SELECT 'ten_1', pg_temp.connection(n), CASE WHEN n % 3 = 0 THEN 'customer' ELSE 'site' END, n::text, CASE WHEN n % 3 = 0 THEN 0 ELSE 1 END,
    'harborview ' || n, n % 100, n || ' harborview ' || n, (n / 40)::text, 1, n % 400 > 0, CASE WHEN n % 200 = 0 THEN 0 ELSE 1 END, n,
    CASE WHEN n % 200 = 20 THEN 'confirmed' WHEN n % 5 = 1 THEN 'set' ELSE 'open' END,
    CASE WHEN n % 3 = 1 THEN 'doubtful' ELSE 'clear' END, 'HARVIEW', 'servicetrade', '', '',
    jsonb_build_object('kind', 'customer', 'id', n::text, 'name', 'Harborview ' || n), '[]' FROM generate_series(1, 20000) n;

INSERT INTO number_claims (key, owner) SELECT sha256(n::text::bytea), 'owner' FROM generate_series(1, 20000) n;

INSERT INTO account_entries (line_id, account, item, owner, stands)
SELECT 'lin_x' || n, sha256((n / 5)::text::bytea), 'item', 'owner', true FROM generate_series(1, 20000) n;

INSERT INTO company_connections (owner, key)
SELECT sha256(('con_x' || n)::bytea), sha256(n::text::bytea) FROM generate_series(1, 20000) n;

INSERT INTO audit (tenant_id, at, actor, action, subject, detail)
SELECT 'ten_1', pg_temp.ago(n), 'ann', 'doubt.settled', 'lin_x' || n, '{}'
    FROM generate_series(1, 20000) n;

INSERT INTO operator_audit (at, actor, action, subject, detail)
SELECT pg_temp.ago(n), 'ann', 'tenant.added', 'ten_x' || n, '{}'
    FROM generate_series(1, 20000) n;

INSERT INTO api_keys (id, tenant_id, digest, prefix, name, scopes, created_at, created_by)
SELECT 'key_x' || n, 'ten_x' || n, sha256(n::text::bytea), 'jf_', 'key', '[]', now(), 'ann'
    FROM generate_series(1, 20000) n;

INSERT INTO people (id, tenant_id, email, name, role, created_at, created_by)
SELECT 'per_x' || n, 'ten_x' || n, 'p' || n || '@example.com', 'P', 'sender', now(), 'ann'
    FROM generate_series(1, 20000) n;

-- Of most records the code is in ServiceTrade; few have an alias.
INSERT INTO aliases (id, tenant_id, connection_id, kind, servicetrade_id, name, code, set_at, set_by, source)
SELECT 'als_x' || n, 'ten_1', pg_temp.connection(n), 'customer', n::text, 'Harborview', 'HARVIEW', now(), 'ann',
    CASE WHEN n % 200 = 1 THEN 'alias' ELSE 'servicetrade' END
    FROM generate_series(1, 20000) n;

-- A connection has tens of thousands of codes; the others of the tenant have few.
INSERT INTO listed_codes (tenant_id, connection_id, kind, key, code, name, active, street, city, state, postal_code,
    phone, customer_code, site_code, unit, listed_from, words)
SELECT 'ten_1', CASE WHEN n % 10 = 0 THEN pg_temp.connection(n) ELSE 'con_1' END, 'item', 'i' || n, 'I' || n,
    'Valve brass', true, '', '', '', '', '', '', '', 'EA', 'spectrum', ' brass i' || n || ' valve '
    FROM generate_series(1, 20000) n;

INSERT INTO listed_words (tenant_id, connection_id, kind, word, key, words)
SELECT c.tenant_id, c.connection_id, c.kind, w.word, c.key, c.words
FROM listed_codes c, regexp_split_to_table(btrim(c.words), ' ') AS w (word);

INSERT INTO code_list_states (tenant_id, connection_id, kind)
SELECT tenant_id, id, 'item' FROM connections WHERE id LIKE 'con_x%';

INSERT INTO due_work (kind, subject, tenant_id)
SELECT 'code_refresh', id, tenant_id FROM connections WHERE id LIKE 'con_x%';

INSERT INTO alias_history (alias_id, alias_seq, tenant_id, connection_id, kind, servicetrade_id, name, code, set_at,
    set_by, ended, ended_at, ended_by)
SELECT 'als_x' || n, n, 'ten_1', pg_temp.connection(n), 'customer', n::text, 'Harborview', 'OLD', now(), 'ann', 'replaced',
    now(), 'ann' FROM generate_series(1, 20000) n;

INSERT INTO hints (tenant_id, job_id, due_at)
SELECT 'ten_1', n::text, now() + n * interval '1 minute' FROM generate_series(1, 20000) n;

INSERT INTO completions (tenant_id, connection_id, job_id, completed_on, reopened)
SELECT 'ten_1', pg_temp.connection(n), n::text, pg_temp.ago(n), false FROM generate_series(1, 20000) n;

INSERT INTO servicetrade_webhooks (digest, tenant_id, made_at)
SELECT sha256(n::text::bytea), 'ten_x' || n, now() FROM generate_series(1, 20000) n;

INSERT INTO tenant_watch (tenant_id, polled_until) SELECT 'ten_x' || n, now() FROM generate_series(1, 20000) n;

INSERT INTO due_work (kind, subject, tenant_id, due_at)
SELECT 'drain', id, tenant_id, CASE WHEN seq % 2000 = 2 THEN now() - interval '1 minute' END
FROM connections WHERE id LIKE 'con_x%';

INSERT INTO due_work (kind, subject, tenant_id, due_at)
SELECT 'completion_sync', id, id, now() + seq * interval '1 second' FROM tenants WHERE id LIKE 'ten_x%';

INSERT INTO due_work (kind, subject, tenant_id)
SELECT 'webhook_delivery', id, tenant_id FROM webhook_endpoints WHERE id LIKE 'whe_x%';

INSERT INTO due_work (kind, subject, tenant_id)
SELECT 'notification', id, tenant_id FROM recipients WHERE id LIKE 'rcp_x%';

INSERT INTO due_work (kind, subject, tenant_id)
SELECT 'reconciliation', id, tenant_id FROM reconciliations WHERE id LIKE 'rec_x%' AND state = 'running';

INSERT INTO due_work (kind, subject, tenant_id) SELECT 'suggestions', connection_id, tenant_id FROM suggestion_searches;

-- Most tenants are small: five thousand of them have one row in each of these tables, newer than all of ten_1. A plan
-- that is kept for all tenants expects what most of them have.
DO $$ DECLARE filled text; names text; taken text; BEGIN
    FOREACH filled IN ARRAY ARRAY['sends', 'send_plans', 'batch_sends', 'attempts', 'idempotency_keys', 'work_orders',
        'warnings', 'cost_lines', 'webhook_deliveries', 'notices', 'notification_messages', 'audit', 'aliases', 'alias_history', 'hints', 'completions', 'reconciled_jobs', 'suggested_records'] LOOP
        SELECT string_agg(attname, ', '), string_agg(CASE
            WHEN attname = 'tenant_id' THEN '''ten_x'' || n'
            WHEN atttypid = 'text'::regtype AND attname ~ '(^|_)id$' THEN format('o.%s || ''-'' || n', attname)
            ELSE 'o.' || attname END, ', ')
        INTO names, taken FROM pg_attribute
        WHERE attrelid = filled::regclass AND attnum > 0 AND NOT attisdropped AND attidentity = '' AND attgenerated = '';
        EXECUTE format('INSERT INTO %I (%s) SELECT %s FROM (SELECT * FROM %1$I LIMIT 1) o,
            generate_series(10001, 15000) n', filled, names, taken);
    END LOOP;
END $$;
