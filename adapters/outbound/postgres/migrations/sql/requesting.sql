-- Requested sends, stored in one call. It runs with the rights of its caller, so that row-level security applies, and it
-- decides nothing: what a new send looks like, and what gives way to it, is said by the program.

-- Most tenants have one connection. A plan that is kept for all tenants would find one by any index that begins with the
-- tenant, and would read all connections of a tenant that has hundreds. So it counts on about a hundred.
ALTER TABLE connections ALTER COLUMN tenant_id SET (n_distinct = -0.01);

-- Each of the `requests` is stored whole or not at all, with its `act` for the audit, whatever becomes of the others. They have no job in common, and
-- `sends` are documents of new sends without what only the database knows: the connection, by its slug, and the time.
-- The answer has, by the place of the request (1 is the first one), those of `refused` of which nothing is stored:
--   first     the key was bound before: what it is bound to
--   waiting   jobs that have sends in one of the states `look_for`
--   full      with `room`: so many sends of the tenant are in one of its `states`, and with those of the request there
--             would be more than `most`. Who asks for less may still be stored behind it
-- and the `seqs` of what is stored: the `seq` of each send by its id. NULL if there is no such connection.
-- Who counts the sends of a tenant and adds some takes turns with others who do, until the commit: two at once would both
-- take the last place. Keys are bound before, and whatever others wait for is locked afterwards.
CREATE OR REPLACE FUNCTION take_request_turn(asked jsonb) RETURNS jsonb LANGUAGE plpgsql AS
$$ BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('request_sends:' || (asked ->> 'tenant'), 0));
    RETURN 'true';
END $$;

-- How many sends of a tenant are in one of the states, if there are not surely few enough: those between the oldest and
-- the newest one are never more than their numbers, and this is found without a look at each of them.
CREATE OR REPLACE FUNCTION count_waiting(of_tenant text, states text[], enough bigint, most bigint) RETURNS bigint
LANGUAGE plpgsql AS
$$ DECLARE
    newest bigint;
    oldest bigint;
    found_waiting bigint;
BEGIN
    SELECT s.seq INTO newest FROM sends s WHERE s.tenant_id = of_tenant ORDER BY s.seq DESC LIMIT 1;
    SELECT min(f.seq) INTO oldest FROM unnest(states) w (state) CROSS JOIN LATERAL (
        SELECT s.seq FROM sends s WHERE s.tenant_id = of_tenant AND s.state = w.state ORDER BY s.seq LIMIT 1) f;
    IF oldest IS NULL THEN
        RETURN 0;
    END IF;
    IF newest - oldest + 1 <= enough THEN
        RETURN newest - oldest + 1;
    END IF;
    SELECT count(*) INTO found_waiting FROM (
        SELECT FROM sends s WHERE s.tenant_id = of_tenant AND s.state = ANY (states) LIMIT most) w;
    RETURN found_waiting;
END $$;

CREATE OR REPLACE FUNCTION request_sends(asked jsonb) RETURNS jsonb LANGUAGE plpgsql AS
$$ DECLARE
    of_tenant text := asked ->> 'tenant';
    present timestamptz := now() + make_interval(secs => (asked ->> 'ahead')::float);
    wanted connections;
    one record;
    binding jsonb;
    part jsonb;
    refused jsonb := '{}';
    states text[];
    most bigint;
    waiting bigint;
    asked_for bigint;
