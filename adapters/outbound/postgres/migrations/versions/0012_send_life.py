"""A send's life: plans of their own, lines that belong to one send, accounts that are Spectrum's, claims that can be
given back, and the second wall behind the word sent."""

from __future__ import annotations

from alembic import op

revision = "0012"
down_revision = "0011"

_TABLES = """
CREATE TABLE send_plans (
    id text PRIMARY KEY,
    tenant_id text NOT NULL REFERENCES tenants,
    send_id text NOT NULL REFERENCES sends ON DELETE CASCADE,
    plan jsonb NOT NULL,
    lines integer NOT NULL
);
CREATE INDEX send_plans_of_send ON send_plans (send_id);
ALTER TABLE sends
    ADD COLUMN plan_id text,
    ADD COLUMN header text NOT NULL DEFAULT 'none' CHECK (header IN ('none', 'begun', 'stands')),
    ADD COLUMN number_written boolean NOT NULL DEFAULT false,
    ADD COLUMN waits_for text;
CREATE INDEX sends_waiting ON sends (waits_for) WHERE waits_for IS NOT NULL;
ALTER TABLE cost_lines
    ADD COLUMN plan_id text NOT NULL DEFAULT '',
    ADD COLUMN given_back boolean NOT NULL DEFAULT false,
    DROP CONSTRAINT cost_lines_send_id_fkey,
    DROP CONSTRAINT cost_lines_connection_id_work_order_number_item_id_round_key;
ALTER TABLE work_orders
    ADD COLUMN claim_owner bytea,
    ADD COLUMN header_until timestamptz,
    ADD COLUMN header_epoch bigint,
    ADD COLUMN items_unknown boolean NOT NULL DEFAULT false,
    ADD COLUMN items_declared_at timestamptz;
ALTER TABLE connections ADD COLUMN endpoint_used boolean NOT NULL DEFAULT false;
-- Claims from before count as accepted: they cannot be told apart any more, and nobody loses a number by it.
ALTER TABLE number_claims ADD COLUMN accepted boolean NOT NULL DEFAULT true, ADD COLUMN former bytea;
ALTER TABLE number_claims ALTER COLUMN accepted SET DEFAULT false;
-- Whose a line is cannot be read from it: account, item and owner are hashes.
CREATE TABLE account_entries (
    line_id text NOT NULL,
    account bytea NOT NULL,
    item bytea NOT NULL,
    owner bytea NOT NULL,
    stands boolean NOT NULL,
    PRIMARY KEY (line_id, account)
);
CREATE INDEX account_entries_of_account ON account_entries (account);
"""

_DATA = """
INSERT INTO send_plans (id, tenant_id, send_id, plan, lines)
    SELECT 'pln_' || s.id, s.tenant_id, s.id, s.plan, coalesce(jsonb_array_length(s.plan->'lines'), 0)
    FROM sends s WHERE s.plan IS NOT NULL AND s.plan <> 'null'::jsonb;
UPDATE sends s SET plan_id = 'pln_' || s.id WHERE EXISTS (SELECT 1 FROM send_plans p WHERE p.send_id = s.id);
UPDATE sends s SET
    header = CASE
        WHEN EXISTS (
            SELECT 1 FROM work_orders w
            WHERE w.connection_id = s.connection_id AND w.job_id = s.job_id AND w.last_send_id = s.id
        ) THEN 'stands'
        WHEN s.step IN ('header', 'write_back', 'lines') THEN 'begun'
        ELSE 'none' END;
-- A line is only begun on a header that stands, with its number on the job.
UPDATE sends s SET header = 'stands', number_written = true
    WHERE s.state IN ('sent', 'sent_with_warnings') OR s.step = 'lines' OR EXISTS (
        SELECT 1 FROM cost_lines l WHERE l.send_id = s.id AND l.attempt_id IS NOT NULL AND l.attempt_id <> 'by_hand'
    );
-- An address was never changed with a trace, so what was sent counts for the present one.
UPDATE connections c SET endpoint_used = true
    WHERE EXISTS (SELECT 1 FROM work_orders w WHERE w.connection_id = c.id AND w.sent_at IS NOT NULL);
UPDATE cost_lines l SET plan_id = coalesce((SELECT s.plan_id FROM sends s WHERE s.id = l.send_id), '');
-- A send that failed or ended keeps nobody waiting any more.
UPDATE cost_lines l SET given_back = true
    FROM sends s WHERE s.id = l.send_id AND l.state IN ('planned', 'rejected', 'not_posted')
    AND s.state NOT IN ('queued', 'sending', 'retrying', 'in_doubt');
-- Of several sends that waited for the same doubt, the one whose line it is goes on first, and the others plan anew.
WITH doubtful AS (
    SELECT DISTINCT ON (l.connection_id, l.work_order_number) l.connection_id, l.work_order_number, l.send_id
    FROM cost_lines l WHERE l.state IN ('sending', 'in_doubt')
    ORDER BY l.connection_id, l.work_order_number, l.send_id
), waiting AS (
    UPDATE sends s SET state = 'queued', step = 'plan', due_at = NULL, waits_for = d.send_id, version = s.version + 1
    FROM doubtful d
    WHERE d.connection_id = s.connection_id AND d.work_order_number = s.work_order_number AND d.send_id <> s.id
    AND s.state = 'in_doubt'
    AND NOT EXISTS (SELECT 1 FROM cost_lines o WHERE o.send_id = s.id AND o.state IN ('sending', 'in_doubt'))
    RETURNING s.id
)
UPDATE cost_lines l SET given_back = true FROM waiting w
    WHERE l.send_id = w.id AND l.state IN ('planned', 'rejected', 'not_posted');
CREATE UNIQUE INDEX cost_lines_place ON cost_lines (connection_id, work_order_number, item_id, round)
    WHERE NOT given_back;
ALTER TABLE sends DROP COLUMN plan;
ALTER TABLE cost_lines ADD CONSTRAINT cost_lines_given_back
    CHECK (NOT given_back OR state IN ('planned', 'rejected', 'not_posted'));
"""

