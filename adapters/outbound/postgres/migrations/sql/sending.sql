-- What a send's changes need and store, each in one call. The functions run with the rights of their caller, so that
-- row-level security applies to every statement in them. Arguments and results are JSON; hashes are hexadecimal text.
-- `ahead` moves the time, for tests.

-- Every commit is on disk, whatever the server's default is: if a power failure removed an intent, its line would be
-- sent a second time. The one stronger setting stays.
CREATE OR REPLACE FUNCTION begin_tenant(tenant text) RETURNS void LANGUAGE plpgsql AS
$$ BEGIN
    PERFORM set_config('app.tenant', tenant, true);
    IF current_setting('synchronous_commit') NOT IN ('on', 'remote_apply') THEN
        PERFORM set_config('synchronous_commit', 'on', true);
    END IF;
END $$;

-- A job has few sends, and a connection few that have work left; but their tenant has many, and many in one state. So
-- only the job and the connection are searched for: OFFSET keeps other conditions out, which look as good to the planner
-- while it knows little of the table. For the same reason a row with an id is searched for by its id: nothing can be
-- searched for with `tenant_id || ''`.
CREATE OR REPLACE FUNCTION sends_of_job(of_connection text, of_job text) RETURNS SETOF sends LANGUAGE sql STABLE AS
$$ SELECT * FROM sends s WHERE s.connection_id = of_connection AND s.job_id = of_job OFFSET 0 $$;

CREATE OR REPLACE FUNCTION sends_to_do(of_connection text) RETURNS SETOF sends LANGUAGE sql STABLE AS
$$ SELECT * FROM sends s WHERE s.connection_id = of_connection AND s.due_at IS NOT NULL ORDER BY s.seq OFFSET 0 $$;

CREATE OR REPLACE FUNCTION send_document(stored sends) RETURNS jsonb LANGUAGE sql STABLE AS
$$ SELECT to_jsonb(stored)
    || jsonb_build_object('plan', (SELECT p.plan FROM send_plans p WHERE p.id = stored.plan_id)) $$;

-- A row comes with a hash of its columns, and without the columns if the caller `known` that hash: it has the row already.
-- The counters of a connection change with every send, so they stand beside its row. Its secrets are never in it.
CREATE OR REPLACE FUNCTION connection_document(stored connections, known jsonb) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS
$$ DECLARE lasting connections := stored; hash bigint; facts jsonb; BEGIN
    lasting.epoch := 0;
    lasting.intents := 0;
    lasting.last_intent_at := NULL;
    lasting.last_write_at := NULL;
    hash := hash_record_extended(lasting, 0);
    facts := jsonb_build_object('hash', hash, 'intents', stored.intents, 'last_intent_at', stored.last_intent_at,
        'last_write_at', stored.last_write_at);
    IF hash IS DISTINCT FROM known::bigint THEN
        facts := facts || jsonb_build_object(
            'row', to_jsonb(stored) - '{authorization_id,client_secret,next_client_secret,epoch}'::text[]);
    END IF;
    RETURN facts;
END $$;

CREATE OR REPLACE FUNCTION tenant_document(stored_id text, known jsonb) RETURNS jsonb LANGUAGE sql STABLE AS
$$ SELECT jsonb_build_object('hash', hash) || CASE
        WHEN hash IS DISTINCT FROM known::bigint THEN jsonb_build_object('row', to_jsonb(t)) ELSE '{}' END
    FROM tenants t, hash_record_extended(t, 0) hash WHERE t.id = stored_id $$;

-- The entries of others on these accounts. They are locked one after the other, in the given order.
CREATE OR REPLACE FUNCTION entries_of_others(accounts jsonb, asker bytea, locked boolean) RETURNS jsonb LANGUAGE plpgsql AS
$$ DECLARE account text; facts jsonb := '[]'; BEGIN
    FOR account IN SELECT jsonb_array_elements_text(accounts) LOOP
        facts := facts || (
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                'account', account, 'item', encode(e.item, 'hex'), 'stands', e.stands)), '[]')
            FROM account_others(decode(account, 'hex'), asker, locked) e);
    END LOOP;
    RETURN facts;