BEGIN
    PERFORM begin_tenant(of_tenant);
    IF jsonb_array_length(asked -> 'requests') > 1 THEN
        -- Another transaction may have the key of one of them for long. The others do not wait with it: see RequestQueue.
        PERFORM set_config('lock_timeout', '1s', true);
    END IF;
    -- The same lock as that of the sends' foreign key, but earlier: a connection that is being removed is not found.
    SELECT * INTO wanted FROM connections c WHERE c.tenant_id = of_tenant AND c.slug = asked ->> 'slug' FOR KEY SHARE;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    -- In the order of their keys, so that two calls with the same keys do not wait for each other.
    FOR one IN SELECT r.request, r.place::text FROM jsonb_array_elements(asked -> 'requests') WITH ORDINALITY r (request, place)
        ORDER BY r.request #>> '{key,key}', r.place LOOP
        IF one.request ? 'look_for' THEN
            SELECT jsonb_agg(n.job_id) INTO part FROM jsonb_to_recordset(one.request -> 'sends') n (job_id text)
            WHERE EXISTS (
                SELECT FROM sends_of_job(wanted.id, n.job_id) o
                WHERE o.tenant_id = of_tenant AND one.request -> 'look_for' ? o.state);
            IF part IS NOT NULL THEN
                refused := refused || jsonb_build_object(one.place, jsonb_build_object('waiting', part));
                CONTINUE;
            END IF;
        END IF;
        binding := one.request -> 'key';
        IF binding IS NOT NULL THEN
            -- A second request with the key waits here for the end of the first one, and then finds its row.
            INSERT INTO idempotency_keys (tenant_id, key, body_hash, send_id)
            VALUES (of_tenant, binding ->> 'key', binding ->> 'body_hash', binding ->> 'bound_to') ON CONFLICT DO NOTHING;
            IF NOT FOUND THEN
                SELECT to_jsonb(k) INTO STRICT part FROM idempotency_keys k
                WHERE k.tenant_id = of_tenant AND k.key = binding ->> 'key';
                IF part ->> 'send_id' <> binding ->> 'bound_to' THEN
                    refused := refused || jsonb_build_object(one.place, jsonb_build_object('first', part));
                END IF;
            END IF;
        END IF;
    END LOOP;
    IF asked ? 'room' THEN
        PERFORM take_request_turn(asked);
        most := (asked #>> '{room,most}')::bigint;
        SELECT array_agg(t) INTO states FROM jsonb_array_elements_text(asked #> '{room,states}') t;
        SELECT coalesce(sum(jsonb_array_length(r.request -> 'sends')), 0) INTO asked_for
        FROM jsonb_array_elements(asked -> 'requests') WITH ORDINALITY r (request, place) WHERE NOT refused ? r.place::text;
        waiting := count_waiting(of_tenant, states, most - asked_for, most);
        FOR one IN SELECT r.request, r.place::text, jsonb_array_length(r.request -> 'sends') AS sends
            FROM jsonb_array_elements(asked -> 'requests') WITH ORDINALITY r (request, place)
            WHERE NOT refused ? r.place::text ORDER BY r.place LOOP
            IF waiting + one.sends <= most THEN
                waiting := waiting + one.sends;
                CONTINUE;
            END IF;
            refused := refused || jsonb_build_object(one.place, jsonb_build_object('full', waiting));
            DELETE FROM idempotency_keys k WHERE k.tenant_id = of_tenant AND k.key = one.request #>> '{key,key}'
                AND k.send_id = one.request #>> '{key,bound_to}';
        END LOOP;
    END IF;
    WITH added AS (
        INSERT INTO sends (id, tenant_id, connection_id, job_id, state, step, due_at, attempts, waits, adopt,
            expected_hash, items, tasks, completes, plan_id, header, number_written, waits_for, work_order_number, findings,
            requested_at, requested_by, finished_at, version, batch_id)
        SELECT n.id, of_tenant, wanted.id, n.job_id, n.state, n.step, present, n.attempts, n.waits, n.adopt,
            n.expected_hash, n.items, n.tasks, n.completes, n.plan_id, n.header, n.number_written, n.waits_for,
            n.work_order_number, n.findings, present, n.requested_by, n.finished_at, n.version, n.batch_id
        FROM jsonb_array_elements(asked -> 'requests') WITH ORDINALITY r (request, place),
            jsonb_array_elements(r.request -> 'sends') WITH ORDINALITY d (document, place),
            jsonb_populate_record(NULL::sends, d.document) n
        WHERE NOT refused ? r.place::text
        ORDER BY r.place, d.place
        RETURNING id, seq, batch_id
    ), of_batches AS (
        INSERT INTO batch_sends (tenant_id, batch_id, send_id)
        SELECT of_tenant, a.batch_id, a.id FROM added a WHERE a.batch_id IS NOT NULL
    ), of_acts AS (
        INSERT INTO audit (tenant_id, at, actor, action, subject, detail)
        SELECT of_tenant, present, r.request #>> '{act,actor}', r.request #>> '{act,action}',
            r.request #>> '{act,subject}', r.request #> '{act,detail}'
        FROM jsonb_array_elements(asked -> 'requests') WITH ORDINALITY r (request, place)
        WHERE NOT refused ? r.place::text AND r.request ? 'act'
        ORDER BY r.place
    ) SELECT jsonb_object_agg(a.id, a.seq) INTO part FROM added a;
    IF part IS NOT NULL THEN
        -- Last, so that nobody waits for us while we wait for others.
        PERFORM wake_due(of_tenant, 'drain', wanted.id, present);
    END IF;
    RETURN jsonb_build_object('connection', connection_document(wanted, asked -> 'connection_hash'), 'now', present,
        'refused', refused, 'seqs', part);
END $$;

REVOKE ALL ON FUNCTION request_sends(jsonb), take_request_turn(jsonb), count_waiting(text, text[], bigint, bigint)
    FROM PUBLIC;
