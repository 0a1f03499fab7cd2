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

-- The service may add to the audit, but not change it. Its entries are only deleted together with their tenant.
CREATE FUNCTION forget_audit(removed text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ DELETE FROM audit WHERE tenant_id = removed $$;

REVOKE ALL ON FUNCTION census(interval), forget_audit(text) FROM PUBLIC;