END $$;

CREATE OR REPLACE FUNCTION line_document(stored cost_lines, known bigint[]) RETURNS jsonb LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE WHEN hash_record_extended(stored, 0) = ANY (known) THEN to_jsonb(hash_record_extended(stored, 0))
    ELSE to_jsonb(stored) || jsonb_build_object('hash', hash_record_extended(stored, 0)) END $$;

-- The lines that take a place on this work order or were planned for this job.
CREATE OR REPLACE FUNCTION lines_on_account(tenant text, connection text, job text, number text) RETURNS jsonb
LANGUAGE sql STABLE AS
$$ SELECT coalesce(jsonb_agg(to_jsonb(l) ORDER BY l.item_id COLLATE "C", l.round), '[]') FROM cost_lines l
    WHERE l.tenant_id = tenant AND l.connection_id = connection AND NOT l.given_back
        AND (l.job_id = job OR l.work_order_number = number) $$;

-- Lock the connection, then read. NULL if there is no such connection.
CREATE OR REPLACE FUNCTION send_facts(asked jsonb) RETURNS jsonb LANGUAGE plpgsql AS
$$ DECLARE
    of_tenant text := asked ->> 'tenant';
    of_connection text := asked ->> 'connection';
    of_send text := asked ->> 'send';
    of_job text := asked ->> 'job';
    of_number text := asked ->> 'number';
    known_lines bigint[] := ARRAY (SELECT jsonb_array_elements(asked -> 'known_lines')::bigint);
    locked connections;
    facts jsonb;
BEGIN
    PERFORM begin_tenant(of_tenant);
    SELECT * INTO locked FROM connections c WHERE c.tenant_id || '' = of_tenant AND c.id = of_connection FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    SELECT jsonb_build_object(
        'now', now() + make_interval(secs => (asked ->> 'ahead')::float),
        'connection', connection_document(locked, asked -> 'connection_hash'),
        'epoch', locked.epoch,
        'record', (SELECT to_jsonb(w) FROM work_orders w
            WHERE w.tenant_id = of_tenant AND w.connection_id = of_connection AND w.job_id = of_job),
        'told', (SELECT jsonb_agg(send_document(s) ORDER BY s.seq) FROM sends_of_job(of_connection, of_job) s
            WHERE s.tenant_id = of_tenant AND s.state IN ('needs_attention', 'in_doubt') AND s.id <> of_send),
        'endpoints', EXISTS (SELECT 1 FROM webhook_endpoints e WHERE e.tenant_id = of_tenant),
        'warned', EXISTS (SELECT 1 FROM warnings w
            WHERE w.tenant_id = of_tenant AND w.connection_id = of_connection AND w.job_id = of_job AND w.topic = ''),
        'awaited', EXISTS (SELECT 1 FROM sends s WHERE s.tenant_id || '' = of_tenant AND s.waits_for = of_send),
        'paused', (SELECT t.paused FROM tenants t WHERE t.id = of_tenant)
    ) INTO facts;
    IF asked ? 'read_send' THEN
        facts := facts || jsonb_build_object('send', (
            SELECT send_document(s) FROM sends s WHERE s.tenant_id || '' = of_tenant AND s.id = of_send));
    END IF;
    IF asked ? 'own_lines' THEN
        facts := facts || jsonb_build_object('lines', (
            SELECT jsonb_agg(line_document(l, known_lines) ORDER BY l.place, l.item_id COLLATE "C", l.round)
            FROM cost_lines l WHERE l.tenant_id = of_tenant AND l.send_id = of_send));
    END IF;
    IF asked ? 'unclear' THEN
        facts := facts || jsonb_build_object('unclear', (
            SELECT jsonb_agg(line_document(l, known_lines) ORDER BY l.id COLLATE "C") FROM cost_lines l
            WHERE l.tenant_id = of_tenant AND l.connection_id = of_connection AND l.work_order_number = of_number
                AND l.state IN ('sending', 'in_doubt')));
    END IF;
    IF asked ? 'claim_keys' THEN
        facts := facts || jsonb_build_object('number_taken', (
            SELECT bool_or(number_taken(decode(k, 'hex'), decode(asked ->> 'owner', 'hex')))
            FROM jsonb_array_elements_text(asked -> 'claim_keys') k));
    END IF;
    IF asked ? 'accounts' THEN
        -- First the locks: what is on the accounts must not change after it was read.
        facts := facts || jsonb_build_object('entries', entries_of_others(
            asked -> 'accounts', decode(asked ->> 'asker', 'hex'), (asked ->> 'lock_accounts')::boolean));
        facts := facts || jsonb_build_object(
            'account_lines', lines_on_account(of_tenant, of_connection, of_job, of_number),
            -- With the collation of the minimum, the comparison could not use the index of the ids.
            'holder', (SELECT send_document(s) FROM sends s WHERE s.tenant_id || '' = of_tenant AND s.id = (
                SELECT min(l.send_id COLLATE "C") FROM cost_lines l
                WHERE l.tenant_id = of_tenant AND l.connection_id = of_connection AND l.work_order_number = of_number
                    AND NOT l.given_back AND l.state <> 'posted' AND l.send_id NOT IN ('', of_send)) COLLATE "default"));
    END IF;
    IF asked ? 'additions' THEN
        facts := facts || jsonb_build_object('additions', entries_of_others(
            asked -> 'additions', decode(asked ->> 'asker', 'hex'), true));
    END IF;
    RETURN facts;
