-- The functions and triggers of 0.1.0.

-- numbers.sql

-- Work order numbers that connections have claimed, over all tenants.
-- The service's role has no right to number_claims: it can only ask, and is told yes or no. So no tenant learns whose a
-- number is. The functions run with the rights of their owner (SECURITY DEFINER), and with a fixed search_path, so that
-- nobody can put another table in front of ours.

CREATE FUNCTION number_taken(asked bytea, asker bytea) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT EXISTS (SELECT 1 FROM number_claims c WHERE c.key = asked AND c.owner <> asker) $$;

CREATE FUNCTION number_accepted(asked bytea, asker bytea) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT EXISTS (SELECT 1 FROM number_claims c WHERE c.key = asked AND c.owner = asker AND c.accepted) $$;

-- A claim that takes over an accepted one keeps the former owner, so that give_back_number can restore it.
CREATE FUNCTION claim_number(asked bytea, asker bytea, adopt boolean) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ WITH claimed AS (
       INSERT INTO number_claims AS c (key, owner) VALUES (asked, asker)
       ON CONFLICT (key) DO UPDATE SET
           owner = excluded.owner,
           accepted = c.owner = excluded.owner AND c.accepted,
           former = CASE WHEN c.owner = excluded.owner OR NOT c.accepted THEN c.former ELSE c.owner END
       WHERE adopt OR c.owner = excluded.owner
       RETURNING 1
   ) SELECT EXISTS (SELECT 1 FROM claimed) $$;

