-- Work order numbers that connections have claimed, over all tenants.
-- The service's role has no right to number_claims: it can only ask, and is told yes or no. So no tenant learns whose a
-- number is. The functions run with the rights of their owner (SECURITY DEFINER), and with a fixed search_path, so that
-- nobody can put another table in front of ours.

CREATE OR REPLACE FUNCTION number_taken(asked bytea, asker bytea) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT EXISTS (SELECT 1 FROM number_claims c WHERE c.key = asked AND c.owner <> asker) $$;

CREATE OR REPLACE FUNCTION number_accepted(asked bytea, asker bytea) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT EXISTS (SELECT 1 FROM number_claims c WHERE c.key = asked AND c.owner = asker AND c.accepted) $$;

-- A claim that takes over an accepted one keeps the former owner, so that give_back_number can restore it.
CREATE OR REPLACE FUNCTION claim_number(asked bytea, asker bytea, adopt boolean) RETURNS boolean
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
CREATE OR REPLACE FUNCTION accept_number(asked bytea, asker bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ INSERT INTO number_claims AS c (key, owner, accepted) VALUES (asked, asker, true)
   ON CONFLICT (key) DO UPDATE SET accepted = true, former = NULL WHERE c.owner = excluded.owner $$;

CREATE OR REPLACE FUNCTION give_back_number(asked bytea, asker bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ DELETE FROM number_claims c WHERE c.key = asked AND c.owner = asker AND NOT c.accepted AND c.former IS NULL;
   UPDATE number_claims c SET owner = c.former, accepted = true, former = NULL
   WHERE c.key = asked AND c.owner = asker AND NOT c.accepted AND c.former IS NOT NULL $$;

-- PostgreSQL lets everybody call a new function. Only the service's role gets the right back (server/role.py).
REVOKE ALL ON FUNCTION number_taken(bytea, bytea), number_accepted(bytea, bytea), claim_number(bytea, bytea, boolean),
    accept_number(bytea, bytea), give_back_number(bytea, bytea) FROM PUBLIC;