END $$;

-- Raises, and so ends the transaction: JF001 another job has the number, JF002 a send has another version than the one
-- that was read, JF003 the line must not be posted.
CREATE OR REPLACE FUNCTION store_send(change jsonb) RETURNS jsonb LANGUAGE plpgsql AS
$$ DECLARE
    of_tenant text := current_setting('app.tenant');
    present timestamptz := now() + make_interval(secs => (change ->> 'ahead')::float);
    key text;
    part jsonb;
    begun cost_lines;
    changed sends;
    number bigint;
BEGIN
    IF change ? 'take' THEN
        part := change -> 'take';
        FOR key IN SELECT jsonb_array_elements_text(part -> 'keys') LOOP
            IF NOT claim_number(decode(key, 'hex'), decode(part ->> 'owner', 'hex'), (part ->> 'adopt')::boolean) THEN
                RAISE EXCEPTION 'another job has the number' USING ERRCODE = 'JF001';
            END IF;
        END LOOP;
    END IF;
    IF change ? 'lines' THEN
        INSERT INTO cost_lines (id, tenant_id, connection_id, job_id, work_order_number, item_id, item_name, kind, round,
            purpose, fields, state, send_id, place, attempt_id, sent_at, send_by, quiet_until, settled_at, system_key,
            findings, settled_by, settled_reason, plan_id, given_back)
        SELECT l.id, of_tenant, l.connection_id, l.job_id, l.work_order_number, l.item_id, l.item_name, l.kind, l.round,
            l.purpose, l.fields, l.state, l.send_id, l.place, l.attempt_id, l.sent_at, l.send_by, l.quiet_until,
            l.settled_at, l.system_key, l.findings, l.settled_by, l.settled_reason, l.plan_id, l.given_back
        FROM jsonb_populate_recordset(NULL::cost_lines, change -> 'lines') l
        ON CONFLICT (id) DO UPDATE SET job_id = excluded.job_id, work_order_number = excluded.work_order_number,
            connection_id = excluded.connection_id, item_id = excluded.item_id, round = excluded.round,
            item_name = excluded.item_name, kind = excluded.kind, purpose = excluded.purpose, fields = excluded.fields,
            state = excluded.state, send_id = excluded.send_id, place = excluded.place,
            attempt_id = excluded.attempt_id, sent_at = excluded.sent_at, send_by = excluded.send_by,
            quiet_until = excluded.quiet_until, settled_at = excluded.settled_at, system_key = excluded.system_key,
            findings = excluded.findings, settled_by = excluded.settled_by,
            settled_reason = excluded.settled_reason, plan_id = excluded.plan_id, given_back = excluded.given_back;
    END IF;
    IF change ? 'intent' THEN
        part := change -> 'intent';
        UPDATE cost_lines l SET state = 'sending', attempt_id = part ->> 'attempt_id', epoch = (part ->> 'epoch')::bigint,
            payload_hash = part ->> 'payload_hash', sent_at = present,
            send_by = present + make_interval(secs => (part ->> 'send_by')::float),
            quiet_until = present + make_interval(secs => (part ->> 'quiet')::float),
            settled_at = NULL, system_key = NULL, findings = '[]', settled_by = NULL, settled_reason = NULL
        WHERE l.tenant_id = of_tenant AND l.id = part ->> 'line_id' AND NOT l.given_back
            AND l.state IN ('planned', 'rejected', 'not_posted')
        RETURNING * INTO begun;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'the line % must not be posted', part ->> 'line_id' USING ERRCODE = 'JF003';
        END IF;
        UPDATE connections c SET intents = c.intents + 1, last_intent_at = now()
        WHERE c.tenant_id || '' = of_tenant AND c.id = begun.connection_id RETURNING c.intents INTO number;
    END IF;
    IF change ? 'adds' THEN
        UPDATE connections c SET intents = c.intents + 1, last_intent_at = now()
        WHERE c.tenant_id || '' = of_tenant AND c.id = change ->> 'adds' RETURNING c.intents INTO number;
    END IF;
    IF change ? 'leave' THEN
        PERFORM account_leave(ARRAY (SELECT jsonb_array_elements_text(change -> 'leave')));
    END IF;
    IF change ? 'enter' THEN
        PERFORM account_enter(decode(e.account, 'hex'), decode(change ->> 'asker', 'hex'),
            array_agg(e.line), array_agg(decode(e.item, 'hex')), array_agg(e.stands))
        FROM jsonb_to_recordset(change -> 'enter') e (account text, line text, item text, stands boolean)
        GROUP BY e.account;
    END IF;
    IF change ? 'plan' THEN
        part := change -> 'plan';
        INSERT INTO send_plans (id, tenant_id, send_id, lines, plan)
        VALUES (part ->> 'id', of_tenant, part ->> 'send_id', (part ->> 'lines')::integer, part -> 'plan');
    END IF;
    IF change ? 'attempts' THEN
        INSERT INTO attempts (tenant_id, send_id, step, started_at, ended_at, outcome, detail, request, answer, line_id)
        SELECT of_tenant, a.send_id, a.step, a.started_at, a.ended_at, a.outcome, a.detail, a.request, a.answer, a.line_id
        FROM jsonb_populate_recordset(NULL::attempts, change -> 'attempts') a;
    END IF;
    FOR part IN SELECT jsonb_array_elements(change -> 'sends') LOOP
        -- One by one: the planner expects a hundred rows of a set, and would read all sends of the tenant for them.
        changed := jsonb_populate_record(NULL::sends, part);
        UPDATE sends s SET state = changed.state, step = changed.step, due_at = changed.due_at,
            attempts = changed.attempts, waits = changed.waits, adopt = changed.adopt,
            expected_hash = changed.expected_hash, items = changed.items, tasks = changed.tasks,
            completes = changed.completes, plan_id = changed.plan_id, header = changed.header, number_written = changed.number_written,
            waits_for = changed.waits_for, work_order_number = changed.work_order_number, findings = changed.findings,
            finished_at = changed.finished_at, version = changed.version + 1, batch_id = changed.batch_id,
            job_number = changed.job_number, customer = changed.customer,
            job_key = changed.job_key, work_order_key = changed.work_order_key, customer_key = changed.customer_key
        WHERE s.tenant_id || '' = of_tenant AND s.id = changed.id AND s.version = changed.version;
        IF NOT FOUND THEN
            RAISE EXCEPTION 'a send was changed meanwhile' USING ERRCODE = 'JF002';
        END IF;
    END LOOP;
    IF change ? 'record' THEN
        INSERT INTO work_orders (tenant_id, connection_id, job_id, number, sent, last_send_id, sent_at, failure_reported,
            claim_owner, header_until, header_epoch, items_unknown, items_declared_at, annotations)
        SELECT of_tenant, r.connection_id, r.job_id, r.number, r.sent, r.last_send_id, r.sent_at, r.failure_reported,
            r.claim_owner, r.header_until, r.header_epoch, r.items_unknown, r.items_declared_at,
            r.annotations
        FROM jsonb_populate_record(NULL::work_orders, change -> 'record') r
        ON CONFLICT (connection_id, job_id) DO UPDATE SET number = excluded.number, sent = excluded.sent,
            last_send_id = excluded.last_send_id, sent_at = excluded.sent_at,
            failure_reported = excluded.failure_reported, claim_owner = excluded.claim_owner,
            header_until = excluded.header_until, header_epoch = excluded.header_epoch,
            items_unknown = excluded.items_unknown, items_declared_at = excluded.items_declared_at,
            annotations = excluded.annotations;
    END IF;
    IF change ? 'accept' THEN
        PERFORM accept_number(decode(k, 'hex'), decode(change -> 'accept' ->> 'owner', 'hex'))
        FROM jsonb_array_elements_text(change -> 'accept' -> 'keys') k;
    END IF;
    IF change ? 'give_back' THEN
        PERFORM give_back_number(decode(k, 'hex'), decode(change -> 'give_back' ->> 'owner', 'hex'))
        FROM jsonb_array_elements_text(change -> 'give_back' -> 'keys') k;
    END IF;
    IF change ? 'proves_target' THEN
        -- Its caller has locked the connection and compared the version of the target.
        UPDATE connections c SET last_write_at = present
        WHERE c.tenant_id || '' = of_tenant AND c.id = change ->> 'proves_target';
    END IF;
    RETURN jsonb_build_object('begun', CASE WHEN begun.id IS NOT NULL THEN line_document(begun, NULL) END, 'intent', number);
