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
    causation_id   uuid,
    zh             text        NOT NULL,
    en             text        NOT NULL
);
CREATE INDEX ON timeline (case_id, position);

-- What people call a stream: a ticket, a part or a contract.
CREATE TABLE timeline_subject (
    stream_id uuid PRIMARY KEY,
    number    text NOT NULL
);

COMMENT ON COLUMN timeline.case_id IS 'The service case: the ticket that all of it was done for.';
