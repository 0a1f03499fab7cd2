-- Workers ask what is due before they know any tenant. Row-level security binds the owner of these functions too, so
-- they set app.claiming, which the policies claimed_by_workers ask for. Only ids and moments can be reached this way.

-- One worker at a time follows a tenant. Claiming moves the tenant's moment on by the lease: if the worker dies, the
-- tenant is due again after it.
CREATE FUNCTION claim_due_tenants(lease interval, most integer) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ BEGIN
    PERFORM set_config('app.claiming', 'on', true);
    -- Materialized: as a plain subquery it may run once a row, and then takes more than `most`.
    RETURN QUERY WITH due AS MATERIALIZED (
        SELECT w.tenant_id FROM tenant_watch w WHERE w.due_at <= now()
        ORDER BY w.due_at LIMIT most FOR UPDATE SKIP LOCKED
    ) UPDATE tenant_watch t SET due_at = now() + lease FROM due WHERE t.tenant_id = due.tenant_id
    RETURNING t.tenant_id;
    PERFORM set_config('app.claiming', '', true);
END $$;

CREATE FUNCTION claim_due_secrets(lease interval, most integer)
RETURNS TABLE (tenant text, connection text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ BEGIN
    PERFORM set_config('app.claiming', 'on', true);
    RETURN QUERY WITH due AS MATERIALIZED (
        SELECT s.connection_id FROM secret_due s
        WHERE s.due_at <= now() AND (s.claimed_until IS NULL OR s.claimed_until <= now())
        ORDER BY s.due_at LIMIT most FOR UPDATE SKIP LOCKED
    ) UPDATE secret_due t SET claimed_until = now() + lease FROM due WHERE t.connection_id = due.connection_id
    RETURNING t.tenant_id, t.connection_id;
    PERFORM set_config('app.claiming', '', true);
END $$;

-- One worker at a time delivers to an endpoint. If the worker dies, others may claim it after the lease. An event that
-- comes meanwhile makes the endpoint due, but others still cannot claim it. A tenant with many endpoints takes no more
-- than `most_of_a_tenant` of them at once, so that the others get their turn.
CREATE FUNCTION claim_due_endpoints(lease interval, most integer, most_of_a_tenant integer)
RETURNS TABLE (tenant text, endpoint text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ BEGIN
    PERFORM set_config('app.claiming', 'on', true);
    RETURN QUERY WITH served AS (
        SELECT s.tenant_id, count(*) AS endpoints FROM webhook_due s WHERE s.claimed_until > now() GROUP BY s.tenant_id
    ), ranked AS (
        SELECT w.endpoint_id, coalesce(s.endpoints, 0)
            + row_number() OVER (PARTITION BY w.tenant_id ORDER BY w.due_at, w.endpoint_id) AS place
        FROM webhook_due w LEFT JOIN served s ON s.tenant_id = w.tenant_id
        WHERE w.due_at <= now() AND (w.claimed_until IS NULL OR w.claimed_until <= now())
    ), due AS MATERIALIZED (
        SELECT w.endpoint_id FROM webhook_due w JOIN ranked r ON r.endpoint_id = w.endpoint_id
        WHERE r.place <= most_of_a_tenant
            AND w.due_at <= now() AND (w.claimed_until IS NULL OR w.claimed_until <= now())
        ORDER BY w.due_at LIMIT most FOR UPDATE OF w SKIP LOCKED
    ) UPDATE webhook_due t SET claimed_until = now() + lease FROM due WHERE t.endpoint_id = due.endpoint_id
    RETURNING t.tenant_id, t.endpoint_id;
    PERFORM set_config('app.claiming', '', true);
END $$;

REVOKE ALL ON FUNCTION claim_due_tenants(interval, integer), claim_due_secrets(interval, integer),
    claim_due_endpoints(interval, integer, integer) FROM PUBLIC;