END $$;

-- The due send with the lowest seq whose job has no earlier unfinished send. With `lease`, earlier holders of the
-- connection lose theirs. With `last`, nobody else can wake the connection until the transaction ends. NULL if there is
-- no such connection.
CREATE OR REPLACE FUNCTION next_due_send(asked jsonb) RETURNS jsonb LANGUAGE plpgsql AS
$$ DECLARE
    of_tenant text := asked ->> 'tenant';
    of_connection text := asked ->> 'connection';
    present timestamptz := now() + make_interval(secs => (asked ->> 'ahead')::float);
    taken connections;
    due sends;
    connection jsonb;
    tenant jsonb;
BEGIN
    PERFORM begin_tenant(of_tenant);
    IF (asked ->> 'last')::boolean THEN
        -- Who stores a send from now on wakes the connection after `rest_connection`, or has done it before.
        PERFORM lock_due('drain', of_connection, shared => false);
    END IF;
    IF (asked ->> 'lease')::boolean THEN
        UPDATE connections c SET epoch = c.epoch + 1 WHERE c.tenant_id || '' = of_tenant AND c.id = of_connection
        RETURNING * INTO taken;
    ELSE
        SELECT * INTO taken FROM connections c WHERE c.tenant_id || '' = of_tenant AND c.id = of_connection;
    END IF;
    IF taken.id IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT * INTO due FROM sends_to_do(of_connection) s
    WHERE s.tenant_id = of_tenant AND s.due_at <= present
        AND s.step = ANY (ARRAY (SELECT jsonb_array_elements_text(asked -> 'steps')))
        AND NOT EXISTS (
            SELECT FROM sends_of_job(of_connection, s.job_id) e
            WHERE e.tenant_id = of_tenant AND e.seq < s.seq
                AND e.state IN ('queued', 'sending', 'retrying') AND e.waits_for IS NULL)
    ORDER BY s.seq LIMIT 1;
    connection := connection_document(taken, asked -> 'connection_hash');
    tenant := tenant_document(of_tenant, asked -> 'tenant_hash');
    RETURN jsonb_build_object(
        'now', present,
        'tenant', tenant,
        'connection', connection,
        'epoch', taken.epoch,
        'client_id', taken.client_id,
        'sealed', CASE WHEN connection ? 'row' OR tenant ? 'row' THEN
            jsonb_build_object('authorization_id', taken.authorization_id, 'client_secret', taken.client_secret) END,
        'aliases', EXISTS (
            SELECT FROM aliases a WHERE a.tenant_id = of_tenant AND a.connection_id = of_connection AND a.source = 'alias'),
        'lists', EXISTS (
            SELECT FROM code_list_states l WHERE l.tenant_id = of_tenant AND l.connection_id = of_connection AND l.read_at IS NOT NULL),
        'creation_due', EXISTS (
            SELECT FROM creations n WHERE n.tenant_id = of_tenant AND n.connection_id = of_connection AND n.due_at <= present),
        'send', CASE WHEN due.id IS NOT NULL THEN send_document(due) END,
        'record', (SELECT to_jsonb(w) FROM work_orders w
            WHERE w.tenant_id = of_tenant AND w.connection_id = of_connection AND w.job_id = due.job_id));
