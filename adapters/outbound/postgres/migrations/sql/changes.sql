-- Tells of changes on one channel: the kind of the record and its id, never more.
--
-- All transactions that notify commit one after the other. So sends, which change all the time, are only told of while
-- somebody waits for them (watched_until); who can come in changes rarely, so that is always told.

CREATE OR REPLACE FUNCTION tell_of(kind text, id text) RETURNS void
LANGUAGE sql AS $$ SELECT pg_notify('jobferry_changes', kind || ' ' || id) $$;

-- The trigger's arguments: the kind, and the column with the record's id.
CREATE OR REPLACE FUNCTION tell_of_row() RETURNS trigger
LANGUAGE plpgsql AS
$$ BEGIN
    PERFORM tell_of(TG_ARGV[0], to_jsonb(OLD) ->> TG_ARGV[1]);
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER send_changed AFTER UPDATE OF version ON sends
    FOR EACH ROW WHEN (NEW.watched_until > now()) EXECUTE FUNCTION tell_of_row('send', 'id');
CREATE OR REPLACE TRIGGER send_removed AFTER DELETE ON sends
    FOR EACH ROW WHEN (OLD.watched_until > now()) EXECUTE FUNCTION tell_of_row('send', 'id');

CREATE OR REPLACE FUNCTION tell_of_line() RETURNS trigger
LANGUAGE plpgsql AS
$$ BEGIN
    PERFORM tell_of('send', s.id) FROM sends s 
        WHERE s.id = coalesce(NEW.send_id, OLD.send_id) AND s.watched_until > now();
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER line_changed AFTER INSERT OR DELETE OR UPDATE OF state, attempt_id ON cost_lines
    FOR EACH ROW EXECUTE FUNCTION tell_of_line();

CREATE OR REPLACE TRIGGER key_changed AFTER UPDATE OF revoked_at, expires_at ON api_keys
    FOR EACH ROW EXECUTE FUNCTION tell_of_row('key', 'id');
CREATE OR REPLACE TRIGGER key_removed AFTER DELETE ON api_keys
    FOR EACH ROW EXECUTE FUNCTION tell_of_row('key', 'id');
CREATE OR REPLACE TRIGGER tenant_changed AFTER UPDATE OF settings, paused ON tenants
    FOR EACH ROW EXECUTE FUNCTION tell_of_row('tenant', 'id');
CREATE OR REPLACE TRIGGER tenant_removed AFTER DELETE ON tenants
    FOR EACH ROW EXECUTE FUNCTION tell_of_row('tenant', 'id');
CREATE OR REPLACE TRIGGER session_ended AFTER DELETE ON console_sessions
    FOR EACH ROW EXECUTE FUNCTION tell_of_row('person', 'person_id');
