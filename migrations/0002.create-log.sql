-- The event log: one append-only table, its head row, and what is decided in the same transaction.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE TABLE log.event (
    position        bigint      PRIMARY KEY,
    stream_id       uuid        NOT NULL,
    version         bigint      NOT NULL,
    type            text        NOT NULL,
    schema          smallint    NOT NULL,
    data            bytea       NOT NULL,
    occurred_at     timestamptz NOT NULL,
    recorded_at     timestamptz NOT NULL,
    actor           text        NOT NULL,
    reason          text,
    correlation_id  uuid        NOT NULL,
    causation_id    uuid,
    idempotency_key text,
    UNIQUE (stream_id, version)
);
CREATE INDEX event_correlation ON log.event (correlation_id, position);

COMMENT ON TABLE log.event IS 'Every fact, in commit order. Rows are added, never changed.';
COMMENT ON COLUMN log.event.position IS 'Place in the log: from 1, gapless, in commit order.';
COMMENT ON COLUMN log.event.data IS 'The event as JSON, exactly the bytes that were recorded.';
COMMENT ON COLUMN log.event.occurred_at IS 'When it happened.';
COMMENT ON COLUMN log.event.recorded_at IS 'When the log took it; never earlier than the row before.';
COMMENT ON COLUMN log.event.correlation_id IS 'The service case: the ticket all of it was done for.';

-- The head row gives out positions. Whoever holds it appends; everybody else waits for a moment.
CREATE TABLE log.head (
    only_row    boolean     PRIMARY KEY DEFAULT true CHECK (only_row),
    position    bigint      NOT NULL,
    recorded_at timestamptz NOT NULL
) WITH (fillfactor = 10);
INSERT INTO log.head (position, recorded_at) VALUES (0, 'epoch');

-- Names that belong to one stream only: ticket numbers, rows of imported files.
CREATE TABLE log.name (
    name      text PRIMARY KEY,
    stream_id uuid NOT NULL
);
CREATE INDEX name_stream ON log.name (stream_id);

-- The last number given out in each series, such as T-2026.
CREATE TABLE log.series (
    series text   PRIMARY KEY,
    last   bigint NOT NULL
) WITH (fillfactor = 50);

-- Commands that came with an Idempotency-Key, and what they recorded.
CREATE TABLE log.command (
    caller      text        NOT NULL,
    key         text        NOT NULL,
    digest      bytea       NOT NULL,
    stream_id   uuid        NOT NULL,
    version     bigint      NOT NULL,
    position    bigint      NOT NULL,
    recorded_at timestamptz NOT NULL,
    PRIMARY KEY (caller, key)
);

CREATE TABLE log.snapshot (
    originator_id      uuid   NOT NULL,
    originator_version bigint NOT NULL,
    topic              text   NOT NULL,
    state              bytea  NOT NULL,
    PRIMARY KEY (originator_id, originator_version)
);

-- How far each reader has read: projections and reactions. The definition says which code wrote a
-- projection's tables; the failure, why it stopped.
CREATE TABLE log.tracking (
    projection text        NOT NULL,
    log        text        NOT NULL,
    position   bigint      NOT NULL,
    moved_at   timestamptz NOT NULL DEFAULT now(),
    definition text,
    failure    text,
    PRIMARY KEY (projection, log)
) WITH (fillfactor = 50);

CREATE FUNCTION log.refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the event log is append-only: % is refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER event_is_immutable BEFORE UPDATE OR DELETE ON log.event
    FOR EACH ROW EXECUTE FUNCTION log.refuse_change();
CREATE TRIGGER event_is_not_truncated BEFORE TRUNCATE ON log.event
    FOR EACH STATEMENT EXECUTE FUNCTION log.refuse_change();

CREATE VIEW public.event_log AS
SELECT position, stream_id, version, type, schema, occurred_at, recorded_at, actor, reason,
       correlation_id, causation_id, idempotency_key, convert_from(data, 'UTF8')::jsonb AS data
FROM log.event;
COMMENT ON VIEW public.event_log IS 'The log for reading with psql alone: SELECT * FROM event_log ORDER BY position.';

GRANT SELECT, INSERT ON log.event, log.name, log.command TO aftersales_service;
GRANT SELECT, UPDATE ON log.head TO aftersales_service;
GRANT SELECT, INSERT, UPDATE ON log.series, log.tracking, log.snapshot TO aftersales_service;
GRANT SELECT ON public.event_log TO aftersales_service;