END $$;

-- The end of a drain. Not before its moment was locked: see `next_due_send`.
CREATE OR REPLACE FUNCTION rest_connection(asked jsonb) RETURNS jsonb LANGUAGE plpgsql AS
$$ DECLARE
    of_tenant text := asked ->> 'tenant';
    of_connection text := asked ->> 'connection';
    next timestamptz;
    wanted text[] := ARRAY (SELECT jsonb_array_elements_text(asked -> 'steps'));
BEGIN
    SELECT least(min(s.due_at), (asked ->> 'waits_until')::timestamptz) INTO next FROM sends_to_do(of_connection) s
    WHERE s.tenant_id = of_tenant
        AND s.step = ANY (wanted)
        AND NOT EXISTS (
            SELECT FROM sends_of_job(of_connection, s.job_id) e
            WHERE e.tenant_id = of_tenant AND e.seq < s.seq
                AND e.state IN ('queued', 'sending', 'retrying') AND e.waits_for IS NULL);
    -- New sites and customers: those that are there already need no call to Spectrum any more.
    SELECT least(next, min(n.due_at)) INTO next FROM creations n
    WHERE n.tenant_id = of_tenant AND n.connection_id = of_connection AND n.due_at IS NOT NULL
        AND CASE n.state WHEN 'created' THEN 'write_back' ELSE 'header' END = ANY (wanted);
    -- A moment in the past is now, so that nobody comes before those who wait already.
    UPDATE due_work d SET due_at = CASE WHEN next IS NOT NULL THEN greatest(next, now()) END, failures = 0
    WHERE d.tenant_id = of_tenant AND d.kind = 'drain' AND d.subject = of_connection;
    RETURN to_jsonb(next);