_ACCOUNTS = r"""
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
-- What stands from before accounts were kept, and what is planned at the moment.
WITH placed AS (
    SELECT l.id, l.item_id, l.state, c.id AS connection_id, sha256(convert_to('account' || E'\x1f' ||
        substring(c.settings->>'endpoint_url' FROM '^[a-z]+://\[?(.+?)\]?:[0-9]+/ws$') || E'\x1f' ||
        substring(c.settings->>'endpoint_url' FROM ':([0-9]+)/ws$') || E'\x1f' ||
        upper(c.settings->>'company_code') || E'\x1f' || upper(l.work_order_number), 'UTF8')) AS account
    FROM cost_lines l JOIN connections c ON c.id = l.connection_id WHERE NOT l.given_back
)
INSERT INTO account_entries (line_id, account, item, owner, stands)
    SELECT p.id, p.account,
        sha256(convert_to(concat_ws(E'\x1f', 'entry', encode(p.account, 'hex'), p.item_id), 'UTF8')),
        sha256(convert_to(p.connection_id, 'UTF8')), p.state = 'posted'
    FROM placed p WHERE p.account IS NOT NULL;
DROP FUNCTION remember_posted(bytea[]);
REVOKE ALL ON FUNCTION account_others(bytea, bytea, boolean),
    account_enter(bytea, bytea, text[], bytea[], boolean[]), account_leave(text[]) FROM PUBLIC;
"""

_CLAIMS = """
CREATE FUNCTION number_accepted(asked bytea, asker bytea) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS
$$ SELECT EXISTS (SELECT 1 FROM number_claims c WHERE c.key = asked AND c.owner = asker AND c.accepted) $$;
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
CREATE FUNCTION accept_number(asked bytea, asker bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ INSERT INTO number_claims AS c (key, owner, accepted) VALUES (asked, asker, true)
   ON CONFLICT (key) DO UPDATE SET accepted = true, former = NULL WHERE c.owner = excluded.owner $$;
CREATE FUNCTION give_back_number(asked bytea, asker bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS
$$ DELETE FROM number_claims c WHERE c.key = asked AND c.owner = asker AND NOT c.accepted AND c.former IS NULL;
   UPDATE number_claims c SET owner = c.former, accepted = true, former = NULL
   WHERE c.key = asked AND c.owner = asker AND NOT c.accepted AND c.former IS NOT NULL $$;
REVOKE ALL ON FUNCTION number_accepted(bytea, bytea), accept_number(bytea, bytea), give_back_number(bytea, bytea)
    FROM PUBLIC;
"""

_SENT_IS_SHOWN = """
-- The second wall: whatever the program believes, a send is not called sent while a line of its plan is not posted.
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
-- A line belongs to the send that planned it, for ever.
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
"""

_OURS = "tenant_id = current_setting('app.tenant', true)"


def upgrade() -> None:
    op.execute(_TABLES)
    # Row-level security binds the owner too, and this data belongs to all tenants.
    guarded = ("sends", "cost_lines", "work_orders", "connections")
    for table in guarded:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(_DATA)
    op.execute(_ACCOUNTS)
    for table in guarded:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE send_plans ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE send_plans FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY tenant_only ON send_plans USING ({_OURS}) WITH CHECK ({_OURS})")
    op.execute(_CLAIMS)
    op.execute(_SENT_IS_SHOWN)


def downgrade() -> None:
    raise NotImplementedError("There is no way back from a send's stored life; restore a backup instead.")
