-- What time brought is counted by type of event, for whoever watches the service.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE TABLE log.timer (
    type     text        PRIMARY KEY,
    events   bigint      NOT NULL CHECK (events > 0),
    moved_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE log.timer IS 'Events that timers recorded. A figure, no proof: a crash may leave a few uncounted.';

GRANT SELECT, INSERT ON log.timer TO aftersales_service;
GRANT UPDATE (events, moved_at) ON log.timer TO aftersales_service;
