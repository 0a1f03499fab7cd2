-- Several connections, also of different tenants, can lead to one Spectrum company. They must not post the same item
-- twice. All keys are hashes, and the service's role has no right to the tables: no tenant learns who the others are.

-- With `locked`, two sends to one account wait for each other until the end of the transaction.
CREATE OR REPLACE FUNCTION account_others(asked bytea, asker bytea, locked boolean) RETURNS TABLE (item bytea, stands boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ BEGIN
    IF locked THEN
        PERFORM pg_advisory_xact_lock(hashtextextended(encode(asked, 'hex'), 0));
    END IF;
    RETURN QUERY SELECT e.item, e.stands FROM account_entries e WHERE e.account = asked AND e.owner <> asker;
END $$;

CREATE OR REPLACE FUNCTION account_enter(entered bytea, asker bytea, ids text[], items bytea[], stand boolean[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ INSERT INTO account_entries AS e (line_id, account, item, owner, stands)
    SELECT u.id, entered, u.item, asker, u.stands FROM unnest(ids, items, stand) AS u (id, item, stands)
    ON CONFLICT (line_id, account) DO UPDATE SET item = excluded.item, stands = excluded.stands
    WHERE e.owner = excluded.owner $$;

CREATE OR REPLACE FUNCTION account_leave(ids text[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ DELETE FROM account_entries e WHERE e.line_id = ANY (ids) $$;

CREATE OR REPLACE FUNCTION company_enter(entered bytea, asker bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ INSERT INTO company_connections AS c (owner, key) VALUES (asker, entered)
    ON CONFLICT (owner) DO UPDATE SET key = excluded.key $$;

CREATE OR REPLACE FUNCTION company_leave(asker bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ DELETE FROM company_connections c WHERE c.owner = asker $$;

-- Of the companies asked for, those that connections other than `own` lead to.
CREATE OR REPLACE FUNCTION companies_elsewhere(asked bytea[], own bytea[]) RETURNS SETOF bytea
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT DISTINCT c.key FROM company_connections c WHERE c.key = ANY (asked) AND c.owner <> ALL (own) $$;

REVOKE ALL ON FUNCTION account_others(bytea, bytea, boolean),
    account_enter(bytea, bytea, text[], bytea[], boolean[]), account_leave(text[]),
    company_enter(bytea, bytea), company_leave(bytea), companies_elsewhere(bytea[], bytea[]) FROM PUBLIC;