END $$;

-- What a plan needs of our own: the tenant, the connection (by id or slug) and the record of the job's work order. NULL
-- if there is no such connection.
CREATE OR REPLACE FUNCTION plan_input(asked jsonb) RETURNS jsonb LANGUAGE plpgsql AS
$$ DECLARE of_tenant text := asked ->> 'tenant'; wanted connections; BEGIN
    PERFORM begin_tenant(of_tenant);
    SELECT * INTO wanted FROM connections c
    WHERE c.tenant_id = of_tenant AND (c.id = asked ->> 'connection' OR c.slug = asked ->> 'slug');
    IF wanted.id IS NULL THEN
        RETURN NULL;
    END IF;
    RETURN jsonb_build_object(
        'tenant', tenant_document(of_tenant, asked -> 'tenant_hash'),
        'connection', connection_document(wanted, asked -> 'connection_hash'),
        'aliases', EXISTS (
            SELECT FROM aliases a WHERE a.tenant_id = of_tenant AND a.connection_id = wanted.id AND a.source = 'alias'),
        'lists', EXISTS (
            SELECT FROM code_list_states l WHERE l.tenant_id = of_tenant AND l.connection_id = wanted.id AND l.read_at IS NOT NULL),
        'record', (SELECT to_jsonb(w) FROM work_orders w
            WHERE w.tenant_id = of_tenant AND w.connection_id = wanted.id AND w.job_id = asked ->> 'job'));
