-- Views are built anew beside the ones that are read: in a schema of their own, and every rebuild leaves a row.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE SCHEMA view_next;
GRANT USAGE, CREATE ON SCHEMA view_next TO aftersales_service;

CREATE TABLE log.rebuild (
    id         bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    projection text        NOT NULL,
    before     text,
    definition text        NOT NULL,
    begun_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at   timestamptz,
    position   bigint,
    outcome    text        CHECK (outcome IN ('swapped', 'refused', 'failed', 'abandoned')),
    tables     text,
    reason     text,
    CHECK ((outcome IS NULL) = (ended_at IS NULL))
);
CREATE INDEX rebuild_projection ON log.rebuild (projection, id);

COMMENT ON TABLE log.rebuild IS 'Every time that a view was built anew; the last row of a view is the newest.';
COMMENT ON COLUMN log.rebuild.before IS 'The definition of the tables that were read meanwhile.';
COMMENT ON COLUMN log.rebuild.position IS 'The position at which old and new tables were compared.';
COMMENT ON COLUMN log.rebuild.outcome IS 'None while it runs. Whoever begins another ends it: abandoned.';
COMMENT ON COLUMN log.rebuild.tables IS 'Rows and digests of every table, old and new, and what differs, as JSON.';
COMMENT ON COLUMN log.rebuild.reason IS 'Why it failed, or why a difference was accepted.';

GRANT SELECT, INSERT ON log.rebuild TO aftersales_service;
GRANT UPDATE (ended_at, position, outcome, tables, reason) ON log.rebuild TO aftersales_service;
