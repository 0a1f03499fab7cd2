-- What an operator needs over all tenants.

-- Metrics: counts, and nothing but counts. The policies `counted` let this function see the rows.
CREATE OR REPLACE FUNCTION census(silence interval)
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
        UNION SELECT n.tenant_id FROM creations n
            WHERE n.due_at IS NULL AND n.state IN ('in_doubt', 'created') AND n.code_kept_at IS NULL
        UNION SELECT w.tenant_id FROM work_orders w WHERE w.unclear
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
    SELECT 'worker', 'alive', count(*), NULL FROM procrastinate_workers w
        WHERE w.last_heartbeat BETWEEN now() - silence AND now() + silence;
    PERFORM set_config('app.counting', '', true);
END $$;

-- The service may add to the audit, but not change it. Its entries are only deleted together with their tenant, or by age.
-- Of the tenant's name, the operators' audit keeps none.
CREATE OR REPLACE FUNCTION forget_audit(removed text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ DELETE FROM audit WHERE tenant_id = removed; UPDATE operator_audit SET detail = detail - 'name' WHERE subject = removed $$;

-- Puts an id in the place of the address of somebody who was removed, in all rows of the transaction's tenant; in the
-- instance's transaction, in the operators' audit. What was done stays. Nobody may hide the acts of a person who is there.
CREATE OR REPLACE FUNCTION forget_person(email text, id text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ DECLARE
    of_tenant text := coalesce(current_setting('app.tenant', true), '');
    instead text := 'removed person ' || forget_person.id;
    quoted text := to_jsonb(forget_person.email)::text;
    quoted_instead text := to_jsonb(instead)::text;
    of_alias text := ' UTC by ' || substr(quoted, 2);
    of_keys text := replace(replace(forget_person.email, '%', '%25'), '/', '%2F') || '/';
BEGIN
    IF EXISTS (SELECT FROM people p WHERE p.email = forget_person.email AND coalesce(p.tenant_id, '') = of_tenant) THEN
        RAISE EXCEPTION 'this person was not removed' USING ERRCODE = 'check_violation', CONSTRAINT = 'audit_is_kept';
    END IF;
    IF of_tenant = '' THEN
        UPDATE operator_audit a SET actor = instead, actor_name = '' WHERE a.actor = forget_person.email;
        UPDATE operator_audit a SET detail = replace(a.detail::text, quoted, quoted_instead)::jsonb
        WHERE position(quoted IN a.detail::text) > 0;
        UPDATE people p SET created_by = instead WHERE p.tenant_id IS NULL AND p.created_by = forget_person.email;
        UPDATE api_keys k SET created_by = instead WHERE k.tenant_id IS NULL AND k.created_by = forget_person.email;
        RETURN;
    END IF;
    UPDATE audit a SET actor = instead, actor_name = '' WHERE a.tenant_id = of_tenant AND a.actor = forget_person.email;
    UPDATE audit a SET detail = replace(a.detail::text, quoted, quoted_instead)::jsonb
    WHERE a.tenant_id = of_tenant AND position(quoted IN a.detail::text) > 0;
    UPDATE sends s SET requested_by = instead WHERE s.tenant_id = of_tenant AND s.requested_by = forget_person.email;
    UPDATE idempotency_keys k SET key = instead || '/' || substr(k.key, length(of_keys) + 1)
    WHERE k.tenant_id = of_tenant AND starts_with(k.key, of_keys);
    UPDATE cost_lines l SET settled_by = instead WHERE l.tenant_id = of_tenant AND l.settled_by = forget_person.email;
    UPDATE aliases a SET set_by = instead WHERE a.tenant_id = of_tenant AND a.set_by = forget_person.email;
    UPDATE alias_history h SET set_by = CASE h.set_by WHEN forget_person.email THEN instead ELSE h.set_by END,
        ended_by = CASE h.ended_by WHEN forget_person.email THEN instead ELSE h.ended_by END
    WHERE h.tenant_id = of_tenant AND forget_person.email IN (h.set_by, h.ended_by);
    UPDATE people p SET created_by = instead WHERE p.tenant_id = of_tenant AND p.created_by = forget_person.email;
    UPDATE api_keys k SET created_by = instead WHERE k.tenant_id = of_tenant AND k.created_by = forget_person.email;
    UPDATE recipients r SET created_by = instead WHERE r.tenant_id = of_tenant AND r.created_by = forget_person.email;
    UPDATE reconciliations r SET requested_by = instead
    WHERE r.tenant_id = of_tenant AND r.requested_by = forget_person.email;
    UPDATE suggestion_searches s SET requested_by = instead
    WHERE s.tenant_id = of_tenant AND s.requested_by = forget_person.email;
    UPDATE suggested_records s SET decided_by = instead
    WHERE s.tenant_id = of_tenant AND s.decided_by = forget_person.email;
    -- A sentence of ours that begins with who set an alias meanwhile.
    UPDATE suggested_records s SET trouble = instead || substr(s.trouble, length(forget_person.email) + 1)
    WHERE s.tenant_id = of_tenant AND starts_with(s.trouble, forget_person.email || ' ');
    UPDATE connections c SET last_test = jsonb_set(c.last_test, '{by}', to_jsonb(instead))
    WHERE c.tenant_id = of_tenant AND c.last_test ->> 'by' = forget_person.email;
    -- Of a value from an alias the plan says when it was set and by whom. What was sent stays as it was sent.
    UPDATE send_plans p SET plan = replace(p.plan::text, of_alias, ' UTC by ' || instead || '"')::jsonb
    WHERE p.tenant_id = of_tenant AND position(of_alias IN p.plan::text) > 0;
    UPDATE creations c SET requested_by = CASE c.requested_by WHEN forget_person.email THEN instead ELSE c.requested_by END,
        settled_by = CASE c.settled_by WHEN forget_person.email THEN instead ELSE c.settled_by END
    WHERE c.tenant_id = of_tenant AND forget_person.email IN (c.requested_by, c.settled_by);
    UPDATE webhook_deliveries d SET body = replace(d.body, quoted, quoted_instead)
    WHERE d.tenant_id = of_tenant AND position(quoted IN d.body) > 0;
END $$;

-- The oldest entries of the transaction's tenant. What happened in the last 30 days stays, whatever the caller asks.
CREATE OR REPLACE FUNCTION forget_old_audit(before timestamptz, most integer) RETURNS bigint
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
CREATE OR REPLACE FUNCTION forget_old_operator_audit(before timestamptz, most integer) RETURNS bigint
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
CREATE OR REPLACE FUNCTION name_actor() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
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
CREATE OR REPLACE TRIGGER name_actor BEFORE INSERT ON audit FOR EACH ROW EXECUTE FUNCTION name_actor();
CREATE OR REPLACE TRIGGER name_actor BEFORE INSERT ON operator_audit FOR EACH ROW EXECUTE FUNCTION name_actor();

REVOKE ALL ON FUNCTION census(interval), forget_audit(text), forget_person(text, text), forget_old_audit(timestamptz, integer),
    forget_old_operator_audit(timestamptz, integer), name_actor() FROM PUBLIC;
