-- What the database refuses even if the program is wrong about it.

-- A send is not called sent while a line of its plan is not posted.
CREATE OR REPLACE FUNCTION sent_is_shown() RETURNS trigger LANGUAGE plpgsql AS
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
CREATE OR REPLACE TRIGGER sent_is_shown BEFORE UPDATE OF state ON sends FOR EACH ROW
    WHEN (NEW.state IN ('sent', 'sent_with_warnings') AND OLD.state IS DISTINCT FROM NEW.state)
    EXECUTE FUNCTION sent_is_shown();

-- A line always belongs to the send that planned it. Otherwise it could be posted a second time for another send.
CREATE OR REPLACE FUNCTION line_keeps_its_send() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
    IF NEW.send_id <> OLD.send_id OR NEW.item_id <> OLD.item_id OR NEW.work_order_number <> OLD.work_order_number
        OR NEW.connection_id <> OLD.connection_id OR NEW.round <> OLD.round THEN
        RAISE EXCEPTION 'the line % belongs to the send %', OLD.id, OLD.send_id
            USING ERRCODE = 'check_violation', CONSTRAINT = 'line_keeps_its_send';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER line_keeps_its_send BEFORE UPDATE ON cost_lines FOR EACH ROW EXECUTE FUNCTION line_keeps_its_send();
