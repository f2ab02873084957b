-- The log's guard opens for a recorded maintenance and for nothing else, and writes down what passes: docs/operations.md.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE TABLE log.maintenance_change (
    id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    maintenance bigint      NOT NULL,
    position    bigint      NOT NULL,
    operation   text        NOT NULL,
    leaf_before bytea       NOT NULL,
    leaf_after  bytea,
    changed_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    changed_by  text        NOT NULL DEFAULT session_user
);
CREATE INDEX maintenance_change_maintenance ON log.maintenance_change (maintenance, id);
CREATE INDEX maintenance_change_position ON log.maintenance_change (position);
COMMENT ON TABLE log.maintenance_change IS 'What was changed in events since they were recorded. Rows are added, never changed.';
COMMENT ON COLUMN log.maintenance_change.maintenance IS 'Position of the event that opened the maintenance.';
COMMENT ON COLUMN log.maintenance_change.leaf_before IS 'Leaf hash of the event as it stood, computed anew: docs/log-format.md.';
COMMENT ON COLUMN log.maintenance_change.leaf_after IS 'The same of what stands there now; NULL for nothing.';

CREATE TRIGGER maintenance_change_is_immutable BEFORE UPDATE OR DELETE ON log.maintenance_change
    FOR EACH ROW EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER maintenance_change_is_not_truncated BEFORE TRUNCATE ON log.maintenance_change
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();
ALTER TABLE log.maintenance_change ENABLE ALWAYS TRIGGER maintenance_change_is_immutable;
ALTER TABLE log.maintenance_change ENABLE ALWAYS TRIGGER maintenance_change_is_not_truncated;
GRANT SELECT ON log.maintenance_change TO aftersales_service;

CREATE FUNCTION log.leaf_of(event log.event) RETURNS bytea LANGUAGE sql STABLE
SET search_path = pg_catalog, pg_temp AS $$
SELECT sha256('\x00'::bytea || 'aftersales event 1'
    || int4send(8) || int8send(event.position)
    || int4send(16) || uuid_send(event.stream_id)
    || int4send(8) || int8send(event.version)
    || int4send(octet_length(event.type)) || convert_to(event.type, 'UTF8')
    || int4send(8) || int8send(event.schema)
    || int4send(octet_length(event.data)) || event.data
    || int4send(8) || int8send((extract(epoch FROM event.occurred_at) * 1000000)::bigint)
    || int4send(8) || int8send((extract(epoch FROM event.recorded_at) * 1000000)::bigint)
    || int4send(octet_length(event.actor)) || convert_to(event.actor, 'UTF8')
    || coalesce(int4send(octet_length(event.reason)) || convert_to(event.reason, 'UTF8'), '\xffffffff')
    || int4send(16) || uuid_send(event.correlation_id)
    || coalesce(int4send(16) || uuid_send(event.causation_id), '\xffffffff')
    || coalesce(int4send(octet_length(event.idempotency_key)) || convert_to(event.idempotency_key, 'UTF8'),
                '\xffffffff'))
$$;

-- The setting names the event that opened the maintenance; it must be the last one of the log's own stream
-- (domain/upkeep.py, stream_of('log')), and so not be followed by the one that closes it.
CREATE FUNCTION log.guard_event() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    said constant text := current_setting('log.maintenance', true);
    last record;
BEGIN
    IF coalesce(said, '') = '' THEN
        RAISE EXCEPTION 'the event log is append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
    END IF;
    SELECT position, type INTO last FROM log.event
    WHERE stream_id = '52131844-a2c9-550b-bcc3-a114680afaf7' ORDER BY version DESC LIMIT 1;
    IF NOT FOUND OR last.position::text <> said OR last.type <> 'log.maintenance_opened' THEN
        RAISE EXCEPTION 'the event log is append-only: % is refused, no maintenance % is open', TG_OP, said
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO log.maintenance_change (maintenance, position, operation, leaf_before, leaf_after)
    VALUES (last.position, OLD.position, TG_OP, log.leaf_of(OLD),
            CASE WHEN TG_OP = 'UPDATE' THEN log.leaf_of(NEW) END);
    RETURN CASE WHEN TG_OP = 'UPDATE' THEN NEW ELSE OLD END;
END $$;

DROP TRIGGER event_is_immutable ON log.event;
CREATE TRIGGER event_is_immutable BEFORE UPDATE OR DELETE ON log.event
    FOR EACH ROW EXECUTE FUNCTION log.guard_event();
ALTER TABLE log.event ENABLE ALWAYS TRIGGER event_is_immutable;
ALTER TABLE log.event ENABLE ALWAYS TRIGGER event_is_not_truncated;