-- Once Spectrum accepted a write under the number, the claim stays.
CREATE FUNCTION accept_number(asked bytea, asker bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ INSERT INTO number_claims AS c (key, owner, accepted) VALUES (asked, asker, true)
   ON CONFLICT (key) DO UPDATE SET accepted = true, former = NULL WHERE c.owner = excluded.owner $$;

CREATE FUNCTION give_back_number(asked bytea, asker bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ DELETE FROM number_claims c WHERE c.key = asked AND c.owner = asker AND NOT c.accepted AND c.former IS NULL;
   UPDATE number_claims c SET owner = c.former, accepted = true, former = NULL
   WHERE c.key = asked AND c.owner = asker AND NOT c.accepted AND c.former IS NOT NULL $$;

-- PostgreSQL lets everybody call a new function. Only the service's role gets the right back (server/role.py).
REVOKE ALL ON FUNCTION number_taken(bytea, bytea), number_accepted(bytea, bytea), claim_number(bytea, bytea, boolean),
    accept_number(bytea, bytea), give_back_number(bytea, bytea) FROM PUBLIC;

-- companies.sql

-- Several connections, also of different tenants, can lead to one Spectrum company. They must not post the same item
-- twice. All keys are hashes, and the service's role has no right to the tables: no tenant learns who the others are.

-- With `locked`, two sends to one account wait for each other until the end of the transaction.
CREATE FUNCTION account_others(asked bytea, asker bytea, locked boolean) RETURNS TABLE (item bytea, stands boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ BEGIN
    IF locked THEN
        PERFORM pg_advisory_xact_lock(hashtextextended(encode(asked, 'hex'), 0));
    END IF;
    RETURN QUERY SELECT e.item, e.stands FROM account_entries e WHERE e.account = asked AND e.owner <> asker;
END $$;

CREATE FUNCTION account_enter(entered bytea, asker bytea, ids text[], items bytea[], stand boolean[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ INSERT INTO account_entries AS e (line_id, account, item, owner, stands)
    SELECT u.id, entered, u.item, asker, u.stands FROM unnest(ids, items, stand) AS u (id, item, stands)
    ON CONFLICT (line_id, account) DO UPDATE SET item = excluded.item, stands = excluded.stands
    WHERE e.owner = excluded.owner $$;

CREATE FUNCTION account_leave(ids text[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ DELETE FROM account_entries e WHERE e.line_id = ANY (ids) $$;

CREATE FUNCTION company_enter(entered bytea, asker bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ INSERT INTO company_connections AS c (owner, key) VALUES (asker, entered)
    ON CONFLICT (owner) DO UPDATE SET key = excluded.key $$;

CREATE FUNCTION company_leave(asker bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ DELETE FROM company_connections c WHERE c.owner = asker $$;

-- Of the companies asked for, those that connections other than `own` lead to.
CREATE FUNCTION companies_elsewhere(asked bytea[], own bytea[]) RETURNS SETOF bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT DISTINCT c.key FROM company_connections c WHERE c.key = ANY (asked) AND c.owner <> ALL (own) $$;

REVOKE ALL ON FUNCTION account_others(bytea, bytea, boolean),
    account_enter(bytea, bytea, text[], bytea[], boolean[]), account_leave(text[]),
    company_enter(bytea, bytea), company_leave(bytea), companies_elsewhere(bytea[], bytea[]) FROM PUBLIC;

-- due_work.sql

-- The admission of due work: what Procrastinate's own interface cannot do.
--
-- Its workers take jobs in the order of their ids, whoever they belong to. If all that is due were queued at once, one
-- tenant's backlog would stand before everybody else's work, and each fetch would step over it. So a job is queued only
-- when there is a slot for it, in a fair order, and this order needs the due work and the queued jobs in one query.
-- All the rest goes through Procrastinate's interface: taking and ending jobs, heartbeats, and the jobs of dead workers.

-- A commit that makes work due wakes the workers. Work that was due already needs no notification: it is admitted, or
-- it waits for a slot, and the end of a job is seen by the worker that had it.
CREATE FUNCTION notify_due() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_notify('jobferry_due', ''); RETURN NULL; END $$;
CREATE TRIGGER notify_added AFTER INSERT ON due_work FOR EACH ROW
    WHEN (NEW.due_at <= now()) EXECUTE FUNCTION notify_due();
CREATE TRIGGER notify_due AFTER UPDATE ON due_work FOR EACH ROW
    WHEN (NEW.due_at <= now() AND (OLD.due_at IS NULL OR OLD.due_at > now())) EXECUTE FUNCTION notify_due();

-- Whoever ends a subject's work locks it, looks what is left, and stores when it is due next. Who adds work takes the
-- lock, too, so that the end sees the work or is followed by it. Many may add work at once: they share the lock, and
-- none of them changes the row if it is due already, so that their commits do not wait for each other. It is a lock of
-- its own because a row that is locked by many is never free for the one that waits. It is held until the commit.
CREATE FUNCTION lock_due(of_kind text, of_subject text, shared boolean) RETURNS boolean LANGUAGE plpgsql AS
$$ DECLARE name bigint := hashtextextended(of_kind || ':' || of_subject, 0); BEGIN
    IF shared THEN
        PERFORM pg_advisory_xact_lock_shared(name);
    ELSE
        PERFORM pg_advisory_xact_lock(name);
    END IF;
    RETURN true;
END $$;

-- Make it due at `moment`, unless it is due earlier, beside others who do the same.
CREATE FUNCTION wake_due(of_tenant text, of_kind text, of_subject text, moment timestamptz) RETURNS void
LANGUAGE plpgsql AS
$$ BEGIN
    PERFORM lock_due(of_kind, of_subject, shared => true);
    -- A moment in the past is now, so that nobody comes before those who wait already.
    UPDATE due_work d SET due_at = greatest(moment, now())
    WHERE d.tenant_id = of_tenant AND d.kind = of_kind AND d.subject = of_subject
        AND (d.due_at IS NULL OR d.due_at > greatest(moment, clock_timestamp()));
END $$;

-- `slots` are those of the worker that asks. `share` is how many of them one tenant may have; it counts once for each
-- living worker, so that a tenant's places grow with the installation. A place is a job that is queued or running.
-- `slots_short`: a tenant below its share waits for a slot. `at_share`: tenants that wait for one of their own places.
CREATE FUNCTION admit_due(kinds text[], worker bigint, slots integer, share integer, stalled interval)
RETURNS TABLE (slots_short boolean, at_share text[], next_in double precision)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ DECLARE
    idle integer;
    queued integer;
    most integer;
    jobs procrastinate_job_to_defer_v1[];
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('admit_due', 0));  -- two at once would count the same slots
    SELECT slots - count(*) FILTER (WHERE j.status = 'doing' AND j.worker_id = worker),
        count(*) FILTER (WHERE j.status = 'todo' AND j.queue_name = ANY (kinds))
    INTO idle, queued FROM procrastinate_jobs j WHERE j.status IN ('todo', 'doing');
    SELECT share * greatest(count(*), 1) INTO most FROM procrastinate_workers w
        WHERE w.last_heartbeat > now() - stalled;

    WITH busy AS MATERIALIZED (
        SELECT j.lock AS name, j.args ->> 'tenant_id' AS tenant_id FROM procrastinate_jobs j
        WHERE j.status IN ('todo', 'doing')
    ), places AS (
        SELECT b.tenant_id, count(*) AS taken FROM busy b GROUP BY b.tenant_id
    ), due AS (
        SELECT d.kind, d.subject, d.tenant_id, d.due_at, d.kind || ':' || d.subject AS name FROM due_work d
        WHERE d.due_at <= now() AND d.kind = ANY (kinds)
    ), ready AS MATERIALIZED (
        SELECT d.*, coalesce(p.taken, 0) + row_number() OVER (PARTITION BY d.tenant_id ORDER BY d.due_at) AS place
        FROM due d LEFT JOIN places p USING (tenant_id)
        WHERE NOT EXISTS (SELECT FROM busy b WHERE b.name = d.name)
    ), admitted AS MATERIALIZED (
        SELECT r.*, row_number() OVER (ORDER BY r.place, t.taken_at NULLS FIRST, r.due_at, r.name) AS turn
        FROM ready r LEFT JOIN due_turns t ON t.tenant = r.tenant_id
        WHERE r.place <= most ORDER BY turn LIMIT greatest(idle - queued, 0)
    ), turns AS (
        INSERT INTO due_turns (tenant, taken_at)
        SELECT a.tenant_id, clock_timestamp() FROM admitted a GROUP BY a.tenant_id ORDER BY min(a.turn)
        ON CONFLICT (tenant) DO UPDATE SET taken_at = excluded.taken_at
    )
    SELECT (SELECT count(*) FROM ready r WHERE r.place <= most) > count(*),
        (SELECT coalesce(array_agg(DISTINCT r.tenant_id), '{}') FROM ready r WHERE r.place > most),
        array_agg(ROW(a.kind, a.kind, 0, a.name, a.name,
            jsonb_build_object('tenant_id', a.tenant_id, 'subject', a.subject), NULL
        )::procrastinate_job_to_defer_v1 ORDER BY a.turn)
    INTO slots_short, at_share, jobs FROM admitted a;

    IF jobs IS NOT NULL THEN
        PERFORM procrastinate_defer_jobs_v1(jobs);
    END IF;
    SELECT extract(epoch FROM min(d.due_at) - now()) INTO next_in FROM due_work d
        WHERE d.due_at > now() AND d.kind = ANY (kinds);
    -- What is queued may be for other workers. If they have taken it, our idle slots are free after all.
    IF slots_short AND idle > 0 THEN
        next_in := 0.02;
    END IF;
    RETURN NEXT;
END $$;

REVOKE ALL ON FUNCTION admit_due(text[], bigint, integer, integer, interval), lock_due(text, text, boolean),
    wake_due(text, text, text, timestamptz) FROM PUBLIC;

-- counting.sql

-- The one way to count jobs that wait: by the state of their sends, never by the cause of a failure. A job with three
-- failed sends is one job. `waiting` is who or what it waits for; with '' as cause a row is the sum of a group, and the
-- row 'attention' has all jobs that wait for a person.
--
-- It reads open sends only, all from one index, and runs with the rights of its caller.
CREATE FUNCTION count_jobs(of_tenant text)
RETURNS TABLE (waiting text, cause text, whole boolean, jobs bigint, sends bigint, items bigint, oldest timestamptz, next_try timestamptz)
LANGUAGE sql STABLE AS
$$
    WITH stops AS MATERIALIZED (
        -- As `Connection.stopped`: nothing goes out until a person acts. A hold with an end passes by itself.
        SELECT c.id FROM connections c JOIN tenants t ON t.id = c.tenant_id
        WHERE c.tenant_id = of_tenant AND (t.paused OR c.paused OR (c.hold IS NOT NULL AND c.hold ->> 'until' IS NULL))
    ), open AS (
        SELECT CASE WHEN s.state <> 'retrying' THEN s.state
                WHEN s.due_at IS NULL OR s.connection_id IN (SELECT id FROM stops) THEN 'stopped'
                ELSE s.state END AS waiting,
            s.cause, s.job_id, 1 AS sends, 0 AS items, s.requested_at, s.due_at
        FROM sends s WHERE s.tenant_id = of_tenant AND s.cause IS NOT NULL
        UNION ALL
        SELECT 'in_doubt', 'IN_DOUBT_POST', l.job_id, 0, 1, l.sent_at, NULL
        FROM cost_lines l WHERE l.tenant_id = of_tenant AND l.state = 'in_doubt'
    ), job AS MATERIALIZED (
        SELECT o.waiting, o.cause, o.job_id, sum(o.sends) AS sends, sum(o.items) AS items,
            min(o.requested_at) AS oldest, min(o.due_at) FILTER (WHERE o.waiting = 'retrying') AS next_try
        FROM open o GROUP BY o.waiting, o.cause, o.job_id
    )
    SELECT j.waiting, j.cause, false, count(*), sum(j.sends)::bigint, sum(j.items)::bigint, min(j.oldest), min(j.next_try)
    FROM job j GROUP BY j.waiting, j.cause
    UNION ALL
    SELECT g.waiting, '', true, count(*), sum(g.sends)::bigint, sum(g.items)::bigint, min(g.oldest), min(g.next_try)
    FROM (SELECT j.waiting, j.job_id, sum(j.sends) AS sends, sum(j.items) AS items, min(j.oldest) AS oldest,
            min(j.next_try) AS next_try FROM job j GROUP BY j.waiting, j.job_id) g GROUP BY g.waiting
    UNION ALL
    SELECT 'attention', '', true, count(*), 0, 0, NULL, NULL
    FROM (SELECT DISTINCT j.job_id FROM job j WHERE j.waiting IN ('needs_attention', 'in_doubt')) a
$$;

-- The counts of a day are kept once it has been over for two hours (`close_days`), and go when one of its sends changes.
-- Sends of the last hour have no such day, so a send that goes well soon is not looked at here. The lock: who counts a
-- day waits for the changes that are under way, and those that come meanwhile wait until the counts can be found.
CREATE FUNCTION reopen_day() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('closed_days:' || OLD.tenant_id, 0));
    DELETE FROM closed_days d
    WHERE d.tenant_id = OLD.tenant_id AND d.starts_at <= OLD.requested_at AND d.ends_at > OLD.requested_at;
    RETURN NULL;
END $$;
CREATE TRIGGER day_changed AFTER UPDATE OF state ON sends FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state AND OLD.requested_at < now() - interval '1 hour')
    EXECUTE FUNCTION reopen_day();
CREATE TRIGGER day_lost AFTER DELETE ON sends FOR EACH ROW
    WHEN (OLD.requested_at > now() - interval '16 days') EXECUTE FUNCTION reopen_day();

REVOKE ALL ON FUNCTION count_jobs(text) FROM PUBLIC;

-- operators.sql

-- What an operator needs over all tenants.

-- Metrics: counts, and nothing but counts. The policies `counted` let this function see the rows.
CREATE FUNCTION census(silence interval)
RETURNS TABLE (subject text, kind text, number bigint, oldest timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ BEGIN
    PERFORM set_config('app.counting', 'on', true);
    RETURN QUERY
    SELECT 'send', s.state, count(*), NULL::timestamptz FROM sends s GROUP BY s.state
    UNION ALL
    SELECT 'due', '', count(*), min(s.due_at)
        FROM sends s JOIN connections c ON c.id = s.connection_id
        WHERE s.due_at IS NOT NULL AND NOT c.paused
    UNION ALL
    -- Of every tenant what its own pages count; a tenant without open sends and lines in doubt has no such jobs.
    SELECT 'job', j.waiting, sum(j.jobs)::bigint, NULL FROM (
        SELECT s.tenant_id FROM sends s WHERE s.cause IS NOT NULL
        UNION SELECT l.tenant_id FROM cost_lines l WHERE l.state = 'in_doubt'
    ) t CROSS JOIN LATERAL count_jobs(t.tenant_id) j WHERE j.whole GROUP BY j.waiting
    UNION ALL
    SELECT 'line', 'in_doubt', count(*), NULL FROM cost_lines l WHERE l.state = 'in_doubt'
    UNION ALL
    SELECT 'connection', 'all', count(*), NULL FROM connections c
    UNION ALL
    SELECT 'connection', 'held', count(*), NULL FROM connections c WHERE c.hold IS NOT NULL
    UNION ALL
    SELECT 'connection', 'paused', count(*), NULL FROM connections c WHERE c.paused
    UNION ALL
    SELECT 'worker', 'alive', count(*), NULL FROM procrastinate_workers w WHERE w.last_heartbeat > now() - silence;
    PERFORM set_config('app.counting', '', true);
END $$;

-- The service may add to the audit, but not change it. Its entries are only deleted together with their tenant, or by age.
CREATE FUNCTION forget_audit(removed text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ DELETE FROM audit WHERE tenant_id = removed $$;

-- The oldest entries of the transaction's tenant. What happened in the last 30 days stays, whatever the caller asks.
CREATE FUNCTION forget_old_audit(before timestamptz, most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ DECLARE deleted bigint; BEGIN
    IF before > now() - interval '30 days' THEN
        RAISE EXCEPTION 'entries of the audit are kept for at least 30 days'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_is_kept';
    END IF;
    WITH oldest AS MATERIALIZED (
        SELECT a.tenant_id, a.seq, a.at FROM audit a
        WHERE a.tenant_id = current_setting('app.tenant', true) ORDER BY a.seq LIMIT most
    ) DELETE FROM audit a USING oldest o WHERE a.tenant_id = o.tenant_id AND a.seq = o.seq AND o.at < before;
    GET DIAGNOSTICS deleted = ROW_COUNT;
    RETURN deleted;
END $$;

-- The same for the audit of the operators, which belongs to no tenant.
CREATE FUNCTION forget_old_operator_audit(before timestamptz, most integer) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ DECLARE deleted bigint; BEGIN
    IF before > now() - interval '30 days' THEN
        RAISE EXCEPTION 'entries of the audit are kept for at least 30 days'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_is_kept';
    END IF;
    WITH oldest AS MATERIALIZED (SELECT o.seq, o.at FROM operator_audit o ORDER BY o.seq LIMIT most)
    DELETE FROM operator_audit a USING oldest o WHERE a.seq = o.seq AND o.at < before;
    GET DIAGNOSTICS deleted = ROW_COUNT;
    RETURN deleted;
END $$;

-- The name that a person has at the time of the entry; '' for programs. An operator's name is in no tenant's sight, so
-- this function looks it up. Both settings are as before afterwards.
CREATE FUNCTION name_actor() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ DECLARE
    of_tenant text := to_jsonb(NEW) ->> 'tenant_id';
    as_operator text := coalesce(current_setting('app.operator', true), '');
    found_name text;
BEGIN
    IF position('@' IN NEW.actor) > 0 THEN
        SELECT p.name INTO found_name FROM people p WHERE p.tenant_id = of_tenant AND p.email = NEW.actor;
        IF NOT FOUND THEN
            PERFORM set_config('app.operator', 'on', true);
            SELECT p.name INTO found_name FROM people p
            WHERE coalesce(p.tenant_id, '') = '' AND p.email = NEW.actor;
            PERFORM set_config('app.operator', as_operator, true);
        END IF;
    END IF;
    NEW.actor_name := coalesce(found_name, '');
    RETURN NEW;
END $$;
CREATE TRIGGER name_actor BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION name_actor();
CREATE TRIGGER name_actor BEFORE INSERT ON operator_audit FOR EACH ROW EXECUTE FUNCTION name_actor();

REVOKE ALL ON FUNCTION census(interval), forget_audit(text), forget_old_audit(timestamptz, integer),
    forget_old_operator_audit(timestamptz, integer), name_actor() FROM PUBLIC;

-- proofs.sql

-- What the database refuses even if the program is wrong about it.

-- A send is not called sent while a line of its plan is not posted.
CREATE FUNCTION sent_is_shown() RETURNS trigger LANGUAGE plpgsql AS
$$ DECLARE planned integer; posted integer; BEGIN
    SELECT p.lines INTO planned FROM send_plans p WHERE p.id = NEW.plan_id;
    SELECT count(*) INTO posted FROM cost_lines l
        WHERE l.send_id = NEW.id AND l.plan_id = NEW.plan_id AND l.state = 'posted' AND NOT l.given_back;
    IF posted < coalesce(planned, 0) THEN
        RAISE EXCEPTION 'send % cannot be called sent: % of its % lines are posted', NEW.id, posted, planned
            USING ERRCODE = 'check_violation', CONSTRAINT = 'sent_is_shown';
    END IF;
    IF EXISTS (SELECT 1 FROM cost_lines l
        WHERE l.send_id = NEW.id AND NOT l.given_back AND l.state <> 'posted') THEN
        RAISE EXCEPTION 'send % cannot be called sent: it owes lines', NEW.id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'sent_is_shown';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER sent_is_shown BEFORE UPDATE OF state ON sends FOR EACH ROW
    WHEN (NEW.state IN ('sent', 'sent_with_warnings') AND OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION sent_is_shown();

-- A line always belongs to the send that planned it. Otherwise it could be posted a second time for another send.
CREATE FUNCTION line_keeps_its_send() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF NEW.send_id <> OLD.send_id OR NEW.item_id <> OLD.item_id OR NEW.work_order_number <> OLD.work_order_number
        OR NEW.connection_id <> OLD.connection_id OR NEW.round <> OLD.round THEN
        RAISE EXCEPTION 'the line % belongs to the send %', OLD.id, OLD.send_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'line_keeps_its_send';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER line_keeps_its_send BEFORE UPDATE ON cost_lines FOR EACH ROW EXECUTE FUNCTION line_keeps_its_send();

-- sending.sql

-- What a send's changes need and store, each in one call. The functions run with the rights of their caller, so that
-- row-level security applies to every statement in them. Arguments and results are JSON; hashes are hexadecimal text.
-- `ahead` moves the time, for tests.

-- Every commit is on disk, whatever the server's default is: if a power failure removed an intent, its line would be
-- sent a second time. The one stronger setting stays.
CREATE FUNCTION begin_tenant(tenant text) RETURNS void LANGUAGE plpgsql AS
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
CREATE FUNCTION sends_of_job(of_connection text, of_job text) RETURNS SETOF sends LANGUAGE sql STABLE AS
$$ SELECT * FROM sends s WHERE s.connection_id = of_connection AND s.job_id = of_job OFFSET 0 $$;

CREATE FUNCTION sends_to_do(of_connection text) RETURNS SETOF sends LANGUAGE sql STABLE AS
$$ SELECT * FROM sends s WHERE s.connection_id = of_connection AND s.due_at IS NOT NULL ORDER BY s.seq OFFSET 0 $$;

CREATE FUNCTION send_document(stored sends) RETURNS jsonb LANGUAGE sql STABLE AS
$$ SELECT to_jsonb(stored)
    || jsonb_build_object('plan', (SELECT p.plan FROM send_plans p WHERE p.id = stored.plan_id)) $$;

-- A row comes with a hash of its columns, and without the columns if the caller `known` that hash: it has the row already.
-- The counters of a connection change with every send, so they stand beside its row. Its secrets are never in it.
CREATE FUNCTION connection_document(stored connections, known jsonb) RETURNS jsonb LANGUAGE plpgsql IMMUTABLE AS
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

CREATE FUNCTION tenant_document(stored_id text, known jsonb) RETURNS jsonb LANGUAGE sql STABLE AS
$$ SELECT jsonb_build_object('hash', hash) || CASE
        WHEN hash IS DISTINCT FROM known::bigint THEN jsonb_build_object('row', to_jsonb(t)) ELSE '{}' END
    FROM tenants t, hash_record_extended(t, 0) hash WHERE t.id = stored_id $$;

-- The entries of others on these accounts. They are locked one after the other, in the given order.
CREATE FUNCTION entries_of_others(accounts jsonb, asker bytea, locked boolean) RETURNS jsonb LANGUAGE plpgsql AS
$$ DECLARE account text; facts jsonb := '[]'; BEGIN
    FOR account IN SELECT jsonb_array_elements_text(accounts) LOOP
        facts := facts || (
            SELECT coalesce(jsonb_agg(jsonb_build_object(
                'account', account, 'item', encode(e.item, 'hex'), 'stands', e.stands)), '[]')
            FROM account_others(decode(account, 'hex'), asker, locked) e);
    END LOOP;
    RETURN facts;
END $$;

CREATE FUNCTION line_document(stored cost_lines, known bigint[]) RETURNS jsonb LANGUAGE sql IMMUTABLE AS
$$ SELECT CASE WHEN hash_record_extended(stored, 0) = ANY (known) THEN to_jsonb(hash_record_extended(stored, 0))
    ELSE to_jsonb(stored) || jsonb_build_object('hash', hash_record_extended(stored, 0)) END $$;

-- The lines that take a place on this work order or were planned for this job.
CREATE FUNCTION lines_on_account(tenant text, connection text, job text, number text) RETURNS jsonb
LANGUAGE sql STABLE AS
$$ SELECT coalesce(jsonb_agg(to_jsonb(l) ORDER BY l.item_id COLLATE "C", l.round), '[]') FROM cost_lines l
    WHERE l.tenant_id = tenant AND l.connection_id = connection AND NOT l.given_back
        AND (l.job_id = job OR l.work_order_number = number) $$;

-- Lock the connection, then read. NULL if there is no such connection.
CREATE FUNCTION send_facts(asked jsonb) RETURNS jsonb LANGUAGE plpgsql AS
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
    RETURN facts;
END $$;

-- Raises, and so ends the transaction: JF001 another job has the number, JF002 a send has another version than the one
-- that was read, JF003 the line must not be posted.
CREATE FUNCTION store_send(change jsonb) RETURNS jsonb LANGUAGE plpgsql AS
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
            expected_hash = changed.expected_hash, items = changed.items, completes = changed.completes,
            plan_id = changed.plan_id, header = changed.header, number_written = changed.number_written,
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
            claim_owner, header_until, header_epoch, items_unknown, items_declared_at)
        SELECT of_tenant, r.connection_id, r.job_id, r.number, r.sent, r.last_send_id, r.sent_at, r.failure_reported,
            r.claim_owner, r.header_until, r.header_epoch, r.items_unknown, r.items_declared_at
        FROM jsonb_populate_record(NULL::work_orders, change -> 'record') r
        ON CONFLICT (connection_id, job_id) DO UPDATE SET number = excluded.number, sent = excluded.sent,
            last_send_id = excluded.last_send_id, sent_at = excluded.sent_at,
            failure_reported = excluded.failure_reported, claim_owner = excluded.claim_owner,
            header_until = excluded.header_until, header_epoch = excluded.header_epoch,
            items_unknown = excluded.items_unknown, items_declared_at = excluded.items_declared_at;
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
CREATE FUNCTION next_due_send(asked jsonb) RETURNS jsonb LANGUAGE plpgsql AS
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
        'send', CASE WHEN due.id IS NOT NULL THEN send_document(due) END,
        'record', (SELECT to_jsonb(w) FROM work_orders w
            WHERE w.tenant_id = of_tenant AND w.connection_id = of_connection AND w.job_id = due.job_id));
END $$;

-- The end of a drain. Not before its moment was locked: see `next_due_send`.
CREATE FUNCTION rest_connection(asked jsonb) RETURNS jsonb LANGUAGE plpgsql AS
$$ DECLARE
    of_tenant text := asked ->> 'tenant';
    of_connection text := asked ->> 'connection';
    next timestamptz;
BEGIN
    SELECT least(min(s.due_at), (asked ->> 'waits_until')::timestamptz) INTO next FROM sends_to_do(of_connection) s
    WHERE s.tenant_id = of_tenant
        AND s.step = ANY (ARRAY (SELECT jsonb_array_elements_text(asked -> 'steps')))
        AND NOT EXISTS (
            SELECT FROM sends_of_job(of_connection, s.job_id) e
            WHERE e.tenant_id = of_tenant AND e.seq < s.seq
                AND e.state IN ('queued', 'sending', 'retrying') AND e.waits_for IS NULL);
    -- A moment in the past is now, so that nobody comes before those who wait already.
    UPDATE due_work d SET due_at = CASE WHEN next IS NOT NULL THEN greatest(next, now()) END, failures = 0
    WHERE d.tenant_id = of_tenant AND d.kind = 'drain' AND d.subject = of_connection;
    RETURN to_jsonb(next);
END $$;

-- What a plan needs of our own: the tenant, the connection (by id or slug) and the record of the job's work order. NULL
-- if there is no such connection.
CREATE FUNCTION plan_input(asked jsonb) RETURNS jsonb LANGUAGE plpgsql AS
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
        'record', (SELECT to_jsonb(w) FROM work_orders w
            WHERE w.tenant_id = of_tenant AND w.connection_id = wanted.id AND w.job_id = asked ->> 'job'));
END $$;

CREATE FUNCTION aliases_of(asked jsonb) RETURNS jsonb LANGUAGE plpgsql AS
$$ BEGIN
    PERFORM begin_tenant(asked ->> 'tenant');
    -- LIMIT makes one search in the index for each record; a join would read all aliases of the connection.
    RETURN (SELECT coalesce(jsonb_agg(to_jsonb(f)), '[]')
        FROM jsonb_to_recordset(asked -> 'records') r (kind text, id text) CROSS JOIN LATERAL (
            SELECT * FROM aliases a
            WHERE a.tenant_id = asked ->> 'tenant' AND a.connection_id = asked ->> 'connection'
                AND a.kind = r.kind AND a.servicetrade_id = r.id AND a.source = 'alias' LIMIT 1) f);
END $$;

CREATE FUNCTION number_standing(asked jsonb) RETURNS jsonb LANGUAGE plpgsql AS
$$ DECLARE asker bytea := decode(asked ->> 'asker', 'hex'); owner bytea := decode(asked ->> 'owner', 'hex'); BEGIN
    PERFORM begin_tenant(asked ->> 'tenant');
    RETURN (
        SELECT jsonb_build_object(
            'taken', bool_or(number_taken(decode(k, 'hex'), owner)),
            'accepted', bool_or(number_accepted(decode(k, 'hex'), owner)))
        FROM jsonb_array_elements_text(asked -> 'claim_keys') k
    ) || CASE WHEN asked ? 'accounts' THEN jsonb_build_object(
        'lines', lines_on_account(asked ->> 'tenant', asked ->> 'connection', asked ->> 'job', asked ->> 'number'),
        'entries', entries_of_others(asked -> 'accounts', asker, false)) ELSE '{}' END;
END $$;

REVOKE ALL ON FUNCTION begin_tenant(text), sends_of_job(text, text), sends_to_do(text), send_document(sends), connection_document(connections, jsonb),
    tenant_document(text, jsonb), line_document(cost_lines, bigint[]),
    entries_of_others(jsonb, bytea, boolean), lines_on_account(text, text, text, text), send_facts(jsonb),
    store_send(jsonb), next_due_send(jsonb), rest_connection(jsonb), plan_input(jsonb), aliases_of(jsonb),
    number_standing(jsonb) FROM PUBLIC;

-- requesting.sql

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
-- and the `seqs` of what is stored: the `seq` of each send by its id. NULL if there is no such connection.
CREATE FUNCTION request_sends(asked jsonb) RETURNS jsonb LANGUAGE plpgsql AS
$$ DECLARE
    of_tenant text := asked ->> 'tenant';
    present timestamptz := now() + make_interval(secs => (asked ->> 'ahead')::float);
    wanted connections;
    one record;
    binding jsonb;
    part jsonb;
    refused jsonb := '{}';
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
    WITH added AS (
        INSERT INTO sends (id, tenant_id, connection_id, job_id, state, step, due_at, attempts, waits, adopt,
            expected_hash, items, completes, plan_id, header, number_written, waits_for, work_order_number, findings,
            requested_at, requested_by, finished_at, version, batch_id)
        SELECT n.id, of_tenant, wanted.id, n.job_id, n.state, n.step, present, n.attempts, n.waits, n.adopt,
            n.expected_hash, n.items, n.completes, n.plan_id, n.header, n.number_written, n.waits_for,
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

REVOKE ALL ON FUNCTION request_sends(jsonb) FROM PUBLIC;

-- changes.sql

-- Tells of changes on one channel: the kind of the record and its id, never more.
--
-- All transactions that notify commit one after the other. So sends, which change all the time, are only told of while
-- somebody waits for them (watched_until); who can come in changes rarely, so that is always told.

CREATE FUNCTION tell_of(kind text, id text) RETURNS void
LANGUAGE sql AS $$ SELECT pg_notify('jobferry_changes', kind || ' ' || id) $$;

-- The trigger's arguments: the kind, and the column with the record's id.
CREATE FUNCTION tell_of_row() RETURNS trigger
LANGUAGE plpgsql AS
$$ BEGIN
    PERFORM tell_of(TG_ARGV[0], to_jsonb(OLD) ->> TG_ARGV[1]);
    RETURN NULL;
END $$;

CREATE TRIGGER send_changed AFTER UPDATE OF version ON sends
    FOR EACH ROW WHEN (NEW.watched_until > now()) EXECUTE FUNCTION tell_of_row('send', 'id');
CREATE TRIGGER send_removed AFTER DELETE ON sends
    FOR EACH ROW WHEN (OLD.watched_until > now()) EXECUTE FUNCTION tell_of_row('send', 'id');

CREATE FUNCTION tell_of_line() RETURNS trigger
LANGUAGE plpgsql AS
$$ BEGIN
    PERFORM tell_of('send', s.id) FROM sends s 
        WHERE s.id = coalesce(NEW.send_id, OLD.send_id) AND s.watched_until > now();
    RETURN NULL;
END $$;

CREATE TRIGGER line_changed AFTER INSERT OR DELETE OR UPDATE OF state, attempt_id ON cost_lines
    FOR EACH ROW EXECUTE FUNCTION tell_of_line();

CREATE TRIGGER key_changed AFTER UPDATE OF revoked_at, expires_at ON api_keys
    FOR EACH ROW EXECUTE FUNCTION tell_of_row('key', 'id');
CREATE TRIGGER key_removed AFTER DELETE ON api_keys
    FOR EACH ROW EXECUTE FUNCTION tell_of_row('key', 'id');
CREATE TRIGGER tenant_changed AFTER UPDATE OF settings, paused ON tenants
    FOR EACH ROW EXECUTE FUNCTION tell_of_row('tenant', 'id');
CREATE TRIGGER tenant_removed AFTER DELETE ON tenants
    FOR EACH ROW EXECUTE FUNCTION tell_of_row('tenant', 'id');
CREATE TRIGGER session_ended AFTER DELETE ON console_sessions
    FOR EACH ROW EXECUTE FUNCTION tell_of_row('person', 'person_id');
