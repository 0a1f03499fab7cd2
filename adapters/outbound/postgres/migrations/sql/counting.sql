-- The one way to count jobs that wait: by the state of their sends, never by the cause of a failure. A job with three
-- failed sends is one job. `waiting` is who or what it waits for; with '' as cause a row is the sum of a group, and the
-- row 'attention' has all jobs that wait for a person.
--
-- It reads open sends only, all from one index, and runs with the rights of its caller.
CREATE OR REPLACE FUNCTION count_jobs(of_tenant text)
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
    UNION ALL
    -- New sites and customers that wait for a person, as `Creation.needs_person`.
    SELECT 'new_records', '', true, count(*), 0, 0, NULL, NULL FROM creations n
    WHERE n.tenant_id = of_tenant AND n.due_at IS NULL AND n.state IN ('in_doubt', 'created') AND n.code_kept_at IS NULL
    UNION ALL
    -- Notes and documents that are or are not in Spectrum.
    SELECT 'unclear_annotations', '', true, count(*), 0, 0, NULL, NULL
    FROM work_orders w CROSS JOIN LATERAL jsonb_each(w.annotations) a
    WHERE w.tenant_id = of_tenant AND w.unclear AND a.value ->> 'state' = 'unclear'
$$;

-- The counts of a day are kept once it has been over for two hours (`close_days`), and go when one of its sends changes.
-- Sends of the last hour have no such day, so a send that goes well soon is not looked at here. The lock: who counts a
-- day waits for the changes that are under way, and those that come meanwhile wait until the counts can be found.
CREATE OR REPLACE FUNCTION reopen_day() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    PERFORM pg_advisory_xact_lock_shared(hashtextextended('closed_days:' || OLD.tenant_id, 0));
    DELETE FROM closed_days d
    WHERE d.tenant_id = OLD.tenant_id AND d.starts_at <= OLD.requested_at AND d.ends_at > OLD.requested_at;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER day_changed AFTER UPDATE OF state ON sends FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state AND OLD.requested_at < now() - interval '1 hour')
    EXECUTE FUNCTION reopen_day();
CREATE OR REPLACE TRIGGER day_lost AFTER DELETE ON sends FOR EACH ROW
    WHEN (OLD.requested_at > now() - interval '16 days') EXECUTE FUNCTION reopen_day();

REVOKE ALL ON FUNCTION count_jobs(text) FROM PUBLIC;
