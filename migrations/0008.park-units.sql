-- A view that cannot fold an event parks what the event belongs to, and goes on with everything else; a
-- leader that another one has followed cannot write any more.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

ALTER TABLE log.tracking ADD COLUMN fence bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN log.tracking.fence IS 'Raised by every new leader and every remaking; an older number cannot write.';

CREATE TABLE log.parked (
    projection text        NOT NULL,
    log        text        NOT NULL,
    unit       uuid        NOT NULL,
    position   bigint      NOT NULL,
    type       text        NOT NULL,
    failure    text        NOT NULL,
    parked_at  timestamptz NOT NULL DEFAULT clock_timestamp(),
    tries      integer     NOT NULL DEFAULT 1,
    retry_at   timestamptz NOT NULL,
    PRIMARY KEY (projection, log, unit)
);
COMMENT ON TABLE log.parked IS 'What views hold back: the events of a unit from a position on.';
COMMENT ON COLUMN log.parked.unit IS 'The stream or the service case, whichever the view keeps together.';

GRANT SELECT, INSERT, UPDATE, DELETE ON log.parked TO aftersales_service;