END $$;

CREATE OR REPLACE FUNCTION aliases_of(asked jsonb) RETURNS jsonb LANGUAGE plpgsql AS
$$ BEGIN
    PERFORM begin_tenant(asked ->> 'tenant');
    -- LIMIT makes one search in the index for each record; a join would read all aliases of the connection.
    RETURN (SELECT coalesce(jsonb_agg(to_jsonb(f)), '[]')
        FROM jsonb_to_recordset(asked -> 'records') r (kind text, id text) CROSS JOIN LATERAL (
            SELECT * FROM aliases a
            WHERE a.tenant_id = asked ->> 'tenant' AND a.connection_id = asked ->> 'connection'
                AND a.kind = r.kind AND a.servicetrade_id = r.id AND a.source = 'alias' LIMIT 1) f);
END $$;

-- What the lists of a connection say of some codes. One query, so that states and codes are of one moment.
CREATE OR REPLACE FUNCTION codes_listed(asked jsonb) RETURNS jsonb LANGUAGE plpgsql AS
$$ BEGIN
    PERFORM begin_tenant(asked ->> 'tenant');
    RETURN (SELECT jsonb_build_object(
        'states', (SELECT coalesce(jsonb_agg(to_jsonb(s)), '[]') FROM code_list_states s
            WHERE s.tenant_id = asked ->> 'tenant' AND s.connection_id = asked ->> 'connection'),
        'codes', (SELECT coalesce(jsonb_agg(to_jsonb(f)), '[]')
            FROM jsonb_to_recordset(asked -> 'codes') r (kind text, key text) CROSS JOIN LATERAL (
                SELECT * FROM listed_codes c
                WHERE c.tenant_id = asked ->> 'tenant' AND c.connection_id = asked ->> 'connection'
                    AND c.kind = r.kind AND c.key = r.key LIMIT 1) f)));
END $$;

CREATE OR REPLACE FUNCTION number_standing(asked jsonb) RETURNS jsonb LANGUAGE plpgsql AS
$$ DECLARE asker bytea := decode(asked ->> 'asker', 'hex'); owner bytea := decode(asked ->> 'owner', 'hex'); BEGIN
    PERFORM begin_tenant(asked ->> 'tenant');
    RETURN (
        SELECT jsonb_build_object(
            'taken', bool_or(number_taken(decode(k, 'hex'), owner)),
            'accepted', bool_or(number_accepted(decode(k, 'hex'), owner)))
        FROM jsonb_array_elements_text(asked -> 'claim_keys') k
    ) || CASE WHEN asked ? 'accounts' THEN jsonb_build_object(
        'lines', lines_on_account(asked ->> 'tenant', asked ->> 'connection', asked ->> 'job', asked ->> 'number'),
        'entries', entries_of_others(asked -> 'accounts', asker, false)) ELSE '{}' END
    || CASE WHEN asked ? 'additions' THEN jsonb_build_object(
        'additions', entries_of_others(asked -> 'additions', asker, false)) ELSE '{}' END;
END $$;

REVOKE ALL ON FUNCTION begin_tenant(text), sends_of_job(text, text), sends_to_do(text), send_document(sends), connection_document(connections, jsonb),
    tenant_document(text, jsonb), line_document(cost_lines, bigint[]),
    entries_of_others(jsonb, bytea, boolean), lines_on_account(text, text, text, text), send_facts(jsonb),
    store_send(jsonb), next_due_send(jsonb), rest_connection(jsonb), plan_input(jsonb), aliases_of(jsonb),
    codes_listed(jsonb), number_standing(jsonb) FROM PUBLIC;
