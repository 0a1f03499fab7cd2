-- The admission of due work: what Procrastinate's own interface cannot do.
--
-- Its workers take jobs in the order of their ids, whoever they belong to. If all that is due were queued at once, one
-- tenant's backlog would stand before everybody else's work, and each fetch would step over it. So a job is queued only
-- when there is a slot for it, in a fair order, and this order needs the due work and the queued jobs in one query.
-- All the rest goes through Procrastinate's interface: taking and ending jobs, heartbeats, and the jobs of dead workers.

-- A commit that makes work due wakes the workers. Work that was due already needs no notification: it is admitted, or
-- it waits for a slot, and the end of a job is seen by the worker that had it.
CREATE OR REPLACE FUNCTION notify_due() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN PERFORM pg_notify('jobferry_due', ''); RETURN NULL; END $$;
CREATE OR REPLACE TRIGGER notify_added AFTER INSERT ON due_work FOR EACH ROW
    WHEN (NEW.due_at <= now()) EXECUTE FUNCTION notify_due();
CREATE OR REPLACE TRIGGER notify_due AFTER UPDATE ON due_work FOR EACH ROW
    WHEN (NEW.due_at <= now() AND (OLD.due_at IS NULL OR OLD.due_at > now())) EXECUTE FUNCTION notify_due();

-- Whoever ends a subject's work locks it, looks what is left, and stores when it is due next. Who adds work takes the
-- lock, too, so that the end sees the work or is followed by it. Many may add work at once: they share the lock, and
-- none of them changes the row if it is due already, so that their commits do not wait for each other. It is a lock of
-- its own because a row that is locked by many is never free for the one that waits. It is held until the commit.
CREATE OR REPLACE FUNCTION lock_due(of_kind text, of_subject text, shared boolean) RETURNS boolean LANGUAGE plpgsql AS
$$ DECLARE name bigint := hashtextextended(of_kind || ':' || of_subject, 0); BEGIN
    IF shared THEN
        PERFORM pg_advisory_xact_lock_shared(name);
    ELSE
        PERFORM pg_advisory_xact_lock(name);
    END IF;
    RETURN true;
END $$;

-- Make it due at `moment`, unless it is due earlier, beside others who do the same.
CREATE OR REPLACE FUNCTION wake_due(of_tenant text, of_kind text, of_subject text, moment timestamptz) RETURNS void
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
CREATE OR REPLACE FUNCTION admit_due(kinds text[], worker bigint, slots integer, share integer, stalled interval)
RETURNS TABLE (slots_short boolean, at_share text[], next_in double precision)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ DECLARE
    idle integer;
    queued integer;
    most integer;
    jobs procrastinate_job_to_defer_v1[];
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('admit_due', 0));  -- two at once would count the same slots
    -- The server's clock was set back: who is dead would seem alive until it has caught up; who lives is heard of again.
    UPDATE procrastinate_workers w SET last_heartbeat = now() WHERE w.last_heartbeat > now() + stalled;
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
