-- One row for every event: what it is found by. What happened stays in the log alone.
CREATE TABLE audit_log (
    position        bigint      PRIMARY KEY,
    stream_id       uuid        NOT NULL,
    version         bigint      NOT NULL,
    type            text        NOT NULL,
    occurred_at     timestamptz NOT NULL,
    recorded_at     timestamptz NOT NULL,
    actor           text        NOT NULL,
    reason          text,
    correlation_id  uuid        NOT NULL,
    causation_id    uuid,
    idempotency_key text
);
CREATE INDEX ON audit_log (stream_id, position);
-- An actor or a reason may be longer than an index entry can be, and numbers are sorted quicker than texts.
-- The events of a case are found by the index that the log has anyway.
CREATE INDEX ON audit_log (hashtextextended(type, 0), position);
CREATE INDEX ON audit_log (hashtextextended(actor, 0), position);
CREATE INDEX ON audit_log (hashtextextended(reason, 0), position) WHERE reason IS NOT NULL;
CREATE INDEX ON audit_log (occurred_at);
CREATE INDEX ON audit_log USING brin (recorded_at) WITH (pages_per_range = 16);
CREATE INDEX ON audit_log USING hash (idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE INDEX ON audit_log (causation_id) WHERE causation_id IS NOT NULL;

-- What people call a stream.
CREATE TABLE audit_stream (
    stream_id uuid PRIMARY KEY,
    number    text NOT NULL
);
CREATE INDEX ON audit_stream USING hash (number);

-- How many events there are of every type, by every actor and for every reason.
CREATE TABLE audit_count (
    dimension text   NOT NULL,
    digest    uuid   NOT NULL,
    value     text   NOT NULL,
    events    bigint NOT NULL,
    PRIMARY KEY (dimension, digest)
) WITH (fillfactor = 70);
