-- What-if runs: what somebody asked to be tried on the recorded history, and what came of it. Nothing happened, so none
-- of it is in the log: docs/decisions/0032-a-proposal-is-tried-beside-the-log.md.
SET LOCAL lock_timeout = '5s';
SET LOCAL statement_timeout = '60s';

CREATE TABLE log.simulation (
    id       uuid        PRIMARY KEY,
    proposal text        NOT NULL,
    asked_by text        NOT NULL,
    asked_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    state    text        NOT NULL DEFAULT 'waiting'
             CHECK (state IN ('waiting', 'running', 'done', 'failed', 'cancelled', 'expired')),
    tries    integer     NOT NULL DEFAULT 0,
    tickets  bigint,
    done     bigint      NOT NULL DEFAULT 0,
    begun_at timestamptz,
    ended_at timestamptz,
    reason   text,
    result   text,
    CHECK ((ended_at IS NULL) = (state IN ('waiting', 'running')))
);
CREATE INDEX simulation_asked ON log.simulation (asked_at);
CREATE INDEX simulation_open ON log.simulation (asked_at) WHERE ended_at IS NULL;

CREATE TABLE log.simulation_change (
    simulation uuid NOT NULL REFERENCES log.simulation,
    number     text NOT NULL COLLATE "C",
    ticket     uuid NOT NULL,
    told       text NOT NULL,
    PRIMARY KEY (simulation, number, ticket)
);

COMMENT ON TABLE log.simulation IS 'Every what-if run that was asked for, and by whom. Rows stay; results expire.';
COMMENT ON COLUMN log.simulation.proposal IS 'What was asked, with the position and the moment that it is about, as JSON.';
COMMENT ON COLUMN log.simulation.tries IS 'How often it was begun: a run whose process dies is begun again, three times in all.';
COMMENT ON COLUMN log.simulation.tickets IS 'How many tickets it looks at; NULL until they are counted.';
COMMENT ON COLUMN log.simulation.result IS 'Both compliance tables, as JSON.';
COMMENT ON TABLE log.simulation_change IS 'The tickets of which some verdict would be another.';

GRANT SELECT, INSERT ON log.simulation TO aftersales_service;
GRANT UPDATE (state, tries, tickets, done, begun_at, ended_at, reason, result) ON log.simulation TO aftersales_service;
GRANT SELECT, INSERT, DELETE ON log.simulation_change TO aftersales_service;
