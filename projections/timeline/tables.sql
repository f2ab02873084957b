CREATE TABLE timeline (
    position       bigint      PRIMARY KEY,
    case_id        uuid        NOT NULL,
    stream_id      uuid        NOT NULL,
    version        bigint      NOT NULL,
    type           text        NOT NULL,
    occurred_at    timestamptz NOT NULL,
    recorded_at    timestamptz NOT NULL,
    actor          text        NOT NULL,
    reason         text,
    zh             text        NOT NULL,
    en             text        NOT NULL
);
CREATE INDEX ON timeline (case_id, position);

COMMENT ON COLUMN timeline.case_id IS 'The service case: the ticket that all of it was done for.';
